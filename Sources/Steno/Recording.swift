import AudioFrontEnd

/// One sound to transcribe: a file or a part of one, standard input, or samples.
package struct Recording: Sendable {
    package enum Source: Sendable {
        /// A path; "-" is standard input.
        case file(String)
        case samples([Float], sampleRate: Int)
    }

    package var source: Source
    package var channel = ChannelSelection.mix
    /// The format of headerless PCM; nil for files that say what they are.
    package var raw: RawFormat?
    /// Where the recording begins within the file, in seconds.
    package var startSeconds = 0.0
    /// How long it is; nil for all that follows.
    package var durationSeconds: Double?

    package init(_ source: Source) { self.source = source }

    package init(path: String) { source = .file(path) }
}

/// Reads the samples of a recording by pieces, as one channel at one rate.
final class RecordingSamples {
    /// For sentences.
    let path: String
    let sampleRate: Int
    /// Samples up to now.
    private(set) var count = 0
    private let source: SampleSource
    /// Samples to pass over, and to read after them.
    private var passedOver: Int
    private var wanted: Int
    private var arrayPosition = 0

    private enum SampleSource {
        case reader(AudioReader)
        case array([Float])
    }

    /// Samples that are read at once.
    private static let pieceSamples = 1 << 16

    init(_ recording: Recording, sampleRate: Int) throws(StenoError) {
        self.sampleRate = sampleRate
        do {
            switch recording.source {
            case .file(let name):
                path = name == "-" ? "standard input" : name
                let options = AudioReadOptions(sampleRate: sampleRate, channel: recording.channel, raw: recording.raw)
                source = .reader(try AudioReader(path: name, options: options))
            case .samples(let given, let givenRate):
                path = "samples"
                let finite = given.map { $0.isFinite ? $0 : 0 }
                source = .array(try Resampler.resample(finite, from: Double(givenRate), to: Double(sampleRate)))
            }
        } catch { throw .audio(error) }
        passedOver = Int(min(max(recording.startSeconds, 0), 1e9) * Double(sampleRate))
        wanted = recording.durationSeconds.map { Int(min(max($0, 0), 1e9) * Double(sampleRate)) } ?? Int.max
    }

    var durationSeconds: Double { Double(count) / Double(sampleRate) }

    var warnings: [String] {
        if case .reader(let reader) = source { return reader.warnings }
        return []
    }

    /// The next piece; empty after the end of the recording.
    func next() throws(StenoError) -> [Float] {
        while passedOver > 0 {
            let passed = try samples(upTo: min(passedOver, Self.pieceSamples))
            if passed.isEmpty { return [] }
            passedOver -= passed.count
        }
        guard wanted > count else { return [] }
        let piece = try samples(upTo: min(Self.pieceSamples, wanted - count))
        count += piece.count
        return piece
    }

    private func samples(upTo count: Int) throws(StenoError) -> [Float] {
        switch source {
        case .reader(let reader):
            do throws(AudioError) { return try reader.read(upTo: count) } catch { throw .audio(error) }
        case .array(let array):
            let some = min(count, array.count - arrayPosition)
            defer { arrayPosition += some }
            return Array(array[arrayPosition..<arrayPosition + some])
        }
    }
}

/// Reads a recording by pieces and gives its segments as they are complete.
final class RecordingReader {
    private let extractor: FeatureExtractor
    private var stream: FeatureStream
    private var segmenter: PauseSegmenter
    private let samples: RecordingSamples
    private var atEnd = false

    init(
        _ recording: Recording, extractor: FeatureExtractor, segmentation: PauseSegmenter.Options
    ) throws(StenoError) {
        samples = try RecordingSamples(recording, sampleRate: extractor.options.sampleRate)
        self.extractor = extractor
        stream = extractor.stream()
        segmenter = PauseSegmenter(segmentation, bins: extractor.options.bins)
    }

    /// What the next piece completes; nil after the end of the recording.
    func next() throws(StenoError) -> [SpeechSegment]? {
        if atEnd { return nil }
        let piece = try samples.next()
        if !piece.isEmpty { return segmenter.push(stream.push(piece)) }
        atEnd = true
        guard extractor.options.frameCount(samples: samples.count) > 0 else {
            throw .audioTooShort(
                path: path, count: samples.count, sampleRate: samples.sampleRate,
                frames: extractor.options.frameCount(samples:))
        }
        return segmenter.push(stream.finish()) + segmenter.finish()
    }

    /// For sentences.
    var path: String { samples.path }
    var durationSeconds: Double { samples.durationSeconds }
    var warnings: [String] { samples.warnings }
}
