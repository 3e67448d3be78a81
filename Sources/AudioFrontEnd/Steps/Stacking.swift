/// Puts frames beside each other and keeps one of several: frame k of the output is the frames from
/// `k · stride - left` to `k · stride + right`, where the first stands before the first and the last after the last
/// (Kaldi's `splice-feats` and `subsample-feats`; T frames become `ceil(T / stride)`).
public struct Stacking: Sendable, Codable, Hashable {
    /// Frames before, 0 to 1,000.
    public var left = 0
    /// Frames after, 0 to 1,000.
    public var right = 0
    /// One frame of so many is kept, 1 to 1,000.
    public var stride = 1

    public init() {}

    public init(left: Int = 0, right: Int = 0, stride: Int = 1) {
        self.left = left
        self.right = right
        self.stride = stride
    }

    /// Every field has a default.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        left = try fields.decodeIfPresent(Int.self, forKey: .left) ?? left
        right = try fields.decodeIfPresent(Int.self, forKey: .right) ?? right
        stride = try fields.decodeIfPresent(Int.self, forKey: .stride) ?? stride
    }
}

/// Stacking of frames as they come.
struct RunningStacking: RowStep {
    private let stacking: Stacking
    private var history: RowHistory
    /// The next frame of the output.
    private var next = 0

    init(_ stacking: Stacking, bins: Int) {
        self.stacking = stacking
        history = RowHistory(bins: bins)
    }

    mutating func push(_ rows: Features) -> Features {
        history.append(rows)
        return make(upTo: history.end - stacking.right)
    }

    mutating func finish() -> Features {
        defer { self = RunningStacking(stacking, bins: history.bins) }
        return make(upTo: history.end)
    }

    /// Frames of the output that are in the middle of input frames before `end`.
    private mutating func make(upTo end: Int) -> Features {
        let bins = history.bins
        let width = bins * (stacking.left + 1 + stacking.right)
        let count = max(0, (max(0, end) + stacking.stride - 1) / stacking.stride - next)
        let values = [Float](unsafeUninitializedCapacity: count * width) { buffer, filled in
            filled = count * width
            guard count > 0, var target = buffer.baseAddress else { return }
            history.values.withUnsafeBufferPointer { kept in
                guard let start = kept.baseAddress else { return }
                for frame in next..<next + count {
                    let middle = frame * stacking.stride
                    for neighbour in middle - stacking.left...middle + stacking.right {
                        let place = min(max(neighbour, 0), history.end - 1)
                        target.update(from: start + (place - history.first) * bins, count: bins)
                        target += bins
                    }
                }
            }
        }
        next += count
        // The last frame is kept for what stands after it.
        history.drop(before: min(next * stacking.stride - stacking.left, history.end - 1))
        return Features(frames: count, bins: width, values: values)
    }
}
