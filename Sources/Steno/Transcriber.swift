import AudioFrontEnd
import StenoModels
import StenoTensor

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Turns recorded speech into text.
///
///     let transcriber = try Transcriber()
///     let transcription = try transcriber.transcribe(URL(fileURLWithPath: "talk.flac"))
///     print(transcription.text)
///
/// Recordings may be of any length: they are read by pieces, cut at pauses and decoded in batches. One transcriber
/// serves any number of calls; calls from several threads run beside each other.
public final class Transcriber: Sendable {
    /// What differs from the model's own way of searching.
    public struct Options: Sendable, Hashable {
        /// Hypotheses kept at each step, 1 to 1,024; 1 is greedy search.
        public var beam: Int?
        /// Share of the CTC prefix score, from 0 to 1; the rest is the attention decoder's.
        public var ctcWeight: Double?
        /// Factor of the language model's log-probability, from 0 (do not ask it) to 10, for models that hold one.
        public var languageWeight: Double?
        /// Exponent of the length penalty, 0 to 10; see `Translator.Options`.
        public var lengthPenalty: Double?
        /// Longer recordings are cut at pauses, in seconds; by default about as long as what the model learned from.
        public var longestSegmentSeconds: Double?

        public init(
            beam: Int? = nil, ctcWeight: Double? = nil, languageWeight: Double? = nil, lengthPenalty: Double? = nil,
            longestSegmentSeconds: Double? = nil
        ) {
            self.beam = beam
            self.ctcWeight = ctcWeight
            self.languageWeight = languageWeight
            self.lengthPenalty = lengthPenalty
            self.longestSegmentSeconds = longestSegmentSeconds
        }
    }

    private let extractor: FeatureExtractor
    private let search: BatchSearch
    private let segmentation: PauseSegmenter.Options

    /// Loads a model.
    ///
    /// - Parameters:
    ///   - model: a `.safetensors` file; nil for `english.safetensors` in `../share/steno/models` from the program or
    ///     in the folder `Models` of a checkout.
    ///   - threads: worker threads; nil for as many as there are processors.
    public convenience init(
        model: URL? = nil, threads: Int? = nil, options: Options = Options()
    ) throws(StenoError) {
        try self.init(models: model.map { [$0.path] } ?? [], threads: threads, options: options)
    }

    /// The same with the path or the name of a model, or of several that search together; none for the standard one.
    package init(models names: [String], threads: Int? = nil, options: Options = Options()) throws(StenoError) {
        let models = try SpeechModel.ensemble(names)
        let model = models[0]
        let longest = options.longestSegmentSeconds ?? Self.longestSegmentSeconds(of: model)
        guard (1...120).contains(longest) else {
            throw .option(name: "the longest segment", expected: "1 to 120 seconds", found: "\(longest)")
        }
        extractor = model.extractor
        segmentation = PauseSegmenter.Options(
            hopSeconds: extractor.options.hopSeconds, longestSeconds: longest)
        search = BatchSearch(
            model.trained, members: models.dropFirst().map(\.trained),
            options: try model.trained.search.applying(options),
            workers: Workers(count: try threadCount(threads)))
    }

    /// As long as the longest recording that the model learned from, within 3 to 30 seconds.
    private static func longestSegmentSeconds(of model: SpeechModel) -> Double {
        let learned = model.trained.provenance.longestSeconds
        return learned > 0 ? min(max(learned, 3), 30) : 18
    }

    /// Transcribes an audio file.
    ///
    /// - Parameters:
    ///   - channel: of files with several.
    ///   - raw: the format of headerless PCM; nil for files that say what they are.
    public func transcribe(
        _ file: URL, channel: ChannelSelection = .mix, raw: RawFormat? = nil
    ) throws(StenoError) -> Transcription {
        var recording = Recording(path: file.path)
        recording.channel = channel
        recording.raw = raw
        return try transcribe(recording)
    }

    /// Transcribes samples in [-1, 1] of one channel; those that are no numbers are taken as 0.
    public func transcribe(samples: [Float], sampleRate: Int) throws(StenoError) -> Transcription {
        guard (2_000...768_000).contains(sampleRate) else {
            throw .option(name: "the sample rate", expected: "2000 to 768000 Hz", found: "\(sampleRate)")
        }
        return try transcribe(Recording(.samples(samples, sampleRate: sampleRate)))
    }

    private func transcribe(_ recording: Recording) throws(StenoError) -> Transcription {
        var result: Result<Transcription, StenoError>?
        transcribe([recording]) { result = $1 }
        guard let result else { preconditionFailure("a recording without an outcome") }
        return try result.get()
    }

    /// Transcribes many recordings together, which is faster than one after the other. `each` gets every recording's
    /// number and outcome, in order; what it throws ends the work.
    package func transcribe<Failure: Error>(
        _ recordings: [Recording], each: (Int, Result<Transcription, StenoError>) throws(Failure) -> Void
    ) throws(Failure) {
        let run = TranscriptionRun(
            recordings, search: search, extractor: extractor, segmentation: segmentation)
        try run.run(each: each)
    }
}

extension SearchOptions {
    /// These options with what differs from them.
    fileprivate func applying(_ options: Transcriber.Options) throws(StenoError) -> SearchOptions {
        var search = self
        if let beam = options.beam { search.beam = beam }
        if let ctcWeight = options.ctcWeight { search.ctcWeight = ctcWeight }
        if let languageWeight = options.languageWeight { search.languageWeight = languageWeight }
        if let lengthPenalty = options.lengthPenalty { search.lengthPenalty = lengthPenalty }
        return try search.checked()
    }

    /// These options if they make sense.
    func checked() throws(StenoError) -> SearchOptions {
        if let complaint { throw .option(name: "the search", expected: "sane values", found: complaint) }
        return self
    }
}
