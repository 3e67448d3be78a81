import AudioFrontEnd
import Foundation
import StenoModels
import StenoText

/// What a model file says of itself.
package struct ModelDescription: Sendable, Encodable {
    package let path: String
    package let bytes: Int
    package let parameters: Int
    package let architecture: ModelOptions
    /// The characters that it writes.
    package let vocabulary: [String]
    /// Of models that read audio.
    package let features: FeatureOptions?
    /// How features are normalised: none, global, utterance.
    package let normalisation: String?
    /// The characters that it reads, of models that read text.
    package let sourceVocabulary: [String]?
    package let language: LanguageModel.Description?
    package let search: SearchOptions
    package let provenance: Provenance

    private enum CodingKeys: String, CodingKey {
        case path, bytes, parameters, architecture, vocabulary, features, normalisation
        case sourceVocabulary = "source_vocabulary"
        case language, search, provenance
    }

    /// - Parameter name: a path or the name of a model; nil for the standard one.
    package init(named name: String?) throws(StenoError) {
        path = try ModelLocation.find(name)
        let trained: TrainedModel
        do throws(FileError) { trained = try TrainedModel(path: path) } catch { throw StenoError(model: error) }
        bytes = fileSize(path)
        parameters = trained.model.layout.count
        architecture = trained.model.options
        vocabulary = Self.characters(trained.vocabulary)
        language = trained.language?.description
        search = trained.search
        provenance = trained.provenance
        switch trained.input {
        case .audio(let options, let way):
            (features, normalisation, sourceVocabulary) = (options, way.mode.rawValue, nil)
        case .text(let source): (features, normalisation, sourceVocabulary) = (nil, nil, Self.characters(source))
        }
    }

    private static func characters(_ vocabulary: Vocabulary) -> [String] {
        (0..<vocabulary.count).filter { !vocabulary.isSpecial($0) }.map { vocabulary.tokens[$0] }
    }
}

extension ModelDescription: CustomStringConvertible {
    /// A few lines for a person.
    package var description: String {
        let encoder = architecture.encoder
        let decoder = architecture.decoder
        var lines = [
            "\(path): \(parameters) parameters, \(bytes) bytes",
            "encoder     \(encoder.layers) layers of 2 × \(encoder.units) units, one step for each "
                + (features == nil ? "token" : "\(encoder.subsampling) frames"),
            "decoder     \(decoder.units) units, attention of width \(decoder.attention)",
            "vocabulary  \(vocabulary.count) characters: \(vocabulary.joined())",
        ]
        if let features {
            lines.append(
                "features    \(features.melBins) mel bins at \(features.sampleRate) Hz, every "
                    + "\((features.hopSeconds * 1000).rounded(digits: 2)) ms, normalisation \(normalisation ?? "none")")
        }
        if let language {
            lines.append(
                "language    n-grams of up to \(language.order) characters, of \(language.texts) texts of "
                    + "\(language.tokens) characters")
        }
        lines.append(
            "search      beam \(search.beam), CTC weight \(search.ctcWeight)"
                + (language == nil ? "" : ", language weight \(search.languageWeight)"))
        lines.append(
            "trained     \(provenance.steps) steps, \(provenance.epochs.rounded(digits: 1)) epochs of "
                + "\(provenance.hours.rounded(digits: 2)) h"
                + (provenance.instructionSet.isEmpty ? "" : ", on \(provenance.instructionSet)"))
        for (name, figure) in provenance.figures.sorted(by: { $0.key < $1.key }) {
            lines.append("dev \(name.uppercased())     \(figure.rounded(digits: 2)) %")
        }
        return lines.joined(separator: "\n")
    }
}

/// Bytes of a file; 0 if it is not there.
func fileSize(_ path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? NSNumber)?.intValue ?? 0
}
