import AudioFrontEnd
import StenoModels
import StenoTensor
import StenoTraining

/// The reference speech model, 9,128,604 parameters.
enum SpeechReference {
    static let bins = 80
    static let symbols = 30

    static var model: Model {
        var options = ModelOptions()
        options.encoder.input = 640
        options.encoder.units = 320
        options.encoder.layers = 3
        options.encoder.normalised = false
        options.encoder.dropout = 0
        options.decoder.embedding = 256
        options.decoder.units = 512
        options.decoder.attention = 320
        options.decoder.readout = 512
        options.decoder.dropout = 0
        return Model(options: options, source: .frames(bins: bins), symbols: symbols)
    }

    /// Features of noise, 100 frames a second.
    static func features(seconds: Double, _ random: inout RandomStream) -> Features {
        let frames = Int(100 * seconds)
        return Features(frames: frames, bins: bins, values: (0..<frames * bins).map { _ in random.normal() })
    }
}

/// One training step of the reference speech model on 320 s of audio with 15 characters a second, random both: joint
/// CTC and attention loss with label smoothing, clipping, Adam.
///
func speechStep(_ settings: Benchmarks.Settings) -> Benchmarks.Result {
    var random = RandomStream(key: 1)
    let seconds = Double(settings.seconds)
    var durations = [Double](repeating: seconds, count: max(2, Int(320 / seconds)))
    if settings.isMixed {
        // From half to one and a half of the duration, in pairs of the same sum.
        for pair in 0..<durations.count / 2 {
            let change = (Double(random.uniform()) - 0.5) * seconds
            durations[2 * pair] += change
            durations[2 * pair + 1] -= change
        }
    }
    let examples = durations.enumerated().map { index, duration in
        PreparedExample(
            example: index, source: .features(SpeechReference.features(seconds: duration, &random)),
            tokens: (0..<Int(15 * duration)).map { _ in 3 + Int32(random.next() % 27) })
    }
    return TrainingStep(model: SpeechReference.model, examples: examples, ctcWeight: 0.3)
        .run(settings, audioSeconds: durations.reduce(0, +))
}
