import StenoModels
import StenoTraining

extension Translation {
    /// Draws where the decoder looked, source from left to right, the text from top to bottom.
    ///
    /// - Parameter path: of an SVG file.
    package func draw(to path: String) throws(StenoError) {
        guard let attention else { throw .output("\(path) is not drawn: the model does not say what it attends to") }
        let picture = AttentionPicture(
            weights: attention.weights.flatMap { $0 }, outputs: attention.targetTokens,
            inputs: .tokens(attention.sourceTokens), inputCount: attention.sourceTokens.count, title: text)
        do throws(FileError) { try AtomicFile.write(Array(picture.svg.utf8), to: path) } catch {
            throw .output(error.description)
        }
    }
}
