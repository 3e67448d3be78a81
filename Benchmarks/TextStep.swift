import StenoModels
import StenoTensor
import StenoTraining

/// One training step of the reference translation model (28,344,960 parameters; two bidirectional GRU layers of 512
/// units, additive attention, 16,000 words a side) on 128 random pairs of 16 words.
func textStep(_ settings: Benchmarks.Settings) -> Benchmarks.Result {
    let (pairs, words, vocabulary) = (128, 16, 16_000)
    var options = ModelOptions()
    options.input = .text
    options.encoder.input = 256
    options.encoder.units = 512
    options.encoder.layers = 2
    options.encoder.normalised = false
    options.encoder.dropout = 0
    options.decoder.bridge = true
    options.decoder.embedding = 256
    options.decoder.units = 512
    options.decoder.attention = 512
    options.decoder.readout = 512
    options.decoder.dropout = 0
    var random = RandomStream(key: 1)
    func sentence() -> [Int32] { (0..<words).map { _ in 3 + Int32(random.next() % UInt64(vocabulary - 3)) } }
    let examples = (0..<pairs).map { PreparedExample(example: $0, source: .tokens(sentence()), tokens: sentence()) }
    let model = Model(options: options, source: .tokens(symbols: vocabulary), symbols: vocabulary)
    return TrainingStep(model: model, examples: examples, ctcWeight: 0).run(settings)
}
