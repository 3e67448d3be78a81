import AudioFrontEnd
import Foundation
import StenoModels
import StenoTensor
import StenoTestSupport
import StenoText

extension TemporaryFolder {
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted() }
    func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name)))) }
}

/// The bytes of a safetensors file, right or wrong.
func safeTensorBytes(header: String, data: Int = 0, headerLength: UInt64? = nil) -> [UInt8] {
    let length = headerLength ?? UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
        + [UInt8](repeating: 0, count: data)
}

/// A small model with random weights.
func smallModel(_ input: ModelOptions.Input = .audio) -> TrainedModel {
    var options = ModelOptions()
    options.input = input
    options.encoder.subsampling = 2
    options.encoder.channels = 2
    options.encoder.input = 4
    options.encoder.layers = 1
    options.encoder.units = 3
    options.decoder.embedding = 2
    options.decoder.units = 3
    options.decoder.attention = 2
    options.decoder.readout = 3
    let vocabulary = Vocabulary(characters: "abä".unicodeScalars)
    var features = FeatureOptions()
    features.melBins = 6
    var statistics = Normalisation.none
    statistics.mode = .global
    statistics.means = (0..<6).map { Float($0) / 3 }
    statistics.deviations = (0..<6).map { 1 + Float($0) / 7 }
    let read = ModelInput.audio(features, statistics)
    let source = input == .audio ? read : .text(Vocabulary(characters: "xyz".unicodeScalars, hasUnknown: true))
    let model = Model(options: options, source: source.kind, symbols: vocabulary.count)
    var search = SearchOptions()
    search.beam = 3
    search.ctcWeight = input == .audio ? 0.3 : 0
    var provenance = Provenance()
    provenance.recipe = "training: {}\n"
    provenance.steps = 12
    provenance.figures = ["cer": 12.345678901234567, "wer": .infinity]
    return TrainedModel(
        model: model, weights: Weights(model.layout, seed: 3), vocabulary: vocabulary, input: source, search: search,
        provenance: provenance)
}

/// The same with a language model.
func smallModelWithLanguage() throws -> TrainedModel {
    var model = smallModel()
    var options = NGramEstimation.Options()
    options.order = 4
    var estimation = try NGramEstimation(symbols: model.vocabulary.count, options: options)
    for text in ["ab", "abba", "bäbä", "äbba"] { estimation.add(try model.vocabulary.encode(text)) }
    model.language = LanguageModel(
        .init(order: 4, symbols: model.vocabulary.count, texts: 4, tokens: estimation.count, sources: ["texts"]),
        model: try estimation.model())
    return model
}

/// The parts of a written model, to be changed and written again.
struct Parts {
    var metadata: [String: String]
    var tensors: [(name: String, tensor: Tensor, type: SafeTensors.ElementType)]
    var bytes: [(name: String, bytes: [UInt8])] = []

    init(_ trained: TrainedModel) {
        metadata = trained.metadata
        tensors = zip(trained.model.layout.entries, trained.weights.tensors).map { ($0.name, $1, .float32) }
        guard let trie = trained.language?.model.trie else { return }
        bytes = [
            ("language.tokens", trie.tokens), ("language.shares", trie.shares), ("language.children", trie.children),
            ("language.rests", trie.rests),
        ]
    }

    /// Replaces text within a metadata value.
    mutating func replace(_ old: String, by new: String, in key: String) throws {
        guard let value = metadata[key], value.contains(old) else { throw CocoaError(.coderValueNotFound) }
        metadata[key] = value.replacing(old, with: new)
    }

    func write(to path: String) throws {
        try SafeTensors.write(
            tensors.map { ($0.name, .numbers($0.tensor, $0.type)) } + bytes.map { ($0.name, .bytes($0.bytes)) },
            metadata: metadata, to: path)
    }
}
