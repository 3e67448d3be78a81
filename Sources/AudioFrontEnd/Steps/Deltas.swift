import CKernels

/// The change of each value over time, its change, and so on, as further values of a frame: `[x, Δx, ΔΔx]`.
///
///     Δx[t] = Σ_j j x[t + j] / Σ_j j²,   j = -window ... window
///
/// S. Young et al., "The HTK Book", 5.9; Savitzky, Golay 1964 for librosa's.
public struct Deltas: Sendable, Codable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// Δ of order k filters x with the k-fold convolution of the weights. Before the first frame stands the first,
        /// after the last the last.
        case kaldi
        /// Δ of order k is Δ of the one below. Before the first value of each stands the first, after the last the last.
        case htk
        /// The k-th derivative of the polynomial of degree k through 2 · window + 1 frames, nearest to them; near the
        /// edges that of the outermost frames: `librosa.feature.delta` of width 2 · window + 1.
        case librosa
    }

    /// How often the change is taken, 1 to 4.
    public var order = 2
    /// Frames to either side, 1 to 100; librosa's default is 4.
    public var window = 2
    public var kind = Kind.kaldi

    public init() {}

    public init(order: Int = 2, window: Int = 2, kind: Kind = .kaldi) {
        self.order = order
        self.window = window
        self.kind = kind
    }

    /// Every field has a default.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        order = try fields.decodeIfPresent(Int.self, forKey: .order) ?? order
        window = try fields.decodeIfPresent(Int.self, forKey: .window) ?? window
        kind = try fields.decodeIfPresent(Kind.self, forKey: .kind) ?? kind
    }

    /// Frames after a frame that it needs, at most.
    var lookAhead: Int { kind == .librosa ? 2 * window : order * window }

    /// Weights of the derivative of order `k`, for the frames from -reach to reach.
    func weights(order k: Int) -> [Double] {
        let line = (-window...window).map(Double.init)
        let regression = line.map { $0 / line.map { $0 * $0 }.reduce(0, +) }
        switch kind {
        case .htk: return regression
        case .kaldi:
            return (1..<k).reduce(regression) { before, _ in
                var product = [Double](repeating: 0, count: before.count + 2 * window)
                for (i, a) in before.enumerated() { for (j, b) in regression.enumerated() { product[i + j] += a * b } }
                return product
            }
        case .librosa:
            // Polynomials orthogonal over the frames: the last one's share, times k!, is the k-th derivative.
            var basis: [[Double]] = []
            for degree in 0...k {
                var values = line.map { point in (0..<degree).reduce(1.0) { power, _ in power * point } }
                for other in basis {
                    let share = dot(values, other) / dot(other, other)
                    values = zip(values, other).map { $0 - share * $1 }
                }
                basis.append(values)
            }
            let factorial = (1...k).reduce(1.0) { $0 * Double($1) }
            return basis[k].map { factorial * $0 / dot(basis[k], basis[k]) }
        }
    }

    private func dot(_ one: [Double], _ other: [Double]) -> Double { zip(one, other).map(*).reduce(0, +) }
}

/// Deltas of frames as they come.
struct RunningDeltas: RowStep {
    private var stages: [any RowStep]
    private let bins: Int

    init(_ deltas: Deltas, bins: Int) {
        self.bins = bins
        let orders = 1...deltas.order
        if deltas.kind == .htk {
            stages = orders.map {
                Stage(filters: [deltas.weights(order: 1)], bins: bins * $0, first: bins * ($0 - 1), isInner: false)
            }
        } else {
            stages = [
                Stage(
                    filters: orders.map(deltas.weights), bins: bins, first: 0, isInner: deltas.kind == .librosa)
            ]
        }
    }

    mutating func push(_ rows: Features) -> Features { stages.push(rows) }

    mutating func finish() -> Features { stages.finish(after: Features(frames: 0, bins: bins, values: [])) }

    /// Adds filtered values to each frame.
    private struct Stage: RowStep {
        let filters: [[Float]]
        /// The values from this one on are filtered.
        let first: Int
        /// Whether a filter stays within the signal, so that frames near the edges share one.
        let isInner: Bool
        let reach: Int
        let width: Int
        var history: RowHistory
        var next = 0

        init(filters: [[Double]], bins: Int, first: Int, isInner: Bool) {
            self.filters = filters.map { $0.map(Float.init) }
            self.first = first
            self.isInner = isInner
            reach = filters.map { $0.count / 2 }.max() ?? 0
            width = bins + filters.count * (bins - first)
            history = RowHistory(bins: bins)
        }

        mutating func push(_ rows: Features) -> Features {
            history.append(rows)
            let received = history.end
            let ready = isInner && received <= 2 * reach ? 0 : received - reach
            return make(upTo: ready, highest: Int.max)
        }

        mutating func finish() -> Features {
            let rows = make(upTo: history.end, highest: history.end - 1 - reach)
            history = RowHistory(bins: history.bins)
            next = 0
            return rows
        }

        private mutating func make(upTo end: Int, highest: Int) -> Features {
            let count = max(0, end - next)
            let bins = history.bins
            let filtered = bins - first
            let values = [Float](unsafeUninitializedCapacity: count * width) { buffer, filled in
                filled = count * width
                guard count > 0, let target = buffer.baseAddress else { return }
                history.values.withUnsafeBufferPointer { kept in
                    guard let start = kept.baseAddress else { return }
                    for row in 0..<count {
                        (target + row * width).update(from: start + (next + row - history.first) * bins, count: bins)
                    }
                    for (index, filter) in filters.enumerated() {
                        let own = Int64(filter.count / 2)
                        steno_rows_filter(
                            start + first, Int64(history.first), Int64(history.end - 1), Int64(filtered), Int64(bins),
                            filter, own, Int64(next), Int64(end), isInner ? own : 0, isInner ? Int64(highest) : .max,
                            Int64(width), target + bins + index * filtered)
                    }
                }
            }
            next += count
            history.drop(before: next - reach - 1)
            return Features(frames: count, bins: width, values: values)
        }
    }
}
