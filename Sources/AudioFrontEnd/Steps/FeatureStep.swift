/// What is done to frames after they are made. As JSON: `{"deltas": {"order": 2}}`.
public enum FeatureStep: Sendable, Hashable {
    case deltas(Deltas)
    case normalisation(Normalisation)
    case slidingNormalisation(SlidingNormalisation)
    case stacking(Stacking)

    /// Whether a frame needs all of the signal: not streamable, though there is a running form of it.
    public var isStreamable: Bool {
        if case .normalisation(let normalisation) = self { normalisation.isStreamable } else { true }
    }

    /// Values a frame, of frames of `bins` values.
    public func bins(of bins: Int) -> Int {
        switch self {
        case .deltas(let deltas): bins * (1 + deltas.order)
        case .normalisation, .slidingNormalisation: bins
        case .stacking(let stacking): bins * (stacking.left + 1 + stacking.right)
        }
    }

    /// Frames of the output, of so many.
    public func frameCount(of frames: Int) -> Int { (frames + stride - 1) / stride }

    /// Frames after a frame that it needs in a stream, at most.
    public var lookAhead: Int {
        switch self {
        case .deltas(let deltas): deltas.lookAhead
        case .normalisation: 0
        case .slidingNormalisation(let normalisation): normalisation.lookAhead
        case .stacking(let stacking): stacking.right
        }
    }

    /// Frames of the input for one of the output.
    var stride: Int {
        if case .stacking(let stacking) = self { stacking.stride } else { 1 }
    }

    /// The step over all frames of a signal.
    public func apply(to features: Features) throws(AudioError) -> Features {
        try validate(bins: features.bins)
        return whole(features)
    }

    func whole(_ features: Features) -> Features {
        if case .normalisation(let normalisation) = self {
            var features = features
            normalisation.applyWhole(to: &features)
            return features
        }
        var step = running(bins: features.bins)
        var result = step.push(features)
        result.append(step.finish())
        return result
    }

    /// The step over frames of `bins` values as they come.
    func running(bins: Int) -> any RowStep {
        switch self {
        case .deltas(let deltas): RunningDeltas(deltas, bins: bins)
        case .normalisation(let normalisation): RunningNormalisation(normalisation, bins: bins)
        case .slidingNormalisation(let normalisation): RunningSlidingNormalisation(normalisation, bins: bins)
        case .stacking(let stacking): RunningStacking(stacking, bins: bins)
        }
    }

    func validate(bins: Int) throws(AudioError) {
        switch self {
        case .deltas(let deltas):
            try need("deltas.order", deltas.order, in: 1...4)
            try need("deltas.window", deltas.window, in: (deltas.kind == .librosa ? (deltas.order + 1) / 2 : 1)...100)
        case .normalisation(let normalisation): try normalisation.validate(bins: bins)
        case .slidingNormalisation(let normalisation):
            try need("slidingNormalisation.window", normalisation.window, in: 1...100_000)
            let least = normalisation.isCentred ? 100_000 : normalisation.window
            try need("slidingNormalisation.minimum", normalisation.minimum, in: 1...least)
        case .stacking(let stacking):
            try need("stacking.left", stacking.left, in: 0...1000)
            try need("stacking.right", stacking.right, in: 0...1000)
            try need("stacking.stride", stacking.stride, in: 1...1000)
        }
    }
}

extension FeatureStep: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case deltas, normalisation, slidingNormalisation, stacking
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        guard fields.allKeys.count == 1, let key = fields.allKeys.first else {
            let names = CodingKeys.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a step is one of \(names)"))
        }
        switch key {
        case .deltas: self = .deltas(try fields.decode(Deltas.self, forKey: key))
        case .normalisation: self = .normalisation(try fields.decode(Normalisation.self, forKey: key))
        case .slidingNormalisation:
            self = .slidingNormalisation(try fields.decode(SlidingNormalisation.self, forKey: key))
        case .stacking: self = .stacking(try fields.decode(Stacking.self, forKey: key))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .deltas(let step): try fields.encode(step, forKey: .deltas)
        case .normalisation(let step): try fields.encode(step, forKey: .normalisation)
        case .slidingNormalisation(let step): try fields.encode(step, forKey: .slidingNormalisation)
        case .stacking(let step): try fields.encode(step, forKey: .stacking)
        }
    }
}
