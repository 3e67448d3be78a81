/// How sound becomes log-mel features. The defaults are Kaldi's filter bank (`compute-fbank-feats` without dither)
/// with 80 bins, on samples in [-1, 1] where Kaldi has them in [-32768, 32767] (see `sampleScale`).
///
/// A frame of samples x, length N, becomes
///
///     x[n] ← scale · x[n];   x[n] ← x[n] - mean(x);   y[n] = w[n] (x[n] - p x[max(n - 1, 0)])
///     P[k] = |Σ_n y[n] e^(-2πi kn / K)|²,   f[b] = ln max(Σ_k M[b,k] P[k], floor)
///
/// S. Young et al., "The HTK Book", 5.2-5.4; Kaldi's feature-window.h and mel-computations.cc.
public struct FeatureOptions: Sendable, Codable, Hashable {
    /// Samples a second, 2,000 to 768,000.
    public var sampleRate = 16_000
    /// Length of a frame in seconds; 2 to 65,536 samples, rounded down.
    public var frameSeconds = 0.025
    /// From the start of one frame to the next in seconds; 1 sample to a frame's length, rounded down.
    public var hopSeconds = 0.010
    /// Points of the Fourier transform, even and at least a frame's length; 0 for the power of two at or above it.
    public var transformPoints = 0
    public var window = WindowShape.povey
    /// p above, from 0 (none) to 1.
    public var preEmphasis = 0.97
    /// Whether each frame's mean is taken off.
    public var removeDC = true
    /// What samples are multiplied by; 32768 gives Kaldi's own numbers for samples in [-1, 1].
    public var sampleScale = 1.0
    public var spectrum = Spectrum.power
    /// Filters, that is features a frame; 1 to 1,024. A filter too narrow to reach any point of the transform (low
    /// ones, where there are many) stays at the floor.
    public var melBins = 80
    /// Where the lowest filter begins in hertz, 0 or above.
    public var lowHertz = 20.0
    /// Where the highest filter ends in hertz, above `lowHertz` and not above the Nyquist frequency; 0 or below is
    /// counted from the Nyquist frequency.
    public var highHertz = 0.0
    public var melScale = MelScale.htk
    public var melSlope = MelSlope.mel
    /// Whether each filter is scaled to the area of 1 (in hertz; Slaney's way).
    public var areaNormalised = false
    /// Energies below this are taken as this before the logarithm; at least 1.2e-38. The default is float32's epsilon.
    public var logFloor = 1.1920928955078125e-07
    public var framing = Framing.snipEdges
    /// What stands before the first and after the last sample, where frames reach there.
    public var edges = Edges.symmetric

    public enum Spectrum: String, Sendable, Codable, CaseIterable {
        case power, magnitude
    }

    /// Where the sides of the filters' triangles are straight lines.
    public enum MelSlope: String, Sendable, Codable, CaseIterable {
        /// On the mel scale: HTK, Kaldi.
        case mel
        /// In hertz: librosa, Whisper.
        case hertz
    }

    /// Where frames lie. n is the signal's number of samples; a signal of no samples has no frames.
    public enum Framing: String, Sendable, Codable, CaseIterable {
        /// Frames inside the signal only: `1 + (n - length) / hop`, none if it is shorter than a frame.
        case snipEdges
        /// Frame i is centred on sample `i · hop`: `1 + n / hop` (librosa, Whisper before it drops the last).
        case centred
        /// Frame i is centred on the middle of its hop: `(n + hop / 2) / hop` (Kaldi without snip-edges).
        case hopCentred
    }

    /// What is assumed outside of the signal (`abcd`).
    public enum Edges: String, Sendable, Codable, CaseIterable {
        /// `00|abcd|00`
        case zero
        /// `cb|abcd|cb`: librosa's and torch's "reflect".
        case reflect
        /// `ba|abcd|dc`: Kaldi's.
        case symmetric
    }

    public init() {}

    /// Samples a frame.
    public var frameLength: Int { samples(frameSeconds) }
    /// Samples from the start of one frame to the next.
    public var hop: Int { samples(hopSeconds) }
    /// Points of the Fourier transform.
    public var transformLength: Int {
        if transformPoints > 0 { return transformPoints }
        var power = 2
        while power < frameLength { power *= 2 }
        return power
    }
    /// Where the highest filter ends in hertz.
    public var highestHertz: Double { highHertz > 0 ? highHertz : Double(sampleRate) / 2 + highHertz }

    /// The number of frames of a signal of `count` samples.
    public func frameCount(samples count: Int) -> Int {
        guard count > 0 else { return 0 }
        switch framing {
        case .snipEdges: return count < frameLength ? 0 : 1 + (count - frameLength) / hop
        case .centred: return 1 + count / hop
        case .hopCentred: return (count + hop / 2) / hop
        }
    }

    /// Samples assumed before the first.
    var leftPadding: Int {
        switch framing {
        case .snipEdges: 0
        case .centred: frameLength / 2
        case .hopCentred: frameLength / 2 - hop / 2
        }
    }

    private func samples(_ seconds: Double) -> Int {
        let count = (seconds * Double(sampleRate) + 1e-6).rounded(.down)
        return count.isFinite && abs(count) < 1e9 ? Int(count) : -1
    }

    /// Refuses options out of range; every extractor calls it.
    public func validate() throws(AudioError) {
        func need(_ holds: Bool, _ name: String, _ expected: String, _ found: Any) throws(AudioError) {
            if !holds { throw .option(name: name, expected: expected, found: "\(found)") }
        }
        let rates = AudioLimits.sampleRates
        try need(rates.contains(sampleRate), "sampleRate", "\(rates.lowerBound) to \(rates.upperBound) Hz", sampleRate)
        try need((2...65_536).contains(frameLength), "frameSeconds", "2 to 65536 samples", "\(frameSeconds) s")
        try need((1...frameLength).contains(hop), "hopSeconds", "1 sample to a frame's length", "\(hopSeconds) s")
        try need(
            transformPoints == 0
                || transformPoints % 2 == 0 && (frameLength...(1 << 17)).contains(transformPoints),
            "transformPoints", "0 or an even number from \(frameLength) to \(1 << 17)", transformPoints)
        try need((0...1).contains(preEmphasis), "preEmphasis", "0 to 1", preEmphasis)
        try need(
            sampleScale > 0 && sampleScale <= 1e9, "sampleScale", "above 0 and at most 1e9", sampleScale)
        try need((1...1024).contains(melBins), "melBins", "1 to 1024", melBins)
        let nyquist = Double(sampleRate) / 2
        try need((0..<nyquist).contains(lowHertz), "lowHertz", "0 to below \(nyquist) Hz", lowHertz)
        try need(
            highestHertz > lowHertz && highestHertz <= nyquist, "highHertz",
            "above lowHertz and at most \(nyquist) Hz", highHertz)
        try need((1.2e-38...1e30).contains(logFloor), "logFloor", "1.2e-38 to 1e30", logFloor)
    }
}

extension FeatureOptions {
    /// Every field has a default, so that a file names only what differs.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
            value = try fields.decodeIfPresent(Value.self, forKey: key) ?? value
        }
        try read(.sampleRate, &sampleRate)
        try read(.frameSeconds, &frameSeconds)
        try read(.hopSeconds, &hopSeconds)
        try read(.transformPoints, &transformPoints)
        try read(.window, &window)
        try read(.preEmphasis, &preEmphasis)
        try read(.removeDC, &removeDC)
        try read(.sampleScale, &sampleScale)
        try read(.spectrum, &spectrum)
        try read(.melBins, &melBins)
        try read(.lowHertz, &lowHertz)
        try read(.highHertz, &highHertz)
        try read(.melScale, &melScale)
        try read(.melSlope, &melSlope)
        try read(.areaNormalised, &areaNormalised)
        try read(.logFloor, &logFloor)
        try read(.framing, &framing)
        try read(.edges, &edges)
    }
}
