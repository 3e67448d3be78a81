import StenoModels
import StenoTensor
import StenoTraining

/// Reference translation models, 16,000 words a side.
enum TextReference {
    static let vocabulary = 16_000
    /// Of each sentence.
    static let words = 16

    /// - Parameter architecture: `attention` for two bidirectional GRU layers of 512 units and additive attention
    ///   (28,344,960 parameters), `transformer` for 3 + 3 layers of width 256 with 4 heads, the decoder's embedding tied
    ///   to its output (13,738,624).
    static func model(_ architecture: Architecture) -> Model {
        var options = ModelOptions()
        options.architecture = architecture
        options.input = .text
        (options.encoder.dropout, options.decoder.dropout) = (0, 0)
        if architecture == .transformer {
            (options.encoder.layers, options.decoder.layers) = (3, 3)
            (options.encoder.units, options.decoder.units) = (256, 256)
            options.tied = .output
        } else {
            options.encoder.input = 256
            options.encoder.units = 512
            options.encoder.layers = 2
            options.encoder.normalised = false
            options.decoder.bridge = true
            options.decoder.embedding = 256
            options.decoder.units = 512
            options.decoder.attention = 512
            options.decoder.readout = 512
        }
        return Model(options: options, source: .tokens(symbols: vocabulary), symbols: vocabulary)
    }

    /// Random words, none of them special.
    static func sentence(_ random: inout RandomStream) -> [Int32] {
        (0..<words).map { _ in 3 + Int32(random.next() % UInt64(vocabulary - 3)) }
    }
}

/// One training step of a reference translation model on 128 random pairs of 16 words.
func textStep(_ architecture: Architecture, _ settings: Benchmarks.Settings) -> Benchmarks.Result {
    var random = RandomStream(key: 1)
    let examples = (0..<128).map {
        PreparedExample(
            example: $0, source: .tokens(TextReference.sentence(&random)), tokens: TextReference.sentence(&random))
    }
    let step = TrainingStep(model: TextReference.model(architecture), examples: examples, ctcWeight: 0)
    return step.run(settings)
}
