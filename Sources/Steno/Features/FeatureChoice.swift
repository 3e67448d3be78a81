import AudioFrontEnd
import Foundation
import StenoTraining

/// Which features are wanted, and how they are made of a recording.
package struct FeatureChoice: Sendable {
    /// What the values of a frame are.
    package enum Kind: String, CaseIterable, Sendable {
        /// Log-mel energies.
        case mel
        case mfcc, spectrogram
        /// Hertz (0 where there is no voice) and how likely there is one, 0 to 1.
        case pitch
    }

    /// How values are normalised.
    package enum Normalising: String, CaseIterable, Sendable {
        /// The recording's mean of each value becomes 0, its deviation 1.
        case utterance
        /// Its mean becomes 0.
        case utteranceMean
        /// The mean of the 6 s before each frame becomes 0 (Kaldi's `apply-cmvn-sliding`).
        case sliding
    }

    /// What the options of features are before any is changed.
    package enum Base: Sendable {
        case standard
        /// Another tool's, by its name in `FeatureOptions.conventions`.
        case convention(String)
        /// A model's, by its path or name.
        case model(String)
        /// Those of a recipe, by its path.
        case recipe(String)
        /// A pipeline's with its steps, by the path of a YAML or JSON file.
        case pipeline(String)
    }

    /// The names of conventions, in order.
    package static var conventions: [String] { FeatureOptions.conventions.map(\.name) }

    enum Maker: Sendable {
        case features(FeatureExtractor)
        case pitch(PitchTracker)
    }

    let maker: Maker

    /// - Parameters:
    ///   - kind: nil for the base's own.
    ///   - bins: mel filters.
    ///   - sampleRate: in hertz.
    ///   - changes: of other fields of the options, `field=value`.
    ///   - deltas: how often the change over time is taken and put behind the values, as the base's tool takes it.
    ///   - normalising: of all values, these among them.
    ///
    /// Of these, pitch has the sample rate and the changes only.
    package init(
        _ base: Base, kind: Kind? = nil, bins: Int? = nil, sampleRate: Int? = nil, changes: [String] = [],
        deltas: Int = 0, normalising: Normalising? = nil
    ) throws(StenoError) {
        if kind == .pitch {
            let standard = Self.pitchOptions(sampleRate: sampleRate ?? PitchOptions().sampleRate)
            let options = try Self.changing(standard, changes)
            do throws(AudioError) { maker = .pitch(try PitchTracker(options)) } catch { throw .audio(error) }
            return
        }
        var pipeline = try Self.pipeline(base, kind: kind)
        if let kind { pipeline.options.output = kind.output }
        if let bins { pipeline.options.melBins = bins }
        if let sampleRate { pipeline.options.sampleRate = sampleRate }
        pipeline.options = try Self.changing(pipeline.options, changes)
        if bins != nil && pipeline.options.output == .spectrogram {
            throw .option(name: "mel filters", expected: "mel energies or cepstra", found: "a spectrogram")
        }
        if deltas != 0 { pipeline.steps.append(.deltas(Self.deltas(base, order: deltas))) }
        switch normalising {
        case .utterance: pipeline.steps.append(.normalisation(.utterance))
        case .utteranceMean: pipeline.steps.append(.normalisation(.utteranceMean))
        case .sliding: pipeline.steps.append(.slidingNormalisation(SlidingNormalisation()))
        case nil: break
        }
        do throws(AudioError) { maker = .features(try FeatureExtractor(pipeline)) } catch { throw .audio(error) }
    }

    private static func changing<Options: Codable>(
        _ options: Options, _ changes: [String]
    ) throws(StenoError) -> Options {
        do throws(RecipeError) { return try Fields.changing(options, changes) } catch {
            throw .recipe(error.description)
        }
    }

    /// Pitch of a voice: from 60 to 600 Hz, in frames of 64 ms every 10 ms, decided after 30 s, in which nobody goes on
    /// speaking.
    private static func pitchOptions(sampleRate: Int) -> PitchOptions {
        var options = PitchOptions()
        options.sampleRate = sampleRate
        options.frameSamples = sampleRate * 64 / 1000
        options.hopSamples = sampleRate / 100
        (options.lowHertz, options.highHertz) = (60, 600)
        options.lag = 3000
        return options
    }

    private static func deltas(_ base: Base, order: Int) -> Deltas {
        guard case .convention(let name) = base, !name.hasPrefix("kaldi"), !name.hasPrefix("whisper") else {
            return Deltas(order: order)
        }
        return name.hasPrefix("librosa")
            ? Deltas(order: order, window: 4, kind: .librosa) : Deltas(order: order, kind: .htk)
    }

    private static func pipeline(_ base: Base, kind: Kind?) throws(StenoError) -> FeaturePipeline {
        switch base {
        case .standard: return FeaturePipeline()
        case .model(let name): return FeaturePipeline(try SpeechModel(named: name).extractor.options)
        case .convention(let name): return FeaturePipeline(try convention(name, kind: kind))
        case .recipe(let path):
            do throws(RecipeError) { return FeaturePipeline(try Recipe(path: path).features) } catch {
                throw .recipe(error.description)
            }
        case .pipeline(let path):
            do throws(RecipeError) { return try Fields.pipeline(path: path) } catch {
                throw .recipe(error.description)
            }
        }
    }

    /// What a tool gives. It may have options of its own for a kind: those of the name without a kind's suffix, and with
    /// this kind's.
    private static func convention(_ name: String, kind: Kind?) throws(StenoError) -> FeatureOptions {
        func options(_ name: String) -> FeatureOptions? {
            FeatureOptions.conventions.first { $0.name == name }?.options
        }
        guard let named = options(name) else {
            throw .option(name: "the convention", expected: conventions.joined(separator: ", "), found: name)
        }
        guard let kind else { return named }
        let own = kinds.values.first { name.hasSuffix($0) } ?? ""
        let tool = String(name.dropLast(own.count))
        return options(tool + (kinds[kind] ?? "")) ?? options(tool) ?? named
    }

    /// What the names of conventions end in that are of one kind.
    private static let kinds: [Kind: String] = [.mfcc: "MFCC", .spectrogram: "Spectrogram"]

    var sampleRate: Int {
        switch maker {
        case .features(let extractor): extractor.options.sampleRate
        case .pitch(let tracker): tracker.options.sampleRate
        }
    }

    /// The formula with all its numbers, in lines.
    package var description: String {
        switch maker {
        case .features(let extractor): extractor.pipeline.description
        case .pitch(let tracker): tracker.options.description
        }
    }

    /// Values a frame.
    var bins: Int {
        switch maker {
        case .features(let extractor): extractor.bins
        case .pitch: 2
        }
    }

    var secondsPerFrame: Double {
        switch maker {
        case .features(let extractor): Double(extractor.pipeline.hop) / Double(sampleRate)
        case .pitch(let tracker): Double(tracker.options.hopSamples) / Double(sampleRate)
        }
    }

    /// How HTK's files call these features.
    package var htk: HTKHeader {
        var kind = HTKHeader.Kind.user
        if case .features(let extractor) = maker { kind = HTKHeader.Kind(extractor.pipeline) ?? .user }
        return HTKHeader(kind: kind, seconds: secondsPerFrame)
    }

    /// The features of a recording, however long it is.
    ///
    /// - Parameters:
    ///   - rows: makes room for rows of so many values.
    ///   - heard: is called now and then while the recording is read.
    func rows(
        of samples: RecordingSamples, in rows: (Int) -> FeatureRows, heard: () -> Void = {}
    ) throws(StenoError) -> FeatureRows {
        switch maker {
        case .features(let extractor):
            var passes = FeaturePasses(extractor)
            var made = rows(passes.bins)
            try read(samples, heard: heard) { (piece) throws(StenoError) in try made.append(passes.push(piece)) }
            try made.append(passes.finish())
            while !passes.isLast {
                passes.next()
                let before = made
                made = rows(passes.bins)
                try before.forEachPiece { (piece) throws(StenoError) in
                    try made.append(passes.push(rows: Features(values: piece, bins: before.columns)))
                }
                try made.append(passes.finishRows())
            }
            return made
        case .pitch(let tracker):
            var stream = tracker.stream()
            let made = rows(bins)
            try read(samples, heard: heard) { (piece) throws(StenoError) in
                try made.append(Features(stream.push(piece)))
            }
            try made.append(Features(stream.finish()))
            return made
        }
    }

    /// Gives all samples by pieces. Refuses a recording that has not a single frame.
    func read(
        _ samples: RecordingSamples, heard: () -> Void = {}, _ body: ([Float]) throws(StenoError) -> Void
    ) throws(StenoError) {
        while case let piece = try samples.next(), !piece.isEmpty {
            try body(piece)
            heard()
        }
        let frames =
            switch maker {
            case .features(let extractor): extractor.pipeline.frameCount(samples:)
            case .pitch(let tracker): tracker.options.frameCount(samples:)
            }
        guard frames(samples.count) > 0 else {
            throw .audioTooShort(path: samples.path, count: samples.count, sampleRate: sampleRate, frames: frames)
        }
    }
}

extension FeatureChoice.Kind {
    fileprivate var output: FeatureOptions.Output {
        switch self {
        case .mel, .pitch: .mel
        case .mfcc: .mfcc
        case .spectrogram: .spectrogram
        }
    }
}

extension Features {
    init(values: [Float], bins: Int) {
        self.init(frames: values.count / bins, bins: bins, values: values)
    }

    /// Hertz and voicing of each frame.
    fileprivate init(_ pitch: Pitch) {
        self.init(
            frames: pitch.frames, bins: 2, values: zip(pitch.hertz, pitch.voicing).flatMap { [$0, $1] })
    }
}
