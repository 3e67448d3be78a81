import CKernels

/// Reads sound by pieces, as one channel at one rate; hours of audio never sit in memory.
///
///     let reader = try AudioReader(path: "speech.flac", options: AudioReadOptions(sampleRate: 16_000))
///     while case let piece = try reader.read(upTo: 16_000), !piece.isEmpty { … }
///
/// Reads what libsndfile reads (WAV, FLAC, Ogg Vorbis, Opus, AIFF, MP3 where the library has it) and headerless PCM
/// whose format is given. Nothing that a file says is believed before it is checked.
public final class AudioReader {
    /// Samples a second of what `read` gives.
    public let sampleRate: Int
    /// Samples a second in the file.
    public let sourceSampleRate: Int
    public let sourceChannels: Int
    /// Samples of each channel as the file claims, nil where it does not say. For display, not for allocation.
    public let sourceFrames: Int?
    /// What was wrong with the file and could be read nevertheless, a sentence each; complete at the end of the file.
    public private(set) var warnings: [String] = []

    private let path: String
    private let channel: ChannelSelection
    private let file: SoundFile
    private let resampler: Resampler?
    private var interleaved: [Float]
    private let framesAtOnce: Int
    /// Samples read and not yet handed out, from `used` on.
    private var ready: [Float] = []
    private var used = 0
    private var framesRead = 0
    private var valuesRead = 0
    private var replaced: Int64 = 0
    private var atEnd = false

    /// Floats read from the file in one go, over all channels.
    private static let valuesAtOnce = 32_768

    /// Opens a file, or standard input for "-". From a pipe, headerless PCM and plain WAV are read as they come; other
    /// formats need seeking and are first copied to a temporary file.
    public init(path: String, options: AudioReadOptions = AudioReadOptions()) throws(AudioError) {
        if let wanted = options.sampleRate, !AudioLimits.sampleRates.contains(wanted) {
            throw .option(
                name: "sample rate to resample to", expected: "\(AudioLimits.sampleRates) Hz", found: "\(wanted) Hz")
        }
        let source = try ByteSource(path: path)
        self.path = source.path
        guard !source.bytes(at: 0, count: 1).isEmpty else { throw .emptyFile(path: source.path) }
        var raw = options.raw
        if let raw { try Self.check(sampleRate: raw.sampleRate, channels: raw.channels, path: source.path) }
        if source.isUnread { raw = try Self.follow(source, raw: raw) }
        var notes: [String] = []
        if !source.isUnread { notes = try Self.repair(source, raw: raw) }
        file = try SoundFile(source, raw: raw)
        try Self.check(sampleRate: file.sampleRate, channels: file.channels, path: source.path)
        if case .index(let index) = options.channel, !(0..<file.channels).contains(index) {
            throw .noSuchChannel(path: source.path, wanted: index, found: file.channels)
        }
        if file.frames == 0 { throw .noSamples(path: source.path) }
        channel = options.channel
        sourceSampleRate = file.sampleRate
        sourceChannels = file.channels
        sourceFrames = source.isUnread ? nil : file.frames
        sampleRate = options.sampleRate ?? file.sampleRate
        resampler =
            sampleRate == file.sampleRate
            ? nil : try Resampler(from: Double(file.sampleRate), to: Double(sampleRate))
        framesAtOnce = Self.valuesAtOnce / file.channels
        interleaved = [Float](repeating: 0, count: framesAtOnce * file.channels)
        warnings = notes
    }

    /// The next `count` samples in [-1, 1] (float files may go beyond), fewer only at the end; empty after it.
    ///
    /// NaN and infinities are taken as 0 and counted in a warning; if there is nothing else in the whole file, the end
    /// throws.
    public func read(upTo count: Int) throws(AudioError) -> [Float] {
        while ready.count - used < count && !atEnd { try fill() }
        let some = min(count, ready.count - used)
        guard some > 0 else { return [] }
        defer { used += some }
        return Array(ready[used..<used + some])
    }

    /// Follows a pipe whose samples are plain numbers and returns their layout, or copies the pipe to a temporary file.
    private static func follow(_ source: ByteSource, raw: RawFormat?) throws(AudioError) -> RawFormat? {
        if let raw {
            source.follow(from: 0, count: nil, unit: raw.bytesPerFrame)
            return raw
        }
        // A header that cannot be read from the beginning that is held is judged when all is there.
        if let header = try? WaveHeader(source), let plain = header.plain {
            try check(sampleRate: plain.sampleRate, channels: plain.channels, path: source.path)
            source.follow(from: header.dataStart, count: header.knownLength, unit: plain.bytesPerFrame)
            return plain
        }
        try source.spool()
        return nil
    }

    /// Checks the header of a file and puts another in its place where its length is wrong; returns warnings.
    private static func repair(_ source: ByteSource, raw: RawFormat?) throws(AudioError) -> [String] {
        if let raw {
            guard source.fileCount % raw.bytesPerFrame != 0 else { return [] }
            return [
                "\(source.path): \(source.fileCount) bytes are not a whole number of frames of "
                    + "\(raw.bytesPerFrame) bytes; the rest is left out."
            ]
        }
        guard let header = try WaveHeader(source) else { return [] }
        try check(sampleRate: header.sampleRate, channels: header.channels, path: source.path)
        guard header.following > 0 else { throw .noSamples(path: source.path) }
        guard header.lengthIsWrong(in: source) else { return [] }
        source.replace(first: header.dataStart, with: header.repaired())
        if source.isPipe { return [] }
        return [
            "\(source.path): the header claims \(header.claimed) bytes of samples and \(header.following) follow; "
                + "read to the end of the file."
        ]
    }

    private static func check(sampleRate: Int, channels: Int, path: String) throws(AudioError) {
        guard AudioLimits.sampleRates.contains(sampleRate) else { throw .sampleRate(path: path, found: sampleRate) }
        guard AudioLimits.channels.contains(channels) else { throw .channels(path: path, found: channels) }
    }

    /// One more piece of the file into `ready`.
    private func fill() throws(AudioError) {
        if used > 0 {
            ready.removeFirst(used)
            used = 0
        }
        let channels = sourceChannels
        let frames = interleaved.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { file.read(frames: framesAtOnce, into: $0) } ?? 0
        }
        guard frames > 0 else { return try end() }
        framesRead += frames
        let mono = [Float](unsafeUninitializedCapacity: frames) { buffer, initialised in
            interleaved.withUnsafeBufferPointer { from in
                switch channel {
                case .mix:
                    valuesRead += frames * channels
                    steno_samples_mix(from.baseAddress, Int64(frames), Int64(channels), buffer.baseAddress, &replaced)
                case .index(let index):
                    valuesRead += frames
                    steno_samples_take(
                        from.baseAddress, Int64(frames), Int64(channels), Int64(index), buffer.baseAddress, &replaced)
                }
            }
            initialised = frames
        }
        if let resampler {
            ready += try resampler.process(mono)
        } else {
            ready += mono
        }
    }

    private func end() throws(AudioError) {
        atEnd = true
        let failure = file.failure
        guard framesRead > 0 else {
            if let failure { throw .readFailed(path: path, reason: failure) }
            throw .noSamples(path: path)
        }
        guard replaced < valuesRead else { throw .onlyNotANumber(path: path, count: valuesRead) }
        if let resampler { ready += try resampler.finish() }
        if replaced > 0 {
            warnings.append(
                "\(path): \(replaced) of \(valuesRead) samples are NaN or infinite and were taken as 0.")
        }
        if let failure {
            warnings.append("\(path): reading stopped after \(framesRead) samples (\(failure)).")
        } else if let sourceFrames, framesRead < sourceFrames {
            warnings.append("\(path): the file claims \(sourceFrames) samples and has \(framesRead).")
        }
    }
}
