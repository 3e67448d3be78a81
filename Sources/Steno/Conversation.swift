/// A dialogue with a model that answers the last turns.
package struct Conversation {
    private let translator: Translator
    private let history: Int
    private let separator: String
    /// What both sides said, the latest last, as many as are of use.
    private var turns: [String] = []
    private var answers = 0

    /// - Parameters:
    ///   - history: turns of both sides that the model reads, the one that it answers included.
    ///   - separator: what stands between them.
    package init(_ translator: Translator, history: Int, separator: String) {
        precondition(history >= 1, "a turn to answer")
        (self.translator, self.history, self.separator) = (translator, history, separator)
    }

    /// The answer to a turn; the empty one to nothing but white space.
    package mutating func answer(_ turn: PlacedText) throws(StenoError) -> String {
        if turn.text.allSatisfy(\.isWhitespace) { return "" }
        var read = (turns + [turn.text]).suffix(history)
        // Earlier turns that do not fit are forgotten first.
        while read.count > 1 && !translator.reader.fits(read.joined(separator: separator)) { read.removeFirst() }
        let source = PlacedText(text: read.joined(separator: separator), place: turn.place)
        let answer = try translator.translate(source, number: answers).text
        answers += 1
        turns = (turns + [turn.text, answer]).suffix(history)
        return answer
    }
}
