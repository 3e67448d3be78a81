import AudioFrontEnd
import StenoTensor

/// Log-mel features (80 bins) of 300 s of noise at 16 kHz, one thread.
func logMel(_ options: FeatureOptions, _ settings: Benchmarks.Settings) throws -> Benchmarks.Result {
    let seconds = 300.0
    var random = RandomStream(key: 1)
    let samples = (0..<Int(16_000 * seconds)).map { _ in 0.1 * random.normal() }
    let extractor = try FeatureExtractor(options)
    let times = Benchmarks.time(max(settings.runs, 15)) { _ = extractor.features(of: samples) }
    return Benchmarks.Result(seconds: times, threads: 1, audioSeconds: seconds)
}
