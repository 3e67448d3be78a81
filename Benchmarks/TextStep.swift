import StenoModels
import StenoTensor
import StenoTraining

/// One training step of a reference translation model on 128 random pairs of 16 words, 16,000 words a side.
///
/// - Parameter architecture: `attention` for two bidirectional GRU layers of 512 units and additive attention
///   (28,344,960 parameters), `transformer` for 3 + 3 layers of width 256 with 4 heads, the decoder's embedding tied to
///   its output (13.7 million).
func textStep(_ architecture: Architecture, _ settings: Benchmarks.Settings) -> Benchmarks.Result {
    let (pairs, words, vocabulary) = (128, 16, 16_000)
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
    var random = RandomStream(key: 1)
    func sentence() -> [Int32] { (0..<words).map { _ in 3 + Int32(random.next() % UInt64(vocabulary - 3)) } }
    let examples = (0..<pairs).map { PreparedExample(example: $0, source: .tokens(sentence()), tokens: sentence()) }
    let model = Model(options: options, source: .tokens(symbols: vocabulary), symbols: vocabulary)
    return TrainingStep(model: model, examples: examples, ctcWeight: 0).run(settings)
}
