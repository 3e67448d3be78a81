import StenoModels
import StenoText

/// A model that reads text, ready for use.
package struct TextModel: Sendable {
    package let path: String
    package let trained: TrainedModel
    /// Of what the model reads.
    package let source: Vocabulary

    /// Models that search together: all read and write in the same vocabularies.
    ///
    /// - Parameter names: see ``ModelLocation``; none for the standard model.
    package static func ensemble(
        _ names: [String], standard: ModelLocation.Standard
    ) throws(StenoError) -> [TextModel] {
        try ModelLocation.load(names, standard: standard).map { (path, trained) throws(StenoError) in
            guard case .text(let source) = trained.input else {
                throw .model("\(path): expected a model that reads text, found one that reads audio (steno transcribe)")
            }
            return TextModel(path: path, trained: trained, source: source)
        }
    }
}
