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
        try TrainingData.holdOut(recipe.data.heldOut, of: &trainEntries, to: &devEntries, id: \.id)
        let features: AudioFeatures
        do {
            features = AudioFeatures(
                try FeatureExtractor(recipe.features), cacheMegabytes: recipe.data.cacheMegabytes)
        } catch { throw .audio(error) }
        if let start {
            vocabulary = start.vocabulary
        } else {
            vocabulary = try Vocabulary(
                recipe.data.vocabulary.target, texts: trainEntries.map(\.text), isRead: false, base: base)
        }
        // The front end alone says how many steps an utterance has.
        let model = Model(
            options: recipe.model, source: .frames(bins: recipe.features.bins), symbols: vocabulary.count)
        train = Dataset(
            trainEntries, audio: features, vocabulary: vocabulary,
            durations: recipe.data.shortestSeconds...recipe.data.longestSeconds,
            fastest: recipe.training.speeds.max() ?? 1, steps: model.steps)
        dev = Dataset(
            devEntries, audio: features, vocabulary: vocabulary, durations: 0...36_000, fastest: 1,
            steps: model.steps)
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
        let options = recipe.data
        func pairs(_ files: [DataFile]) throws(TrainingError) -> [TextPair] {
            var pairs: [TextPair] = []
            for file in files {
                do throws(ManifestError) {
                    switch file {
                    case .file(let path):
                        let columns = TextPairs.Columns(source: options.sourceColumn, target: options.targetColumn)
                        pairs += try TextPairs(contentsOf: resolve(path, base), columns: columns).pairs
                    case .parallel(let source, let target):
                        pairs += try TextPairs(source: resolve(source, base), target: resolve(target, base)).pairs
                    }
                } catch { throw .manifest(error) }
            }
            return pairs
        }
        var (trainPairs, devPairs) = (try pairs(recipe.data.train), try pairs(recipe.data.dev))
        try TrainingData.holdOut(options.heldOut, of: &trainPairs, to: &devPairs, id: \.id)
        let source: Vocabulary
        if let start, case .text(let known) = start.input {
            (source, vocabulary) = (known, start.vocabulary)
        } else {
            let sources = trainPairs.map(\.source)
            let targets = trainPairs.map(\.target)
            if options.vocabulary.joint {
                source = try Vocabulary(options.vocabulary.source, texts: sources + targets, isRead: true, base: base)
                vocabulary = source
            } else {
                source = try Vocabulary(options.vocabulary.source, texts: sources, isRead: true, base: base)
                vocabulary = try Vocabulary(options.vocabulary.target, texts: targets, isRead: false, base: base)
            }
        }
        input = .text(source)
        train = Dataset(
            trainPairs, source: source, vocabulary: vocabulary, tokens: options.shortestTokens...options.longestTokens)
        dev = Dataset(devPairs, source: source, vocabulary: vocabulary, tokens: 1...Int.max)
    }

    /// Moves what has an id that matches the regular expression `heldOut`, if it is not empty, from `train` to `dev`.
    private static func holdOut<Item>(
        _ heldOut: String, of train: inout [Item], to dev: inout [Item], id: (Item) -> String
    ) throws(TrainingError) {
        if heldOut.isEmpty { return }
        guard let pattern = try? Regex(heldOut) else {
            throw .noData("data.heldOut is not a regular expression: \(heldOut)")
        }
        dev += train.filter { id($0).contains(pattern) }
        train.removeAll { id($0).contains(pattern) }
    }

    private static func entries(
        _ files: [DataFile], _ recipe: Recipe, base: String
    ) throws(TrainingError) -> [ManifestEntry] {
        var entries: [ManifestEntry] = []
        for case .file(let path) in files {
            do { entries += try Manifest(contentsOf: resolve(path, base)).entries } catch { throw .manifest(error) }
        }
        let corpora = Set(recipe.data.corpora)
        return corpora.isEmpty ? entries : entries.filter { corpora.contains($0.corpus) }
    }

    /// Global means and deviations of up to 500 utterances.
    private static func normalisation(of dataset: Dataset, _ recipe: Recipe) throws(AudioError) -> Normalisation {
        var random = RandomStream(key: RandomPurpose.normalisation.key(seed: recipe.training.seed))
        var statistics = FeatureStatistics(bins: recipe.features.bins)
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
