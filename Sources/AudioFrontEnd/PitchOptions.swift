import Glibc

/// How the fundamental frequency is found. The defaults are those of `librosa.pyin` from C2 to C7 (0.11; there the
/// sample rate is 22,050 Hz unless it is given).
///
/// For a frame x of W samples, in which samples beyond the end count as 0,
///
///     d(τ) = Σ_n (x[n] - x[n + τ])²,   d'(τ) = d(τ) τ / Σ_{j = 1...τ} d(j)
///
/// has troughs at the periods τ that x may have, refined by a parabola through each and its neighbours. Plain YIN
/// takes the first trough below a threshold. Probabilistic YIN draws the threshold from a beta distribution, which
/// gives each trough a probability, and finds the most likely path through bins of pitch, each voiced or unvoiced.
///
/// A. de Cheveigné, H. Kawahara 2002, "YIN, a fundamental frequency estimator for speech and music"; M. Mauch,
/// S. Dixon 2014, "pYIN: a fundamental frequency estimator using probabilistic threshold distributions".
public struct PitchOptions: Sendable, Codable, Hashable {
    public var method = Method.probabilistic
    /// Samples a second, 2,000 to 768,000.
    public var sampleRate = 16_000
    /// W above in samples, 4 to 65,536, and more than the longest period (librosa's frame_length). Because d(τ) takes
    /// in the τ samples at the frame's end as they are, periods come out short: by about 0.2 % of a tone where a frame
    /// holds 16 periods, and up to 1 % where it holds 5.
    public var frameSamples = 2048
    /// From one frame to the next in samples, 1 to `frameSamples` (librosa's hop_length).
    public var hopSamples = 512
    /// The lowest frequency that is looked for in hertz, above 0; C2 by default (librosa's fmin).
    public var lowHertz = 65.40639132514966
    /// The highest frequency that is looked for in hertz, above `lowHertz` and at most the Nyquist frequency; C7 by
    /// default (librosa's fmax).
    public var highHertz = 2093.004522404789
    /// Whether frame i is centred on sample `i · hopSamples`, with zeros beyond the signal's ends; if not, it begins
    /// there and lies inside the signal (librosa's center).
    public var isCentred = true
    /// Whether frames that are not voiced keep their best guess in hertz instead of 0 (librosa.pyin with
    /// fill_na=None, and what librosa.yin does).
    public var keepsGuesses = false

    /// Plain YIN's threshold on d', above 0 (librosa's trough_threshold).
    public var troughThreshold = 0.1

    // What follows is probabilistic YIN's.

    /// Thresholds on d' from 1 / thresholds to 1, 1 to 10,000 (librosa's n_thresholds).
    public var thresholds = 100
    /// First shape of the thresholds' beta distribution, above 0 and at most 1,000 (librosa's beta_parameters).
    public var thresholdAlpha = 2.0
    /// Second shape of it, likewise; the mean threshold is alpha / (alpha + beta).
    public var thresholdBeta = 18.0
    /// How much shorter periods are preferred among troughs below a threshold, each being exp(boltzmann) times as
    /// likely as the next longer one; above 0 and at most 100 (librosa's boltzmann_parameter).
    public var boltzmann = 2.0
    /// Width of a bin of pitch in semitones, 0.01 to 1; rounded so that whole bins make up a semitone (librosa's
    /// resolution).
    public var resolution = 0.1
    /// The fastest change of pitch in octaves a second, 0 to 10,000 (librosa's max_transition_rate).
    public var octavesPerSecond = 35.92
    /// Probability of a change between voiced and unvoiced from one frame to the next, above 0 and below 1 (librosa's
    /// switch_prob).
    public var switchProbability = 0.01
    /// The share of a threshold's probability that goes to the deepest trough where none is below the threshold,
    /// 0 to 1 (librosa's no_trough_prob).
    public var noTroughProbability = 0.01
    /// Frames after which the path is decided: a frame's pitch is that on the best path up to `lag` frames later, 0
    /// to 100,000. Without a lag the path is the best of the whole signal, as in librosa, and nothing is told before
    /// its end; a lag as long as the signal gives the same.
    public var lag: Int?

    public enum Method: String, Sendable, Codable, CaseIterable {
        /// Probabilistic YIN: `librosa.pyin`.
        case probabilistic
        /// Plain YIN: `librosa.yin`.
        case plain
    }

    public init() {}

    /// Whether frames come while the signal does: not on probabilistic YIN's path of the whole signal.
    public var isStreamable: Bool { method == .plain || lag != nil }
    /// Samples from a frame's middle (from its first sample if frames are not centred) until its pitch is told; nil
    /// where that waits for the signal's end.
    public var latencySamples: Int? {
        guard isStreamable else { return nil }
        return frameSamples - leftPadding + (method == .plain ? 0 : lag ?? 0) * hopSamples
    }

    /// The number of frames of a signal of `count` samples.
    public func frameCount(samples count: Int) -> Int {
        let padded = count + 2 * leftPadding
        return count == 0 || padded < frameSamples ? 0 : 1 + (padded - frameSamples) / hopSamples
    }

    /// Zeros before the first sample, and after the last.
    var leftPadding: Int { isCentred ? frameSamples / 2 : 0 }
    /// Of the periods that are looked for, in samples.
    var shortestPeriod: Int { Int(Double(sampleRate) / highHertz) }
    var longestPeriod: Int { min(Int((Double(sampleRate) / lowHertz).rounded(.up)), frameSamples - 1) }
    var binsPerSemitone: Int { Int((1 / resolution).rounded(.up)) }
    /// Bins of pitch from `lowHertz` up.
    var bins: Int { Int(Double(12 * binsPerSemitone) * log2(highHertz / lowHertz)) + 1 }

    /// Refuses options out of range; every tracker calls it.
    public func validate() throws(AudioError) {
        func need(_ holds: Bool, _ name: String, _ expected: String, _ found: Any) throws(AudioError) {
            if !holds { throw .option(name: name, expected: expected, found: "\(found)") }
        }
        let rates = AudioLimits.sampleRates
        try need(rates.contains(sampleRate), "sampleRate", "\(rates.lowerBound) to \(rates.upperBound) Hz", sampleRate)
        try need((4...65_536).contains(frameSamples), "frameSamples", "4 to 65536", frameSamples)
        try need((1...frameSamples).contains(hopSamples), "hopSamples", "1 to \(frameSamples)", hopSamples)
        let nyquist = Double(sampleRate) / 2
        try need(highHertz > 0 && highHertz <= nyquist, "highHertz", "above 0 and at most \(nyquist) Hz", highHertz)
        let lowest = Double(sampleRate) / Double(frameSamples - 1)
        try need(
            lowHertz > lowest && lowHertz < highHertz, "lowHertz",
            "above \(lowest) Hz (a period within the frame) and below highHertz", lowHertz)
        try need(troughThreshold > 0 && troughThreshold.isFinite, "troughThreshold", "above 0", troughThreshold)
        try need((1...10_000).contains(thresholds), "thresholds", "1 to 10000", thresholds)
        for (name, shape) in [("thresholdAlpha", thresholdAlpha), ("thresholdBeta", thresholdBeta)] {
            try need(shape > 0 && shape <= 1000, name, "above 0 and at most 1000", shape)
        }
        try need(boltzmann > 0 && boltzmann <= 100, "boltzmann", "above 0 and at most 100", boltzmann)
        try need((0.01...1).contains(resolution), "resolution", "0.01 to 1 semitones", resolution)
        try need((0...10_000).contains(octavesPerSecond), "octavesPerSecond", "0 to 10000", octavesPerSecond)
        try need(
            switchProbability > 0 && switchProbability < 1, "switchProbability", "above 0 and below 1",
            switchProbability)
        try need((0...1).contains(noTroughProbability), "noTroughProbability", "0 to 1", noTroughProbability)
        try need((0...100_000).contains(lag ?? 0), "lag", "0 to 100000 frames", lag ?? 0)
    }
}

extension PitchOptions {
    /// Every field has a default, so that a file names only what differs.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
            value = try fields.decodeIfPresent(Value.self, forKey: key) ?? value
        }
        try read(.method, &method)
        try read(.sampleRate, &sampleRate)
        try read(.frameSamples, &frameSamples)
        try read(.hopSamples, &hopSamples)
        try read(.lowHertz, &lowHertz)
        try read(.highHertz, &highHertz)
        try read(.isCentred, &isCentred)
        try read(.keepsGuesses, &keepsGuesses)
        try read(.troughThreshold, &troughThreshold)
        try read(.thresholds, &thresholds)
        try read(.thresholdAlpha, &thresholdAlpha)
        try read(.thresholdBeta, &thresholdBeta)
        try read(.boltzmann, &boltzmann)
        try read(.resolution, &resolution)
        try read(.octavesPerSecond, &octavesPerSecond)
        try read(.switchProbability, &switchProbability)
        try read(.noTroughProbability, &noTroughProbability)
        lag = try fields.decodeIfPresent(Int.self, forKey: .lag)
    }
}
