import AudioFrontEnd
import Foundation
import StenoModels
import StenoTensor
import StenoText

/// What a model file says of itself.
package struct ModelDescription: Sendable, Encodable {
    package let path: String
    package let bytes: Int
    package let parameters: Int
    package let architecture: ModelOptions
    /// The tokens that it writes.
    package let vocabulary: [String]
    package let vocabularyKind: Vocabulary.Kind
    /// Of models that read audio.
    package let features: FeatureOptions?
    /// How features are normalised: none, global, utterance.
    package let normalisation: String?
    /// The tokens that it reads, of models that read text.
    package let sourceVocabulary: [String]?
    package let sourceVocabularyKind: Vocabulary.Kind?
    package let language: LanguageModel.Description?
    package let search: SearchOptions
    package let provenance: Provenance

    private enum CodingKeys: String, CodingKey {
        case path, bytes, parameters, architecture, vocabulary, features, normalisation
        case vocabularyKind = "vocabulary_kind"
        case sourceVocabulary = "source_vocabulary"
        case sourceVocabularyKind = "source_vocabulary_kind"
        case language, search, provenance
    }

    /// - Parameter name: a path or the name of a model; nil for the standard one.
    package init(named name: String?) throws(StenoError) {
        let trained: TrainedModel
        (path, trained) = try ModelLocation.load(name)
        bytes = fileSize(path)
        parameters = trained.model.layout.count
        architecture = trained.model.options
        vocabulary = Self.tokens(trained.vocabulary)
        vocabularyKind = trained.vocabulary.kind
        language = trained.language?.description
        search = trained.search
        provenance = trained.provenance
        switch trained.input {
        case .audio(let options, let way):
            (features, normalisation) = (options, way.mode.rawValue)
            (sourceVocabulary, sourceVocabularyKind) = (nil, nil)
        case .text(let source):
            (features, normalisation) = (nil, nil)
            (sourceVocabulary, sourceVocabularyKind) = (Self.tokens(source), source.kind)
        }
    }

    private static func tokens(_ vocabulary: Vocabulary) -> [String] {
        (0..<vocabulary.count).filter { !vocabulary.isSpecial($0) }.map { vocabulary.tokens[$0] }
    }
}

extension ModelDescription: CustomStringConvertible {
    private func layers(_ count: Int, directions: Int, _ units: Int, _ cell: RecurrentKind) -> String {
        let size =
            directions == 1 || architecture.architecture == .transformer ? "\(units)" : "\(directions) × \(units)"
        let kind = architecture.architecture == .transformer ? "Transformer" : cell.rawValue.uppercased()
        return "\(count) \(kind) layer\(count == 1 ? "" : "s") of \(size) units"
    }

    private var attention: String {
        switch architecture.architecture {
        case .recurrent: ", no attention"
        case .attention: ", attention of width \(architecture.decoder.attention)"
        case .transformer: ", \(architecture.transformer.heads) attention heads"
        }
    }

    /// Characters are named; of words and subwords there are too many.
    private static func summary(_ tokens: [String], _ kind: Vocabulary.Kind) -> String {
        "\(tokens.count) \(kind.rawValue)" + (kind == .characters ? ": \(tokens.joined())" : "")
    }

    /// A few lines for a person.
    package var description: String {
        let encoder = architecture.encoder
        let decoder = architecture.decoder
        var lines = [
            "\(path): \(parameters) parameters, \(bytes) bytes",
            "encoder     \(layers(encoder.layers, directions: 2, encoder.units, encoder.cell)), one step for each "
                + (features == nil ? "token" : "\(encoder.subsampling) frames"),
            "decoder     \(layers(decoder.layers, directions: 1, decoder.units, decoder.cell))" + attention,
        ]
        if let sourceVocabulary, let sourceVocabularyKind {
            lines.append("reads       " + Self.summary(sourceVocabulary, sourceVocabularyKind))
        }
        lines.append("vocabulary  " + Self.summary(vocabulary, vocabularyKind))
        if let features {
            lines.append(
                "features    \(features.bins) \(features.output.name) at \(features.sampleRate) Hz, every "
                    + "\((features.hopSeconds * 1000).rounded(digits: 2)) ms, normalisation \(normalisation ?? "none")")
        }
        if let language {
            let unit = vocabularyKind.rawValue
            lines.append(
                "language    n-grams of up to \(language.order) \(unit), of \(language.texts) texts (\(language.tokens) \(unit))"
            )
        }
        lines.append(
            "search      beam \(search.beam), "
                + (features == nil ? "length penalty \(search.lengthPenalty)" : "CTC weight \(search.ctcWeight)")
                + (language == nil ? "" : ", language weight \(search.languageWeight)"))
        lines.append(
            "trained     \(provenance.steps) steps, \(provenance.epochs.rounded(digits: 1)) epochs"
                + (features == nil ? "" : " of \(provenance.hours.rounded(digits: 2)) h")
                + (provenance.instructionSet.isEmpty ? "" : ", on \(provenance.instructionSet)"))
        for (name, figure) in provenance.figures.sorted(by: { $0.key < $1.key }) {
            let label = "dev \(name.uppercased())".padding(toLength: 12, withPad: " ", startingAt: 0)
            let isRate = ["cer", "wer"].contains(name)
            lines.append("\(label)\(figure.rounded(digits: 2))" + (isRate ? " %" : ""))
        }
        return lines.joined(separator: "\n")
    }
}

/// Bytes of a file; 0 if it is not there.
func fileSize(_ path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? NSNumber)?.intValue ?? 0
}
