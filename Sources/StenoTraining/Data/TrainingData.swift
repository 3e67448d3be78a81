import AudioFrontEnd
import StenoModels
import StenoTensor
import StenoText

/// The train and dev sets of a recipe, the vocabulary, and how sources are read.
package struct TrainingData: Sendable {
    package let train: Dataset
    package let dev: Dataset
    package let vocabulary: Vocabulary
    package let input: ModelInput

    /// - Parameters:
    ///   - base: folder that relative paths of the recipe start from.
    ///   - start: a model whose vocabulary and normalisation are taken over.
    package init(_ recipe: Recipe, base: String, start: TrainedModel?) throws(TrainingError) {
        switch recipe.model.input {
        case .audio: try self.init(audio: recipe, base: base, start: start)
        case .text: try self.init(text: recipe, base: base, start: start)
        }
        if train.examples.isEmpty { throw .noData("no pair is left to train on" + TrainingData.firstReason(train)) }
        if dev.examples.isEmpty {
            throw .noData(
                "no pair is left to evaluate on (data.dev, data.heldOut)" + TrainingData.firstReason(dev))
        }
    }

    private static func firstReason(_ set: Dataset) -> String {
        set.setAside.first.map { "; \($0.id) \($0.reason)" } ?? ""
    }

    private init(audio recipe: Recipe, base: String, start: TrainedModel?) throws(TrainingError) {
        var trainEntries = try TrainingData.entries(recipe.data.train, recipe, base: base)
        var devEntries = try TrainingData.entries(recipe.data.dev, recipe, base: base)
        if !recipe.data.heldOut.isEmpty {
            guard let pattern = try? Regex(recipe.data.heldOut) else {
                throw .noData("data.heldOut is not a regular expression: \(recipe.data.heldOut)")
            }
            devEntries += trainEntries.filter { $0.id.contains(pattern) }
            trainEntries.removeAll { $0.id.contains(pattern) }
        }
        let features: AudioFeatures
        do {
            features = AudioFeatures(
                try FeatureExtractor(recipe.features), cacheMegabytes: recipe.data.cacheMegabytes)
        } catch { throw .audio(error) }
        let vocabulary = start?.vocabulary ?? Vocabulary(texts: trainEntries.lazy.map(\.text))
        // The front end alone says how many steps an utterance has.
        let model = Model(
            options: recipe.model, source: .frames(bins: recipe.features.melBins), symbols: vocabulary.count)
        train = Dataset(
            trainEntries, audio: features, vocabulary: vocabulary,
            durations: recipe.data.shortestSeconds...recipe.data.longestSeconds,
            fastest: recipe.training.speeds.max() ?? 1, steps: model.steps)
        dev = Dataset(
            devEntries, audio: features, vocabulary: vocabulary, durations: 0...36_000, fastest: 1,
            steps: model.steps)
        self.vocabulary = vocabulary
        if let start {
            input = start.input
        } else {
            do {
                let normalisation = try TrainingData.normalisation(of: train, recipe)
                input = .audio(recipe.features, normalisation)
            } catch { throw .audio(error) }
        }
    }

    private init(text recipe: Recipe, base: String, start: TrainedModel?) throws(TrainingError) {
        func pairs(_ paths: [String]) throws(TrainingError) -> [TextPair] {
            var pairs: [TextPair] = []
            for path in paths {
                do { pairs += try TextPairs(contentsOf: resolve(path, base)).pairs } catch { throw .manifest(error) }
            }
            return pairs
        }
        let (trainPairs, devPairs) = (try pairs(recipe.data.train), try pairs(recipe.data.dev))
        vocabulary = start?.vocabulary ?? Vocabulary(texts: trainPairs.lazy.map(\.target))
        let source: Vocabulary
        if case .text(let known)? = start?.input {
            source = known
        } else {
            source = Vocabulary(texts: trainPairs.lazy.map(\.source), hasUnknown: true)
        }
        input = .text(source)
        train = Dataset(trainPairs, source: source, vocabulary: vocabulary)
        dev = Dataset(devPairs, source: source, vocabulary: vocabulary)
    }

    private static func entries(
        _ paths: [String], _ recipe: Recipe, base: String
    ) throws(TrainingError) -> [ManifestEntry] {
        var entries: [ManifestEntry] = []
        for path in paths {
            do { entries += try Manifest(contentsOf: resolve(path, base)).entries } catch { throw .manifest(error) }
        }
        let corpora = Set(recipe.data.corpora)
        return corpora.isEmpty ? entries : entries.filter { corpora.contains($0.corpus) }
    }

    /// Global means and deviations of up to 500 utterances.
    private static func normalisation(of dataset: Dataset, _ recipe: Recipe) throws(AudioError) -> Normalisation {
        var random = RandomStream(key: RandomPurpose.normalisation.key(seed: recipe.training.seed))
        var statistics = FeatureStatistics(bins: recipe.features.melBins)
        for index in dataset.examples.indices.shuffled(using: &random).prefix(500) {
            if case .features(let features) = try dataset.source(index) { try statistics.add(features) }
        }
        return .global(statistics)
    }
}

/// A path of a recipe, relative to the folder the recipe is in.
func resolve(_ path: String, _ base: String) -> String {
    path.hasPrefix("/") || base.isEmpty ? path : "\(base)/\(path)"
}
