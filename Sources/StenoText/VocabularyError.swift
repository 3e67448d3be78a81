/// Why a text cannot be encoded or a list of tokens is no vocabulary.
package enum VocabularyError: Error, Equatable, Sendable {
    /// `text` has characters that the vocabulary lacks; each is named once.
    case unknownCharacters(String, text: String)
    case unknownWords([String], text: String)
    case specialTokens(expected: [String], found: [String])
    case notACharacter(token: String, id: Int)
    case notAWord(token: String, id: Int)
    case duplicate(token: String, id: Int)
    /// What is wrong with a subword model.
    case subwords(String)
    /// Fewer tokens than the texts have characters.
    case tooSmall(size: Int, needed: Int)
}

extension VocabularyError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownCharacters(let characters, let text):
            let named = characters.unicodeScalars.map { "\(String($0).quoted) (U+\($0.hexadecimal))" }
            return "the vocabulary lacks \(named.joined(separator: ", ")), found in \(text.quoted)"
        case .unknownWords(let words, let text):
            return "the vocabulary lacks \(words.map(\.quoted).joined(separator: ", ")), found in \(text.quoted)"
        case .specialTokens(let expected, let found):
            return "expected a vocabulary that begins with \(expected.joined(separator: ", ")), "
                + "found \(found.isEmpty ? "nothing" : found.joined(separator: ", "))"
        case .notACharacter(let token, let id):
            return "expected one character for id \(id) of the vocabulary, found “\(token)”"
        case .notAWord(let token, let id):
            return "expected one word for id \(id) of the vocabulary, found “\(token)”"
        case .duplicate(let token, let id):
            return "“\(token)” occurs a second time in the vocabulary, as id \(id)"
        case .subwords(let problem): return "the subword model cannot be used: \(problem)"
        case .tooSmall(let size, let needed):
            return "a vocabulary of \(size) subwords is too small for the characters of the texts: at least \(needed) "
                + "are needed"
        }
    }
}

extension String {
    /// The text as sentences quote it: no more than its beginning, and nothing that a terminal would obey.
    package var quoted: String {
        let beginning = unicodeScalars.prefix(60)
        let shown = beginning.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: "\\u{\(scalar.hexadecimal)}"
            default: String(scalar)
            }
        }
        return "“\(shown.joined())\(beginning.endIndex == unicodeScalars.endIndex ? "" : "…")”"
    }
}

extension Unicode.Scalar {
    /// At least four digits.
    fileprivate var hexadecimal: String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
