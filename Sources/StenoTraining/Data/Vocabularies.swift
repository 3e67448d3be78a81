import Foundation
import StenoText

extension Vocabulary {
    /// The vocabulary that a recipe asks for.
    ///
    /// - Parameters:
    ///   - texts: to learn it from, as files have them.
    ///   - isRead: whether a model will read it, and so must have something for what it does not know.
    ///   - base: folder that relative paths of the recipe start from.
    init(
        _ options: VocabularyOptions, texts: [String], isRead: Bool, base: String
    ) throws(TrainingError) {
        let normalisation = TextNormalisation(options.normalisation)
        let texts = options.normalisation.isEmpty ? texts : texts.map { normalisation($0) }
        switch options.kind {
        case .characters:
            self.init(
                texts: texts, minimumCount: options.minimumCount, hasUnknown: isRead || options.minimumCount > 1)
        case .words: self.init(wordsOf: texts, minimumCount: options.minimumCount, size: options.size)
        case .subwords:
            let path = options.model.isEmpty ? nil : resolve(options.model, base)
            do throws(VocabularyError) {
                if let path {
                    guard let data = FileManager.default.contents(atPath: path) else {
                        throw .subwords("the file cannot be read")
                    }
                    // Such a model has its own normalisation in it.
                    self.init(try Subwords(model: [UInt8](data), composes: false))
                } else {
                    self.init(try Subwords(texts: texts, size: options.size, options: options.subwords))
                }
            } catch { throw .vocabulary(path.map { "\($0): \(error)" } ?? "data.vocabulary: \(error)") }
        }
        guard tokens.indices.contains(where: { !isSpecial($0) }) else {
            throw .vocabulary(
                "data.vocabulary: expected \(options.kind.rawValue) that occur at least \(options.minimumCount) times, "
                    + "found none")
        }
        self.normalisation = normalisation
    }

    /// Kind and size, such as `31 characters`.
    package var summary: String { "\(count) \(kind.rawValue)" }
}
