import StenoModels
import StenoText

/// A model that reads text, ready for use.
package struct TextModel: Sendable {
    package let path: String
    package let trained: TrainedModel
    /// Of what the model reads.
    package let source: Vocabulary

    /// - Parameter name: a path or the name of a model, see ``ModelLocation``; nil for the standard one.
    package init(named name: String?, standard: ModelLocation.Standard) throws(StenoError) {
        (path, trained) = try ModelLocation.load(name, standard: standard)
        guard case .text(let source) = trained.input else {
            throw .model("\(path): expected a model that reads text, found one that reads audio (steno transcribe)")
        }
        self.source = source
    }

    /// Models that search together: all read and write in the same vocabularies.
    package static func ensemble(
        _ names: [String], standard: ModelLocation.Standard
    ) throws(StenoError) -> [TextModel] {
        let first = try TextModel(named: names.first, standard: standard)
        var models = [first]
        for name in names.dropFirst() {
            let other = try TextModel(named: name, standard: standard)
            guard other.source == first.source, other.trained.vocabulary == first.trained.vocabulary else {
                throw .model("\(other.path): expected the vocabularies of \(first.path), found others")
            }
            models.append(other)
        }
        return models
    }
}
