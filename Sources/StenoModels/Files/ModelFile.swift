import AudioFrontEnd
import Foundation
import StenoTensor
import StenoText

/// Where a model comes from: the recipe, the data, the figures reached.
package struct Provenance: Codable, Hashable, Sendable {
    /// The resolved recipe, as YAML.
    package var recipe = ""
    package var steps = 0
    package var epochs = 0.0
    /// Hours of audio that one epoch went through.
    package var hours = 0.0
    /// The longest recording that it learned from; 0 where that is not known, and for text.
    package var longestSeconds = 0.0
    /// Figures on dev, such as `cer` and `wer`, in per cent.
    package var figures: [String: Double] = [:]
    package var instructionSet = ""

    package init() {}
}

/// What stands between the user's files and a model's source.
package enum ModelInput: Sendable, Equatable {
    case audio(FeatureOptions, Normalisation)
    case text(Vocabulary)

    package var kind: SourceKind {
        switch self {
        case .audio(let features, _): .frames(bins: features.bins)
        case .text(let vocabulary): .tokens(symbols: vocabulary.count)
        }
    }
}

/// Everything that turns a source into text: structure, weights, vocabulary, and how the source is read. One
/// `.safetensors` file.
package struct TrainedModel: Sendable {
    package let model: Model
    package let weights: Weights
    /// Of what the model writes.
    package let vocabulary: Vocabulary
    package let input: ModelInput
    /// A model of the texts alone, which the search asks too.
    package var language: LanguageModel?
    package var search: SearchOptions
    package var provenance: Provenance

    package init(
        model: Model, weights: Weights, vocabulary: Vocabulary, input: ModelInput, language: LanguageModel? = nil,
        search: SearchOptions = SearchOptions(), provenance: Provenance = Provenance()
    ) {
        self.model = model
        self.weights = weights
        self.vocabulary = vocabulary
        self.input = input
        self.language = language
        self.search = search
        self.provenance = provenance
    }

    private enum Key {
        static let format = "steno.format"
        static let model = "steno.model", vocabulary = "steno.vocabulary", features = "steno.features"
        static let source = "steno.source", normalisation = "steno.normalisation", search = "steno.search"
        static let language = "steno.language", provenance = "steno.provenance"
    }

    /// The version that this program writes; it reads this one and those before it.
    private static let format = 1

    package init(path: String) throws(FileError) { try self.init(SafeTensors(path: path)) }

    package init(_ file: SafeTensors) throws(FileError) {
        func reading<Value>(_ key: String, _ decode: (String) throws -> Value) throws(FileError) -> Value {
            guard let text = file.metadata[key] else {
                throw .malformed(path: file.path, expected: "a Steno model with \(key)", found: "none")
            }
            do { return try decode(text) } catch {
                throw .malformed(path: file.path, expected: "\(key) as JSON", found: "something else")
            }
        }
        let decoder = JSONDecoder(subwordModels: try file.subwordModels)
        func metadata<Value: Decodable>(_ key: String, as type: Value.Type) throws(FileError) -> Value {
            try reading(key) { try decoder.decode(type, from: Data($0.utf8)) }
        }
        func options<Value: Codable>(_ key: String, defaults: Value) throws(FileError) -> Value {
            file.metadata[key] == nil ? defaults : try reading(key) { try decoded($0, onto: defaults) }
        }
        let version = try metadata(Key.format, as: Int.self)
        guard (1...TrainedModel.format).contains(version) else {
            throw .malformed(
                path: file.path, expected: "format 1 to \(TrainedModel.format)", found: "format \(version)")
        }
        vocabulary = try metadata(Key.vocabulary, as: Vocabulary.self)
        search = try options(Key.search, defaults: SearchOptions())
        provenance = try options(Key.provenance, defaults: Provenance())
        let options = try options(Key.model, defaults: ModelOptions())
        if let complaint = options.complaint ?? search.complaint {
            throw .malformed(path: file.path, expected: "sane options", found: complaint)
        }
        switch options.input {
        case .text: input = .text(try metadata(Key.source, as: Vocabulary.self))
        case .audio:
            let features = try metadata(Key.features, as: FeatureOptions.self)
            do { try features.validate() } catch {
                throw .malformed(path: file.path, expected: "sane feature options", found: error.description)
            }
            let normalisation = try metadata(Key.normalisation, as: Normalisation.self)
            if normalisation.mode == .global {
                let counts = [normalisation.means.count, normalisation.deviations.count]
                guard counts.allSatisfy({ $0 == features.bins }) else {
                    throw .malformed(
                        path: file.path, expected: "means and deviations of \(features.bins) bins",
                        found: "\(counts)")
                }
            }
            input = .audio(features, normalisation)
        }
        if case .text(let source) = input, options.tied == .all, source != vocabulary {
            throw .malformed(
                path: file.path, expected: "one vocabulary for the one table of embeddings", found: "two")
        }
        model = Model(options: options, source: input.kind, symbols: vocabulary.count)
        // The layout's shapes are checked against the file before anything of their size is allocated.
        for entry in model.layout.entries {
            let found = file.shape(of: entry.name)
            guard found == entry.shape.extents else {
                throw .malformed(
                    path: file.path, expected: "shape \(entry.shape) of \(entry.name)",
                    found: found.map { "\($0)" } ?? "no such tensor")
            }
        }
        if file.metadata[Key.language] != nil {
            let description = try metadata(Key.language, as: LanguageModel.Description.self)
            guard description.symbols == vocabulary.count else {
                throw .malformed(
                    path: file.path, expected: "a language model of \(vocabulary.count) tokens",
                    found: "one of \(description.symbols)")
            }
            language = try LanguageModel(description, in: file)
        }
        weights = Weights(zeros: model.layout)
        for (entry, tensor) in zip(model.layout.entries, weights.tensors) { try file.read(entry.name, into: tensor) }
    }

    /// What of this model goes into a file's metadata.
    package var metadata: [String: String] {
        var metadata = [
            Key.format: json(TrainedModel.format), Key.model: json(model.options), Key.vocabulary: json(vocabulary),
            Key.search: json(search), Key.provenance: json(provenance),
        ]
        if let language { metadata[Key.language] = json(language.description) }
        switch input {
        case .audio(let features, let normalisation):
            metadata[Key.features] = json(features)
            metadata[Key.normalisation] = json(normalisation)
        case .text(let vocabulary):
            metadata[Key.source] = json(vocabulary)
        }
        return metadata
    }

    /// What of this model goes into a file beside metadata and weights.
    package var byteTensors: [(name: String, contents: SafeTensors.Contents)] {
        var models: [String: [UInt8]] = [:]
        var vocabularies = [vocabulary]
        if case .text(let source) = input { vocabularies.append(source) }
        for case let subwords? in vocabularies.map(\.subwords) { models[subwords.name] = subwords.model }
        return models.sorted { $0.key < $1.key }.map { ($0.key, .bytes($0.value)) } + (language?.contents ?? [])
    }

    /// How a file holds matrices; vectors are float32.
    package enum MatrixStorage: Sendable, CaseIterable { case float32, float16, int8 }

    package func write(to path: String, matrices: MatrixStorage) throws(FileError) {
        let numbers = zip(model.layout.entries, weights.tensors).flatMap { entry, tensor in
            switch entry.isMatrix ? matrices : .float32 {
            case .float32: [(name: entry.name, contents: SafeTensors.Contents.numbers(tensor, .float32))]
            case .float16: [(name: entry.name, contents: SafeTensors.Contents.numbers(tensor, .float16))]
            case .int8: SafeTensors.integers(entry.name, tensor)
            }
        }
        try SafeTensors.write(numbers + byteTensors, metadata: metadata, to: path)
    }
}

extension SafeTensors {
    /// The subword models of a file, by their names.
    fileprivate var subwordModels: [String: [UInt8]] {
        get throws(FileError) {
            var models: [String: [UInt8]] = [:]
            for name in names where name.hasPrefix(Subwords.namePrefix) { models[name] = try bytes(name) }
            return models
        }
    }
}
