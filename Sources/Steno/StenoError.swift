import AudioFrontEnd
import StenoModels
import StenoTraining

/// Why something could not be done. `description` is one sentence with the path, what was expected and what was found.
public enum StenoError: Error, Sendable, Hashable {
    case audio(AudioError)
    /// A recording that is shorter than the first frame of features.
    case audioTooShort(path: String, seconds: Double, neededSeconds: Double)
    /// A folder without any audio in it or below it.
    case noAudio(folder: String)
    /// No model of this name is in any of the folders.
    case modelNotFound(name: String, folders: [String])
    /// A model or checkpoint that cannot be read, or is of another kind than needed.
    case model(String)
    case recipe(String)
    case manifest(String)
    case corpus(String)
    /// A text that cannot be read or translated, and where it stands.
    case text(place: String, problem: String)
    case training(String)
    /// A run of several processes failed; process 0 says why and gives the run its exit code. This one is to end quietly,
    /// with 0: a launcher that saw another code might end process 0 first.
    case elsewhere
    /// Something that cannot be written.
    case output(String)
    /// A value that makes no sense.
    case option(name: String, expected: String, found: String)
}

extension StenoError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .audio(let error): error.description.withoutFullStop
        case .audioTooShort(let path, let seconds, let neededSeconds):
            "\(path): expected at least \(neededSeconds) s, found \(seconds) s"
        case .noAudio(let folder): "\(folder): expected audio files in the folder, found none"
        case .modelNotFound(let name, let folders):
            "no model \(name) was found in \(folders.joined(separator: ", ")); steno train makes models, which are named "
                + "by their paths"
        case .model(let sentence), .recipe(let sentence), .manifest(let sentence), .corpus(let sentence),
            .training(let sentence), .output(let sentence):
            sentence.withoutFullStop
        case .text(let place, let problem): "\(place): \(problem)"
        case .elsewhere: "process 0 of the run says why it failed"
        case .option(let name, let expected, let found): "expected \(expected) for \(name), found \(found)"
        }
    }
}

extension StenoError {
    init(model error: FileError) { self = .model(error.description) }

    /// - Parameters:
    ///   - count: samples that were found, too few for a frame.
    ///   - frames: that so many samples give.
    static func audioTooShort(path: String, count: Int, sampleRate: Int, frames: (Int) -> Int) -> StenoError {
        var (tooFew, enough) = (count, max(1, count))
        while frames(enough) == 0 { (tooFew, enough) = (enough, 2 * enough) }
        while enough - tooFew > 1 {
            let middle = (tooFew + enough) / 2
            if frames(middle) == 0 { tooFew = middle } else { enough = middle }
        }
        let rate = Double(sampleRate)
        return .audioTooShort(path: path, seconds: Double(count) / rate, neededSeconds: Double(enough) / rate)
    }

    init(_ error: TrainingError) {
        switch error {
        case .recipe(let error): self = .recipe(error.description)
        case .manifest(let error): self = .manifest(error.description)
        case .audio(let error): self = .audio(error)
        case .file(let error): self = .model(error.description)
        case .log, .noData, .vocabulary, .precision, .diverged, .cannotResume, .shards, .communication, .elsewhere:
            self = .training(error.description)
        }
    }
}

extension String {
    fileprivate var withoutFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
