import AudioFrontEnd
import StenoModels
import StenoTensor
import StenoText

/// A model that has learned nothing: it hears audio and writes the characters of " abc" at random, always the same.
package func tinyModel(seed: UInt64 = 7) -> TrainedModel {
    var options = ModelOptions()
    options.encoder.layers = 1
    options.encoder.units = 8
    options.encoder.input = 8
    options.encoder.channels = 2
    options.decoder.units = 8
    options.decoder.embedding = 4
    options.decoder.attention = 8
    options.decoder.readout = 8
    let features = FeatureOptions()
    let vocabulary = Vocabulary(characters: " abc".unicodeScalars)
    let model = Model(options: options, source: .frames(bins: features.melBins), symbols: vocabulary.count)
    var search = SearchOptions()
    search.beam = 2
    search.tokensPerStep = 0.2
    return TrainedModel(
        model: model, weights: Weights(model.layout, seed: seed), vocabulary: vocabulary,
        input: .audio(features, .utterance), search: search)
}
