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

/// Reads a recording by pieces and gives its segments as they are complete.
final class RecordingReader {
    /// For sentences.
    let path: String
    private let extractor: FeatureExtractor
    private var stream: FeatureStream
    private var segmenter: PauseSegmenter
    private let samples: SampleSource
    /// Samples to pass over, and to read after them.
    private var passedOver: Int
    private var wanted: Int
    private var read = 0
    private var arrayPosition = 0
    private var atEnd = false

    private enum SampleSource {
        case reader(AudioReader)
        case array([Float])
    }

    /// Samples that are read at once.
    private static let pieceSamples = 1 << 16

    init(
        _ recording: Recording, extractor: FeatureExtractor, segmentation: PauseSegmenter.Options
    ) throws(StenoError) {
        let rate = extractor.options.sampleRate
        do {
            switch recording.source {
            case .file(let name):
                path = name == "-" ? "standard input" : name
                let options = AudioReadOptions(sampleRate: rate, channel: recording.channel, raw: recording.raw)
                samples = .reader(try AudioReader(path: name, options: options))
            case .samples(let given, let givenRate):
                path = "samples"
                let finite = given.map { $0.isFinite ? $0 : 0 }
                samples = .array(try Resampler.resample(finite, from: Double(givenRate), to: Double(rate)))
            }
        } catch { throw .audio(error) }
        self.extractor = extractor
        stream = extractor.stream()
        segmenter = PauseSegmenter(segmentation, bins: extractor.options.bins)
        passedOver = Int(min(max(recording.startSeconds, 0), 1e9) * Double(rate))
        wanted = recording.durationSeconds.map { Int(min(max($0, 0), 1e9) * Double(rate)) } ?? Int.max
    }

    /// What the next piece completes; nil after the end of the recording.
    func next() throws(StenoError) -> [SpeechSegment]? {
        if atEnd { return nil }
        let piece = try nextPiece()
        if !piece.isEmpty {
            read += piece.count
            return segmenter.push(stream.push(piece))
        }
        atEnd = true
        let needed = extractor.options.frameLength
        guard extractor.options.frameCount(samples: read) > 0 else {
            throw .audioTooShort(path: path, samples: read, needed: needed)
        }
        return segmenter.push(stream.finish()) + segmenter.finish()
    }

    var durationSeconds: Double { Double(read) / Double(extractor.options.sampleRate) }

    var warnings: [String] {
        if case .reader(let reader) = samples { return reader.warnings }
        return []
    }

    private func nextPiece() throws(StenoError) -> [Float] {
        while passedOver > 0 {
            let passed = try samples(upTo: min(passedOver, Self.pieceSamples))
            if passed.isEmpty { return [] }
            passedOver -= passed.count
        }
        return wanted > read ? try samples(upTo: min(Self.pieceSamples, wanted - read)) : []
    }

    private func samples(upTo count: Int) throws(StenoError) -> [Float] {
        switch samples {
        case .reader(let reader):
            do throws(AudioError) { return try reader.read(upTo: count) } catch { throw .audio(error) }
        case .array(let array):
            let some = min(count, array.count - arrayPosition)
            defer { arrayPosition += some }
            return Array(array[arrayPosition..<arrayPosition + some])
        }
    }
}
