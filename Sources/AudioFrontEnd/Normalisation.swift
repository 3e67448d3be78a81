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
        steno_rows_accumulate(features.values, Int64(features.frames), Int64(features.bins), 1, &sums, &squares)
        frames += features.frames
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
        /// With the utterance's own, which needs all of it: this mode cannot be streamed.
        case utterance
    }

    public var mode: Mode
    /// A value a bin in the global mode, else empty.
    public var means: [Float]
    public var deviations: [Float]

    /// A bin that does not vary is not divided by less than this.
    public static let leastDeviation: Float = 1e-5

    public static let none = Normalisation(mode: .none, means: [], deviations: [])
    public static let utterance = Normalisation(mode: .utterance, means: [], deviations: [])

    /// The global mode, from what `statistics` has seen.
    public static func global(_ statistics: FeatureStatistics) -> Normalisation {
        Normalisation(mode: .global, means: statistics.means, deviations: statistics.deviations)
    }

    /// Normalises in place. Refuses features of another width than the global statistics have.
    public func apply(to features: inout Features) throws(AudioError) {
        switch mode {
        case .none: return
        case .global:
            guard features.bins == means.count, means.count == deviations.count else {
                throw .width(expected: means.count, found: features.bins)
            }
            normalise(&features, means, deviations)
        case .utterance:
            var statistics = FeatureStatistics(bins: features.bins)
            try statistics.add(features)
            normalise(&features, statistics.means, statistics.deviations)
        }
    }

    private func normalise(_ features: inout Features, _ means: [Float], _ deviations: [Float]) {
        let scales = deviations.map { 1 / max(Self.leastDeviation, $0) }
        steno_rows_normalise(&features.values, Int64(features.frames), Int64(features.bins), means, scales)
    }
}
