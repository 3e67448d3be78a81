import AudioFrontEnd
import StenoModels
import StenoTensor
import StenoText

/// A model that has learned nothing: it hears audio and writes the characters of " abc" at random, always the same.
package func tinyModel(seed: UInt64 = 7) -> TrainedModel {
    let options = tinyOptions
    let features = FeatureOptions()
    let vocabulary = Vocabulary(characters: " abc".unicodeScalars)
    let model = Model(options: options, source: .frames(bins: features.bins), symbols: vocabulary.count)
    var search = SearchOptions()
    search.beam = 2
    search.tokensPerStep = 0.2
    return TrainedModel(
        model: model, weights: Weights(model.layout, seed: seed), vocabulary: vocabulary,
        input: .audio(features, .utterance), search: search)
}

/// A model that has learned nothing either: it reads texts of `characters` and writes them at random.
///
/// - Parameter hasUnknown: whether it reads other characters as unknown ones.
package func tinyTextModel(characters: String = " abc", hasUnknown: Bool = true, seed: UInt64 = 7) -> TrainedModel {
    var options = tinyOptions
    options.input = .text
    let source = Vocabulary(characters: characters.unicodeScalars, hasUnknown: hasUnknown)
    let vocabulary = Vocabulary(characters: characters.unicodeScalars)
    let model = Model(options: options, source: .tokens(symbols: source.count), symbols: vocabulary.count)
    var search = SearchOptions()
    (search.beam, search.ctcWeight, search.extraTokens) = (2, 0, 3)
    return TrainedModel(
        model: model, weights: Weights(model.layout, seed: seed), vocabulary: vocabulary, input: .text(source),
        search: search)
}

private var tinyOptions: ModelOptions {
    var options = ModelOptions()
    options.encoder.layers = 1
    options.encoder.units = 8
    options.encoder.input = 8
    options.encoder.channels = 2
    options.decoder.units = 8
    options.decoder.embedding = 4
    options.decoder.attention = 8
    options.decoder.readout = 8
    return options
}
