import Foundation

/// What is done to transcripts before a model learns from them: steps in order, each a rule of its own.
///
///     TextNormalisation.speech("“Don’t,” she said — twice.")  // "don't she said twice"
package struct TextNormalisation: Codable, Equatable, Sendable {
    package enum Step: String, Codable, CaseIterable, Sendable {
        /// Canonical composition (Unicode's NFC): an accent and its letter become one character.
        case compose
        /// Lower case by Unicode's rules, which know no language.
        case lowerCase
        /// Typographic apostrophes and what is typed for them (’ ‘ ʼ ′ ` ´ ＇) become `'`.
        case apostrophes
        /// Punctuation and symbols become spaces, but for an apostrophe with a letter or digit on both sides.
        case stripPunctuation
        /// White space becomes single spaces, and none at the ends.
        case collapseSpaces
    }

    package let steps: [Step]

    package init(_ steps: [Step]) {
        self.steps = steps
    }

    /// Leaves a text as it is.
    package static let none = TextNormalisation([])

    /// Tidies without loss of what was written: composed, single spaces.
    package static let tidy = TextNormalisation([.compose, .collapseSpaces])

    /// Words only, as transcripts of read speech are written: lower case, apostrophes, no other punctuation.
    package static let speech = TextNormalisation(Step.allCases)

    package func callAsFunction(_ text: String) -> String {
        steps.reduce(text) { $1.applied(to: $0) }
    }
}

extension TextNormalisation.Step {
    fileprivate func applied(to text: String) -> String {
        switch self {
        case .compose: text.composed
        case .lowerCase: text.lowercased()
        case .apostrophes: text.replacingApostrophes()
        case .stripPunctuation: text.strippingPunctuation()
        case .collapseSpaces: text.collapsingSpaces()
        }
    }
}

extension String {
    /// The canonical composition (NFC).
    var composed: String {
        // Below U+0300 nothing composes: the common case costs no more than a look.
        unicodeScalars.allSatisfy { $0.value < 0x300 } ? self : precomposedStringWithCanonicalMapping
    }

    fileprivate func replacingApostrophes() -> String {
        let apostrophes: Set<Unicode.Scalar> = [
            "\u{2019}", "\u{2018}", "\u{02BC}", "\u{2032}", "`", "\u{00B4}", "\u{FF07}",
        ]
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars { result.append(apostrophes.contains(scalar) ? "'" : scalar) }
        return String(result)
    }

    fileprivate func strippingPunctuation() -> String {
        let scalars = Array(unicodeScalars)
        var result = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            let isInWord =
                scalar == "'" && index > 0 && index + 1 < scalars.count && scalars[index - 1].isPartOfWord
                && scalars[index + 1].isPartOfWord
            result.append(scalar.isPunctuationOrSymbol && !isInWord ? " " : scalar)
        }
        return String(result)
    }

    fileprivate func collapsingSpaces() -> String {
        unicodeScalars.split(whereSeparator: \.properties.isWhitespace)
            .map { String($0) }.joined(separator: " ")
    }
}

extension Unicode.Scalar {
    fileprivate var isPunctuationOrSymbol: Bool {
        switch properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            true
        default: false
        }
    }

    /// Letters, marks and digits.
    fileprivate var isPartOfWord: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
            true
        default: false
        }
    }
}
