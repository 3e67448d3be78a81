import CKernels
import Glibc

/// How probable the troughs of a frame are before its path is known: the distribution of thresholds, and how a
/// threshold's probability is shared among the troughs below it.
struct PitchPrior: Sendable {
    let probabilities: [Double]
    /// Of `probabilities`, from 0 on.
    let sums: [Double]
    /// Of the first of so many troughs below a threshold.
    let shares: [Double]

    /// - Parameter troughs: the most that a frame can have.
    init(_ options: PitchOptions, troughs: Int) {
        let cumulative = (0...options.thresholds).map {
            betaDistribution(
                Double($0) / Double(options.thresholds), options.thresholdAlpha, options.thresholdBeta)
        }
        probabilities = zip(cumulative.dropFirst(), cumulative).map { $0 - $1 }
        sums = cumulative
        shares = (0...troughs).map { $0 == 0 ? 0 : expm1(-options.boltzmann) / expm1(-options.boltzmann * Double($0)) }
    }

    /// Lends the kernels' view of this to `body`.
    func withKernel(_ options: PitchOptions, _ body: (UnsafePointer<steno_pitch_prior_t>) -> Void) {
        probabilities.withUnsafeBufferPointer { probabilities in
            sums.withUnsafeBufferPointer { sums in
                shares.withUnsafeBufferPointer { shares in
                    var prior = steno_pitch_prior_t()
                    prior.thresholds = Int64(options.thresholds)
                    prior.shortest = Int64(options.shortestPeriod)
                    prior.bins = Int64(options.bins)
                    prior.decay = exp(-options.boltzmann)
                    prior.no_trough = options.noTroughProbability
                    prior.bins_per_octave = Double(12 * options.binsPerSemitone)
                    prior.rate = Double(options.sampleRate)
                    prior.low = options.lowHertz
                    prior.probabilities = probabilities.baseAddress
                    prior.sums = sums.baseAddress
                    prior.shares = shares.baseAddress
                    body(&prior)
                }
            }
        }
    }
}

/// The probability of a number below x under the beta distribution, by its continued fraction (DLMF 8.17.22) on the
/// side where that converges fast.
func betaDistribution(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - betaDistribution(1 - x, b, a) }
    let front = exp(a * log(x) + b * log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b)) / a
    // Lentz's way of going down the fraction 1 / (1 + d1 / (1 + d2 / ...)).
    let smallest = 1e-300
    var (value, c, d) = (1.0, 1.0, 0.0)
    for step in 0..<10_000 {
        let m = Double(step / 2)
        let term =
            step == 0
            ? 1
            : step % 2 == 0
                ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 + term * d
        d = 1 / (abs(d) < smallest ? smallest : d)
        c = 1 + term / c
        if abs(c) < smallest { c = smallest }
        value *= c * d
        if step > 0 && abs(c * d - 1) < 1e-16 { break }
    }
    return front * (value - 1)
}
