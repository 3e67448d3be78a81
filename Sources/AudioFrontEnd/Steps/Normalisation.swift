import CKernels

/// Sums over the features of many utterances, from which a global normalisation is made.
public struct FeatureStatistics: Sendable, Codable, Hashable {
    public private(set) var frames: Int
    /// Sums and sums of squares, a value a bin.
    public private(set) var sums: [Double]
    public private(set) var squares: [Double]

    public init(bins: Int) {
        frames = 0
        sums = [Double](repeating: 0, count: bins)
        squares = sums
    }

    /// Adds all frames of an utterance.
    public mutating func add(_ features: Features) throws(AudioError) {
        guard features.bins == sums.count else { throw .width(expected: sums.count, found: features.bins) }
        accumulate(features)
    }

    /// Adds frames of the right width.
    mutating func accumulate(_ features: Features) { accumulate(features.values, frames: features.frames) }

    mutating func accumulate(_ rows: UnsafePointer<Float>, frames count: Int) {
        steno_rows_accumulate(rows, Int64(count), Int64(sums.count), 1, &sums, &squares)
        frames += count
    }

    /// Adds what another accumulator has seen.
    public mutating func merge(_ other: FeatureStatistics) throws(AudioError) {
        guard other.sums.count == sums.count else { throw .width(expected: sums.count, found: other.sums.count) }
        frames += other.frames
        for bin in sums.indices {
            sums[bin] += other.sums[bin]
            squares[bin] += other.squares[bin]
        }
    }

    /// Means of the bins, 0 where nothing was seen.
    public var means: [Float] { sums.map { frames > 0 ? Float($0 / Double(frames)) : 0 } }

    /// Standard deviations of the bins (of the whole population), at least `Normalisation.leastDeviation`.
    public var deviations: [Float] {
        zip(sums, squares).map { sum, square in
            guard frames > 0 else { return 1 }
            let mean = sum / Double(frames)
            let deviation = max(0, square / Double(frames) - mean * mean).squareRoot()
            return max(Normalisation.leastDeviation, Float(deviation))
        }
    }
}

/// Takes each bin's mean off and divides by its standard deviation.
public struct Normalisation: Sendable, Codable, Hashable {
    public enum Mode: String, Sendable, Codable, CaseIterable {
        /// Features stay as they are.
        case none
        /// With the means and deviations of many utterances.
        case global
        /// With the utterance's own, which needs all of it: a stream takes those of the frames so far.
        case utterance
        /// Takes the utterance's own means off, no more (Kaldi's `apply-cmvn`); likewise.
        case utteranceMean
    }

    public var mode: Mode
    /// A value a bin in the global mode, else empty.
    public var means: [Float]
    public var deviations: [Float]

    /// - Parameters:
    ///   - means: a value a bin in the global mode, as are `deviations`.
    public init(mode: Mode, means: [Float] = [], deviations: [Float] = []) {
        (self.mode, self.means, self.deviations) = (mode, means, deviations)
    }

    /// A bin that does not vary is not divided by less than this.
    public static let leastDeviation: Float = 1e-5

    public static let none = Normalisation(mode: .none)
    public static let utterance = Normalisation(mode: .utterance)
    public static let utteranceMean = Normalisation(mode: .utteranceMean)

    /// The global mode, from what `statistics` has seen.
    public static func global(_ statistics: FeatureStatistics) -> Normalisation {
        Normalisation(mode: .global, means: statistics.means, deviations: statistics.deviations)
    }

    /// Whether a frame needs nothing of frames after it.
    public var isStreamable: Bool { mode == .none || mode == .global }

    /// Normalises in place. Refuses features of another width than the global statistics have.
    public func apply(to features: inout Features) throws(AudioError) {
        try validate(bins: features.bins)
        applyWhole(to: &features)
    }

    func validate(bins: Int) throws(AudioError) {
        guard mode != .global || means.count == bins && deviations.count == bins else {
            throw .width(expected: means.count, found: bins)
        }
    }

    /// Normalises features of a width that fits.
    func applyWhole(to features: inout Features) {
        switch mode {
        case .none: return
        case .global: Self.normalise(&features, means, deviations)
        case .utterance, .utteranceMean:
            var statistics = FeatureStatistics(bins: features.bins)
            statistics.accumulate(features)
            let ones = [Float](repeating: 1, count: features.bins)
            Self.normalise(&features, statistics.means, mode == .utterance ? statistics.deviations : ones)
        }
    }

    private static func normalise(_ features: inout Features, _ means: [Float], _ deviations: [Float]) {
        let scales = deviations.map { 1 / max(leastDeviation, $0) }
        steno_rows_normalise(&features.values, Int64(features.frames), Int64(features.bins), means, scales)
    }
}

/// Normalisation of frames as they come: with the statistics of the frames so far, the frame's own included, where the
/// whole would have those of the utterance.
struct RunningNormalisation: RowStep {
    private let normalisation: Normalisation
    private var statistics: FeatureStatistics

    init(_ normalisation: Normalisation, bins: Int) {
        self.normalisation = normalisation
        statistics = FeatureStatistics(bins: bins)
    }

    mutating func push(_ rows: Features) -> Features {
        var rows = rows
        if normalisation.isStreamable {
            normalisation.applyWhole(to: &rows)
            return rows
        }
        let (frames, bins) = (rows.frames, rows.bins)
        rows.values.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            for row in 0..<frames {
                let place = start + row * bins
                statistics.accumulate(place, frames: 1)
                steno_row_centre(
                    place, Int64(bins), statistics.sums, statistics.squares, Int64(statistics.frames),
                    normalisation.mode == .utterance ? 1 : 0, Normalisation.leastVariance, place)
            }
        }
        return rows
    }

    mutating func finish() -> Features {
        let bins = statistics.sums.count
        statistics = FeatureStatistics(bins: bins)
        return Features(frames: 0, bins: bins, values: [])
    }
}

extension Normalisation {
    static var leastVariance: Double { Double(leastDeviation) * Double(leastDeviation) }
}
