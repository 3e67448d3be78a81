import CKernels

/// Takes off each bin's mean over a window of frames, and may divide by the standard deviation over it: Kaldi's
/// `apply-cmvn-sliding`, `torchaudio.functional.sliding_window_cmn`. A variance is at least 1e-10.
public struct SlidingNormalisation: Sendable, Codable, Hashable {
    /// Frames of the window, 1 to 100,000. Not centred, it is the frame and as many before it.
    public var window: Int
    /// At the beginning the window reaches ahead to have this many frames, 1 to `window`; of no use if centred.
    public var minimum: Int
    /// Whether the frame is in the middle of the window; at the edges the window is moved inside.
    public var isCentred: Bool
    public var scalesVariance: Bool

    public init(window: Int = 600, minimum: Int = 100, isCentred: Bool = false, scalesVariance: Bool = false) {
        self.window = window
        self.minimum = minimum
        self.isCentred = isCentred
        self.scalesVariance = scalesVariance
    }

    /// Every field has a default.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        window = try fields.decodeIfPresent(Int.self, forKey: .window) ?? window
        minimum = try fields.decodeIfPresent(Int.self, forKey: .minimum) ?? minimum
        isCentred = try fields.decodeIfPresent(Bool.self, forKey: .isCentred) ?? isCentred
        scalesVariance = try fields.decodeIfPresent(Bool.self, forKey: .scalesVariance) ?? scalesVariance
    }

    /// Frames after a frame that it needs, at most.
    var lookAhead: Int { (isCentred ? window : minimum) - 1 }

    /// The window of a frame in a signal without end.
    func range(of frame: Int) -> Range<Int> {
        if isCentred {
            let start = max(0, frame - window / 2)
            return start..<start + window
        }
        return max(0, frame - window)..<max(frame + 1, minimum)
    }
}

/// Sliding normalisation of frames as they come.
struct RunningSlidingNormalisation: RowStep {
    private let normalisation: SlidingNormalisation
    private var history: RowHistory
    private var next = 0
    /// The frames of which the sums are.
    private var summed = 0..<0
    private var sums: [Double]
    private var squares: [Double]

    init(_ normalisation: SlidingNormalisation, bins: Int) {
        self.normalisation = normalisation
        history = RowHistory(bins: bins)
        sums = [Double](repeating: 0, count: bins)
        squares = sums
    }

    mutating func push(_ rows: Features) -> Features {
        history.append(rows)
        var end = next
        while end < history.end, normalisation.range(of: end).upperBound <= history.end { end += 1 }
        return make(upTo: end)
    }

    mutating func finish() -> Features {
        defer { self = RunningSlidingNormalisation(normalisation, bins: history.bins) }
        return make(upTo: history.end)
    }

    private mutating func make(upTo end: Int) -> Features {
        let kept = history
        let bins = kept.bins
        let count = end - next
        let values = [Float](unsafeUninitializedCapacity: count * bins) { buffer, filled in
            filled = count * bins
            guard count > 0, let target = buffer.baseAddress else { return }
            kept.values.withUnsafeBufferPointer { rows in
                guard let start = rows.baseAddress else { return }
                for row in 0..<count {
                    slide(to: window(of: next + row), over: start)
                    steno_row_centre(
                        start + (next + row - kept.first) * bins, Int64(bins), sums, squares, Int64(summed.count),
                        normalisation.scalesVariance ? 1 : 0, Normalisation.leastVariance, target + row * bins)
                }
            }
        }
        next = end
        history.drop(before: min(summed.lowerBound, next))
        return Features(frames: count, bins: bins, values: values)
    }

    /// The frame's window, moved inside of the frames that there are.
    private func window(of frame: Int) -> Range<Int> {
        let range = normalisation.range(of: frame)
        let beyond = max(0, range.upperBound - history.end)
        return max(0, range.lowerBound - beyond)..<range.upperBound - beyond
    }

    private mutating func slide(to window: Range<Int>, over rows: UnsafePointer<Float>) {
        let bins = history.bins
        let entering = window.upperBound - summed.upperBound
        let leaving = window.lowerBound - summed.lowerBound
        steno_rows_accumulate(
            rows + (summed.upperBound - history.first) * bins, Int64(entering), Int64(bins), 1, &sums, &squares)
        steno_rows_accumulate(
            rows + (summed.lowerBound - history.first) * bins, Int64(leaving), Int64(bins), -1, &sums, &squares)
        summed = window
    }
}
