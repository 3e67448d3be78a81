import StenoText

/// A text and where it stands, such as `lines.txt, line 3`, for sentences.
package struct PlacedText: Sendable {
    package var text: String
    package var place: String
}

/// Texts as they come.
package protocol TextStream: AnyObject {
    /// The next text, or why it is none; nil after the last.
    func next() -> Result<PlacedText, StenoError>?

    /// Whether `next` will not wait.
    var isReady: Bool { get }

    /// Why the stream came to an end before the texts did.
    var error: StenoError? { get }
}

/// Words given one by one; "-" stands for those of standard input, with white space between them.
package final class WordStream: TextStream {
    /// Words read and not yet asked for.
    private var words: ArraySlice<Result<PlacedText, StenoError>> = []
    private var given: ArraySlice<String>
    /// Standard input, if it is asked for.
    private let input: LineReader?

    package init(_ words: [String]) throws(StenoError) {
        given = words[...]
        input = words.contains("-") ? try LineReader(path: "-") : nil
    }

    package func next() -> Result<PlacedText, StenoError>? {
        while words.isEmpty && !given.isEmpty { read() }
        return words.popFirst()
    }

    package var isReady: Bool {
        while words.isEmpty, let next = given.first {
            if next == "-", let input, !input.isReady { return false }
            read()
        }
        return true
    }

    package var error: StenoError? { input?.error }

    /// Reads the next word, or those of the next line, of which there may be none.
    private func read() {
        guard let word = given.first else { return }
        if word != "-" {
            given.removeFirst()
            words = [.success(PlacedText(text: word, place: word.quoted))]
            return
        }
        switch input?.next() {
        case .success(let line):
            words =
                line.text.split(whereSeparator: \.isWhitespace).map {
                    .success(PlacedText(text: String($0), place: line.place))
                }[...]
        case .failure(let error): words = [.failure(error)]
        case nil: given.removeFirst()
        }
    }
}
