/// What other tools compute, to the last option, for samples in [-1, 1]. Each holds for the sample rate that the tool
/// has by default and may be given another; what the tool leaves to chance (Kaldi's dither) is off.
extension FeatureOptions {
    /// Kaldi's `compute-fbank-feats`, kaldi-native-fbank, `torchaudio.compliance.kaldi.fbank`: 23 log-mel energies.
    /// Most models take 80 (`melBins`).
    public static let kaldi: FeatureOptions = {
        var options = FeatureOptions()
        options.sampleScale = 32_768
        options.melBins = 23
        return options
    }()

    /// Kaldi's `compute-mfcc-feats`: 13 cepstra, the first of which is the frame's log energy.
    public static let kaldiMFCC: FeatureOptions = {
        var options = kaldi
        options.output = .mfcc
        options.lifter = 22
        options.energy = .replacesFirst
        return options
    }()

    /// Kaldi's `compute-spectrogram-feats`, `torchaudio.compliance.kaldi.spectrogram`: 257 log powers, the first of
    /// which is the frame's log energy.
    public static let kaldiSpectrogram: FeatureOptions = {
        var options = kaldi
        options.output = .spectrogram
        options.energy = .replacesFirst
        return options
    }()

    /// `librosa.feature.melspectrogram`: 128 mel energies of 2,048 samples every 512. With `compression` none they are
    /// what that function gives; `.librosa` itself adds `librosa.power_to_db` (10 log₁₀ and the range of 80 dB).
    public static let librosa: FeatureOptions = {
        var options = FeatureOptions()
        options.sampleRate = 22_050
        options.frameSamples = 2048
        options.hopSamples = 512
        options.transformPoints = 2048
        options.windowPlacement = .centred
        options.framing = .centred
        options.edges = .zero
        options.window = .hannPeriodic
        options.preEmphasis = 0
        options.removeDC = false
        options.melBins = 128
        options.lowHertz = 0
        options.melScale = .slaney
        options.melSlope = .hertz
        options.areaNormalised = true
        options.compression = .decibels
        options.logFloor = 1e-10
        options.range = 80
        return options
    }()

    /// `librosa.feature.mfcc`: 20 cepstra of `.librosa`.
    public static let librosaMFCC: FeatureOptions = {
        var options = librosa
        options.output = .mfcc
        options.coefficients = 20
        options.lifterFirst = 1
        return options
    }()

    /// Whisper's `log_mel_spectrogram` with 80 bins, of the signal as it is: Whisper itself pads it with zeros to 30 s
    /// (faster-whisper's extractor with 160 zeros) first.
    public static let whisper: FeatureOptions = {
        var options = FeatureOptions()
        options.transformPoints = 400
        options.framing = .centredDroppingLast
        options.edges = .reflect
        options.window = .hannPeriodic
        options.preEmphasis = 0
        options.removeDC = false
        options.lowHertz = 0
        options.melScale = .slaney
        options.melSlope = .hertz
        options.areaNormalised = true
        options.compression = .log10
        options.logFloor = 1e-10
        options.range = 8
        options.outputOffset = 4
        options.outputScale = 0.25
        return options
    }()

    /// Whisper's with 128 bins: large-v3 and its turbo.
    public static let whisper128: FeatureOptions = {
        var options = whisper
        options.melBins = 128
        return options
    }()

    /// HTK's FBANK with the configuration of the HTK Book's tutorial (3.1.5): 26 log-mel magnitudes of 25 ms every
    /// 10 ms, at least 0.
    public static let htk: FeatureOptions = {
        var options = FeatureOptions()
        options.sampleScale = 32_768
        options.window = .hamming
        options.removeDC = false
        options.spectrum = .magnitude
        options.melBins = 26
        options.lowHertz = 0
        options.logFloor = 1
        return options
    }()

    /// HTK's MFCC_0 with the same configuration: c[1] to c[12], then c[0]. MFCC_E is `energy` = `.replacesFirst` (with
    /// ENORMALISE = F).
    public static let htkMFCC: FeatureOptions = {
        var options = htk
        options.output = .mfcc
        options.cosineTransform = .htk
        options.lifter = 22
        options.zerothLast = true
        return options
    }()

    /// `python_speech_features.logfbank` of samples in [-32768, 32767]: 26 log-mel energies. Its transform is of 512
    /// points whatever the sample rate, and cuts longer frames; this one is the power of two at or above a frame, as
    /// that tool's `mfcc` has it: the same at 16 kHz, while below that `transformPoints` = 512 gives logfbank's.
    public static let pythonSpeechFeatures: FeatureOptions = {
        var options = FeatureOptions()
        options.sampleScale = 32_768
        options.rounding = .halfUp
        options.framing = .padEnd
        options.edges = .zero
        options.window = .rectangular
        options.removeDC = false
        options.preEmphasisScope = .signal
        options.spectrum = .periodogram
        options.melBins = 26
        options.lowHertz = 0
        options.melSlope = .points
        options.logFloor = 2.220446049250313e-16
        options.floorRule = .zeros
        options.energySource = .spectrum
        options.energyFloor = 2.220446049250313e-16
        return options
    }()

    /// `python_speech_features.mfcc`: 13 cepstra, the first of which is the frame's log energy.
    public static let pythonSpeechFeaturesMFCC: FeatureOptions = {
        var options = pythonSpeechFeatures
        options.output = .mfcc
        options.lifter = 22
        options.energy = .replacesFirst
        return options
    }()

    /// All of the above by name.
    public static let conventions: [(name: String, options: FeatureOptions)] = [
        ("kaldi", kaldi), ("kaldiMFCC", kaldiMFCC), ("kaldiSpectrogram", kaldiSpectrogram), ("librosa", librosa),
        ("librosaMFCC", librosaMFCC), ("whisper", whisper), ("whisper128", whisper128), ("htk", htk),
        ("htkMFCC", htkMFCC), ("pythonSpeechFeatures", pythonSpeechFeatures),
        ("pythonSpeechFeaturesMFCC", pythonSpeechFeaturesMFCC),
    ]
}
