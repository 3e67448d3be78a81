import Glibc

/// How sound becomes features: spectra, log-mel energies or cepstra. The defaults are Kaldi's filter bank
/// (`compute-fbank-feats` without dither) with 80 bins, on samples in [-1, 1] where Kaldi has them in
/// [-32768, 32767] (see `sampleScale`). What other tools compute stands in `FeatureOptions+Conventions.swift`:
/// `.kaldi`, `.librosa`, `.whisper`, `.htk`, `.pythonSpeechFeatures`.
///
/// A frame of samples x, length N, becomes
///
///     x[n] ← scale · x[n] + dither · z[n];   x[n] ← x[n] - mean(x);   y[n] = w[n] (x[n] - p x[max(n - 1, 0)])
///     P[k] = |Σ_n y[n] e^(-2πi kn / K)|²,   k = 0 ... K / 2              the spectrum
///     E[b] = Σ_k M[b,k] P[k]                                             the mel energies
///     f[b] = ln max(E[b], floor)                                         compressed (of the spectrum likewise)
///     f[b] ← (max(f[b], max(f) - range) + offset) · outputScale
///     c[i] = l[i] Σ_b D[i,b] f[b],   l[i] = 1 + L / 2 sin(π(i + first) / L)   the cepstra, with a lifter
///
/// S. Young et al., "The HTK Book", 5.2-5.6; Kaldi's feature-window.h and mel-computations.cc.
public struct FeatureOptions: Sendable, Codable, Hashable {
    // MARK: Frames

    /// Samples a second, 2,000 to 768,000.
    public var sampleRate = 16_000
    /// Length of a frame in seconds; 2 to 65,536 samples.
    public var frameSeconds = 0.025
    /// From the start of one frame to the next in seconds; 1 sample to a frame's length.
    public var hopSeconds = 0.010
    /// Length of a frame in samples whatever the sample rate, as librosa has it; 0 for `frameSeconds`.
    public var frameSamples = 0
    /// From the start of one frame to the next in samples whatever the sample rate; 0 for `hopSeconds`.
    public var hopSamples = 0
    /// How seconds become whole samples.
    public var rounding = Rounding.down
    public var framing = Framing.snipEdges
    /// What stands before the first and after the last sample, where frames reach there.
    public var edges = Edges.symmetric
    public var window = WindowShape.povey
    /// Points of the Fourier transform K, even and at least a frame's length; 0 for the power of two at or above it.
    public var transformPoints = 0
    public var windowPlacement = WindowPlacement.start

    // MARK: Samples

    /// What samples are multiplied by; 32768 gives Kaldi's own numbers for samples in [-1, 1].
    public var sampleScale = 1.0
    /// Deviation of normal noise that is added to the scaled samples, 0 (none) to 1e6. A sample's noise depends on
    /// the seed and its place alone and is the same in every frame (Kaldi draws anew for each); its generator is
    /// described at `steno_dither` in CKernels.h.
    public var dither = 0.0
    public var ditherSeed = 0
    /// Whether each frame's mean is taken off.
    public var removeDC = true
    /// p above, from 0 (none) to 1.
    public var preEmphasis = 0.97
    public var preEmphasisScope = PreEmphasisScope.frame

    // MARK: Spectrum and filters

    public var output = Output.mel
    public var spectrum = Spectrum.power
    /// Filters; 1 to 1,024. A filter too narrow to reach any point of the transform (low ones, where there are many)
    /// stays at the floor.
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

    // MARK: Compression

    public var compression = Compression.natural
    /// The least energy of the logarithm, 1.2e-38 to 1e30, used as `floorRule` says. The default is float32's epsilon.
    public var logFloor = 1.1920928955078125e-07
    public var floorRule = FloorRule.least
    /// What energies are divided by before the logarithm, above 0 (not less than `logFloor`); 0 for the loudest energy
    /// of the whole signal.
    public var reference = 1.0
    /// Values further than this below the signal's largest are raised to there, in the logarithm's unit: 8 for
    /// Whisper, librosa's top_db; 0 for no such limit. This and `reference` are of logarithms: without `compression`
    /// they are left alone.
    public var range = 0.0
    /// What is added to values, and what they are multiplied by after that.
    public var outputOffset = 0.0
    public var outputScale = 1.0

    // MARK: Cepstra and energy

    /// Cepstral coefficients that are kept, 1 to `melBins`.
    public var coefficients = 13
    public var cosineTransform = CosineTransform.orthonormal
    /// L above, 0 (none) to 1000.
    public var lifter = 0.0
    /// What the first coefficient counts as in the lifter, 0 to 1000: 0 in Kaldi and HTK, 1 in librosa.
    public var lifterFirst = 0
    /// Whether c[0] comes last, as in HTK.
    public var zerothLast = false
    public var energy = Energy.none
    public var energySource = EnergySource.raw
    /// The least energy of a frame, as `logFloor`; the same rule and the same logarithm hold for it.
    public var energyFloor = 1.1920928955078125e-07

    public init() {}

    // MARK: Choices

    public enum Rounding: String, Sendable, Codable, CaseIterable {
        /// Kaldi, HTK.
        case down
        /// To the nearest, up in the middle: python_speech_features.
        case halfUp
    }

    /// Where frames lie. n is the signal's number of samples; a signal of no samples has no frames. A frame is N
    /// samples, or K if the window is placed in the middle of the transform.
    public enum Framing: String, Sendable, Codable, CaseIterable {
        /// Frames inside the signal only: `1 + (n - N) / hop`, none if it is shorter than a frame.
        case snipEdges
        /// Frame i is centred on sample `i · hop`: `1 + n / hop` (librosa, torch).
        case centred
        /// The same without the last one: `n / hop` (Whisper).
        case centredDroppingLast
        /// Frame i is centred on the middle of its hop: `(n + hop / 2) / hop` (Kaldi without snip-edges).
        case hopCentred
        /// Frames from the first sample on until all samples are in one: `1 + ceil((n - N) / hop)`, at least 1
        /// (python_speech_features).
        case padEnd
    }

    /// What is assumed outside of the signal (`abcd`).
    public enum Edges: String, Sendable, Codable, CaseIterable {
        /// `00|abcd|00`: librosa's "constant".
        case zero
        /// `cb|abcd|cb`: librosa's and torch's "reflect", Whisper's.
        case reflect
        /// `ba|abcd|dc`: Kaldi's.
        case symmetric
        /// `aa|abcd|dd`: NumPy's "edge".
        case nearest
    }

    /// Where the window of N samples lies in the transform of K points.
    public enum WindowPlacement: String, Sendable, Codable, CaseIterable {
        /// A frame is N samples, and zeros follow them: Kaldi, HTK.
        case start
        /// A frame is K samples, and the window has zeros on both sides: librosa, torch. The frame's mean and
        /// pre-emphasis are then those of K samples.
        case centred
    }

    public enum PreEmphasisScope: String, Sendable, Codable, CaseIterable {
        /// In each frame, where the sample before the first is the first: Kaldi, HTK.
        case frame
        /// Over the whole signal before it is cut, where the sample before the first is 0: python_speech_features.
        case signal
    }

    public enum Output: String, Sendable, Codable, CaseIterable {
        /// The compressed spectrum, K / 2 + 1 points.
        case spectrogram
        /// The compressed mel energies.
        case mel
        /// Mel-frequency cepstral coefficients (Davis, Mermelstein 1980).
        case mfcc

        /// What the values of a frame are, in words.
        package var name: String {
            switch self {
            case .spectrogram: "spectrum points"
            case .mel: "mel bins"
            case .mfcc: "cepstra"
            }
        }
    }

    /// What the filters sum.
    public enum Spectrum: String, Sendable, Codable, CaseIterable {
        /// `|X|²`
        case power
        /// `|X|`: HTK's default.
        case magnitude
        /// `|X|² / K`: python_speech_features.
        case periodogram
    }

    /// Where the sides of the filters' triangles are straight lines.
    public enum MelSlope: String, Sendable, Codable, CaseIterable {
        /// On the mel scale: HTK, Kaldi.
        case mel
        /// In hertz: librosa, Whisper.
        case hertz
        /// Over the transform's points, with corners at `floor((K + 1) f / rate)`: python_speech_features.
        case points
    }

    public enum Compression: String, Sendable, Codable, CaseIterable {
        /// Energies stay as they are; floor, reference and `floorRule` are of no use.
        case none
        /// `ln`
        case natural
        /// `log₁₀`
        case log10
        /// `10 log₁₀` of power, `20 log₁₀` of magnitudes.
        case decibels
    }

    /// What becomes of an energy E before the logarithm.
    public enum FloorRule: String, Sendable, Codable, CaseIterable {
        /// `max(E, floor)`
        case least
        /// `E + floor`
        case added
        /// `floor` where E is 0, E elsewhere: python_speech_features.
        case zeros
    }

    /// D for the coefficients i of B filters, b from 0: `g cos(πi (b + ½) / B)`.
    public enum CosineTransform: String, Sendable, Codable, CaseIterable {
        /// g = √(2 / B), and √(1 / B) for i = 0: Kaldi, librosa, python_speech_features.
        case orthonormal
        /// g = √(2 / B): HTK.
        case htk
        /// g = 2: SciPy's without normalisation.
        case plain
    }

    /// Where a frame's energy stands.
    public enum Energy: String, Sendable, Codable, CaseIterable {
        case none
        /// In the place of the first value of a spectrogram or of mel energies, or of c[0].
        case replacesFirst
        /// Before all others.
        case firstColumn
        /// After all others.
        case lastColumn
    }

    /// What a frame's energy is the sum of.
    public enum EnergySource: String, Sendable, Codable, CaseIterable {
        /// Squared samples before pre-emphasis (in frames) and window, without their mean if `removeDC`.
        case raw
        /// Squared samples after the window.
        case windowed
        /// The spectrum: python_speech_features.
        case spectrum
    }

    // MARK: What follows from them

    /// Samples a frame.
    public var frameLength: Int { frameSamples != 0 ? frameSamples : samples(frameSeconds) }
    /// Samples from the start of one frame to the next.
    public var hop: Int { hopSamples != 0 ? hopSamples : samples(hopSeconds) }
    /// Points of the Fourier transform.
    public var transformLength: Int {
        if transformPoints > 0 { return transformPoints }
        var power = 2
        while power < frameLength { power *= 2 }
        return power
    }
    /// Where the highest filter ends in hertz.
    public var highestHertz: Double { highHertz > 0 ? highHertz : Double(sampleRate) / 2 + highHertz }

    /// Values a frame.
    public var bins: Int { valueCount + (energy == .firstColumn || energy == .lastColumn ? 1 : 0) }

    /// Values a frame without a further column for the energy.
    var valueCount: Int {
        switch output {
        case .spectrogram: transformLength / 2 + 1
        case .mel: melBins
        case .mfcc: coefficients
        }
    }

    /// Whether a frame needs nothing of frames after it: false if `range` or `reference` asks for the largest value of
    /// the whole signal. A stream then takes the largest so far.
    public var isStreamable: Bool { compression == .none || range == 0 && reference > 0 }

    /// Samples from the beginning of frame i's hop, sample i · hop, to the last one that must be there for the frame
    /// to come out of a stream, at most.
    public var latencySamples: Int {
        let own = span - leftPadding
        // Reflection at the beginning, and whether there is a frame at all.
        switch framing {
        case .snipEdges, .padEnd: return own
        case .centred: return max(own, leftPadding + 1)
        case .centredDroppingLast: return max(own, leftPadding + 1, hop)
        case .hopCentred: return max(own, leftPadding + 1, hop - hop / 2)
        }
    }
    public var latencySeconds: Double { Double(latencySamples) / Double(sampleRate) }

    /// The number of frames of a signal of `count` samples.
    public func frameCount(samples count: Int) -> Int {
        guard count > 0 else { return 0 }
        switch framing {
        case .snipEdges: return count < span ? 0 : 1 + (count - span) / hop
        case .centred: return 1 + count / hop
        case .centredDroppingLast: return count / hop
        case .hopCentred: return (count + hop / 2) / hop
        case .padEnd: return count <= span ? 1 : 1 + (count - span + hop - 1) / hop
        }
    }

    /// Samples of which a frame is made.
    var span: Int { windowPlacement == .centred ? transformLength : frameLength }

    /// Samples assumed before the first.
    var leftPadding: Int {
        switch framing {
        case .snipEdges, .padEnd: 0
        case .centred, .centredDroppingLast: span / 2
        case .hopCentred: span / 2 - hop / 2
        }
    }

    private func samples(_ seconds: Double) -> Int {
        let exact = seconds * Double(sampleRate) + 1e-6
        let count = (rounding == .halfUp ? exact + 0.5 : exact).rounded(.down)
        return count.isFinite && abs(count) < 1e9 ? Int(count) : -1
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
        try read(.frameSamples, &frameSamples)
        try read(.hopSamples, &hopSamples)
        try read(.rounding, &rounding)
        try read(.framing, &framing)
        try read(.edges, &edges)
        try read(.window, &window)
        try read(.transformPoints, &transformPoints)
        try read(.windowPlacement, &windowPlacement)
        try read(.sampleScale, &sampleScale)
        try read(.dither, &dither)
        try read(.ditherSeed, &ditherSeed)
        try read(.removeDC, &removeDC)
        try read(.preEmphasis, &preEmphasis)
        try read(.preEmphasisScope, &preEmphasisScope)
        try read(.output, &output)
        try read(.spectrum, &spectrum)
        try read(.melBins, &melBins)
        try read(.lowHertz, &lowHertz)
        try read(.highHertz, &highHertz)
        try read(.melScale, &melScale)
        try read(.melSlope, &melSlope)
        try read(.areaNormalised, &areaNormalised)
        try read(.compression, &compression)
        try read(.logFloor, &logFloor)
        try read(.floorRule, &floorRule)
        try read(.reference, &reference)
        try read(.range, &range)
        try read(.outputOffset, &outputOffset)
        try read(.outputScale, &outputScale)
        try read(.coefficients, &coefficients)
        try read(.cosineTransform, &cosineTransform)
        try read(.lifter, &lifter)
        try read(.lifterFirst, &lifterFirst)
        try read(.zerothLast, &zerothLast)
        try read(.energy, &energy)
        try read(.energySource, &energySource)
        try read(.energyFloor, &energyFloor)
    }
}
