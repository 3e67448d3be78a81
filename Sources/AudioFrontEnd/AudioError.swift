/// Why sound could not be read or features not made. Each case has the path, what was expected and what was found;
/// `description` is one sentence.
public enum AudioError: Error, Sendable, Hashable {
    case missing(path: String)
    case directory(path: String)
    case cannotOpen(path: String, reason: String)
    case emptyFile(path: String)
    /// The bytes are of no format that can be read; `found` describes their beginning.
    case notAudio(path: String, found: String)
    /// The file ends, or breaks, before its samples begin.
    case brokenHeader(path: String, expected: String, found: String)
    /// A format that is recognised and cannot be read; `reason` is what the library says.
    case unsupported(path: String, reason: String)
    case noSamples(path: String)
    /// All samples are NaN or infinite.
    case onlyNotANumber(path: String, count: Int)
    case sampleRate(path: String, found: Int)
    case channels(path: String, found: Int)
    case noSuchChannel(path: String, wanted: Int, found: Int)
    case readFailed(path: String, reason: String)
    /// Standard input could not be kept in a temporary file at `path`.
    case spoolFailed(path: String, reason: String)
    /// An option out of its range.
    case option(name: String, expected: String, found: String)
    case resampling(from: Double, to: Double, reason: String)
    /// Statistics or normalisation that do not fit the features' width.
    case width(expected: Int, found: Int)
}

extension AudioError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let path): "\(path): there is no such file."
        case .directory(let path): "\(path): expected an audio file, found a directory."
        case .cannotOpen(let path, let reason): "\(path): cannot be opened (\(reason))."
        case .emptyFile(let path): "\(path): expected audio, found an empty file."
        case .notAudio(let path, let found): "\(path): expected an audio file, found \(found)."
        case .brokenHeader(let path, let expected, let found):
            "\(path): the header is incomplete: expected \(expected), found \(found)."
        case .unsupported(let path, let reason): "\(path): this kind of audio file cannot be read (\(reason))."
        case .noSamples(let path): "\(path): expected audio, found 0 samples."
        case .onlyNotANumber(let path, let count):
            "\(path): none of the \(count) samples is a number (all are NaN or infinite)."
        case .sampleRate(let path, let found):
            "\(path): expected a sample rate from \(AudioLimits.sampleRates.lowerBound) to "
                + "\(AudioLimits.sampleRates.upperBound) Hz, found \(found) Hz."
        case .channels(let path, let found):
            "\(path): expected \(AudioLimits.channels.lowerBound) to \(AudioLimits.channels.upperBound) channels, "
                + "found \(found)."
        case .noSuchChannel(let path, let wanted, let found):
            "\(path): expected a channel \(wanted) (counted from 0), found \(found) \(found == 1 ? "channel" : "channels")."
        case .readFailed(let path, let reason): "\(path): reading failed (\(reason))."
        case .spoolFailed(let path, let reason):
            "\(path): cannot keep standard input in a temporary file (\(reason))."
        case .option(let name, let expected, let found): "\(name): expected \(expected), found \(found)."
        case .resampling(let from, let to, let reason): "cannot resample from \(from) Hz to \(to) Hz (\(reason))."
        case .width(let expected, let found): "expected features of \(expected) bins, found \(found)."
        }
    }
}

/// What is accepted of any file.
public enum AudioLimits {
    /// Samples a second.
    public static let sampleRates = 2_000...768_000
    public static let channels = 1...64
}
