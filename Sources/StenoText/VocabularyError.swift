/// Why a text cannot be encoded or a list of tokens is no vocabulary.
package enum VocabularyError: Error, Equatable, Sendable {
    /// `text` has characters that the vocabulary lacks; each is named once.
    case unknownCharacters(String, text: String)
    case specialTokens(expected: [String], found: [String])
    case notACharacter(token: String, id: Int)
    case duplicate(token: String, id: Int)
}

extension VocabularyError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownCharacters(let characters, let text):
            let named = characters.unicodeScalars.map { "“\($0)” (U+\(Self.hexadecimal($0)))" }.joined(separator: ", ")
            return "the vocabulary lacks \(named), found in “\(text)”"
        case .specialTokens(let expected, let found):
            return "expected a vocabulary that begins with \(expected.joined(separator: ", ")), "
                + "found \(found.isEmpty ? "nothing" : found.joined(separator: ", "))"
        case .notACharacter(let token, let id):
            return "expected one character for id \(id) of the vocabulary, found “\(token)”"
        case .duplicate(let token, let id):
            return "“\(token)” occurs a second time in the vocabulary, as id \(id)"
        }
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
