/// How features are made, from the signal to the last step: a value that can be stored.
///
///     let pipeline = FeaturePipeline(.kaldiMFCC, steps: [.deltas(Deltas()), .normalisation(.utterance)])
///     let features = try FeatureExtractor(pipeline).features(of: samples)      // [frames, 39]
public struct FeaturePipeline: Sendable, Codable, Hashable {
    public var options: FeatureOptions
    /// What is done to frames, in order.
    public var steps: [FeatureStep]

    public init(_ options: FeatureOptions = FeatureOptions(), steps: [FeatureStep] = []) {
        self.options = options
        self.steps = steps
    }

    /// Both fields have defaults.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        options = try fields.decodeIfPresent(FeatureOptions.self, forKey: .options) ?? FeatureOptions()
        steps = try fields.decodeIfPresent([FeatureStep].self, forKey: .steps) ?? []
    }

    /// Values a frame.
    public var bins: Int { steps.reduce(options.bins) { $1.bins(of: $0) } }

    /// Whether a stream gives what the whole signal does: no frame needs all of it.
    public var isStreamable: Bool { options.isStreamable && steps.allSatisfy(\.isStreamable) }

    /// The number of frames of a signal of `count` samples.
    public func frameCount(samples count: Int) -> Int {
        steps.reduce(options.frameCount(samples: count)) { $1.frameCount(of: $0) }
    }

    /// Samples from one frame to the next.
    public var hop: Int { steps.reduce(options.hop) { $0 * $1.stride } }

    /// Samples from the beginning of frame i's hop, sample i · hop, to the last one that must be there for the frame
    /// to come out of a stream, at most.
    public var latencySamples: Int {
        var hop = options.hop
        var latency = options.latencySamples
        for step in steps {
            latency += step.lookAhead * hop
            hop *= step.stride
        }
        return latency
    }
    public var latencySeconds: Double { Double(latencySamples) / Double(options.sampleRate) }

    /// Values a frame that are accepted.
    static let mostBins = 1 << 20

    /// Refuses options and steps out of range, and steps that do not fit what comes before.
    public func validate() throws(AudioError) {
        try options.validate()
        var bins = options.bins
        for step in steps {
            try step.validate(bins: bins)
            bins = step.bins(of: bins)
            try need("steps", bins, in: 1...Self.mostBins, "values a frame")
        }
    }
}
