/// The range in which an error rate or a score lies with a given confidence, by resampling of utterances or lines.
///
/// Bisani, Ney 2004, "Bootstrap estimates for confidence intervals in ASR performance evaluation" (and Koehn 2004,
/// "Statistical significance tests for machine translation evaluation"): the corpus is drawn anew from its own
/// utterances, with replacement, many times; the quantiles of the rates are the bounds. Utterances of one speaker are
/// alike, so for few speakers the true range is somewhat wider.
package struct ConfidenceInterval: Codable, Equatable, Sendable {
    /// 0.25 is 25 %.
    package let lower: Double
    package let upper: Double
    /// 0.95 means that 95 % of the resampled rates lie between the bounds.
    package let confidence: Double

    package init(lower: Double, upper: Double, confidence: Double) {
        self.lower = lower
        self.upper = upper
        self.confidence = confidence
    }

    /// The interval for the error rate of the utterances given; both bounds are 0 when there is none.
    package init(
        utterances: [ErrorCounts], confidence: Double = 0.95, resamples: Int = 1000, seed: UInt64 = 0
    ) {
        self.init(utterances, confidence: confidence, resamples: resamples, seed: seed) { $0.rate }
    }

    /// The interval for any figure that follows from sums over a corpus; both bounds are 0 when it is empty.
    ///
    /// - Parameters:
    ///   - lines: the counts of each line or utterance.
    ///   - confidence: between 0 and 1, exclusive.
    ///   - resamples: how often the corpus is drawn anew.
    ///   - seed: the same seed gives the same bounds.
    ///   - figure: of summed counts.
    package init<Counts: CorpusCounts>(
        _ lines: [Counts], confidence: Double = 0.95, resamples: Int = 1000, seed: UInt64 = 0,
        figure: (Counts) -> Double
    ) {
        precondition(confidence > 0 && confidence < 1, "confidence between 0 and 1")
        precondition(resamples > 0, "at least one resample")
        guard !lines.isEmpty else {
            self.init(lower: 0, upper: 0, confidence: confidence)
            return
        }
        var random = SplitMix64(seed: seed)
        var figures = (0..<resamples).map { _ in
            var total = Counts()
            for _ in lines.indices {
                total += lines[Int.random(in: lines.indices, using: &random)]
            }
            return figure(total)
        }
        figures.sort()
        let tail = (1 - confidence) / 2
        self.init(
            lower: Self.quantile(tail, of: figures), upper: Self.quantile(1 - tail, of: figures), confidence: confidence
        )
    }

    /// The quantile of sorted values, interpolated between neighbours.
    private static func quantile(_ fraction: Double, of sorted: [Double]) -> Double {
        let position = fraction * Double(sorted.count - 1)
        let below = Int(position)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
    }
}

/// Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators": the same numbers on every machine.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
