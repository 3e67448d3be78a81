/// What a text is cut into before it is compared. The rules are jiwer's default ones.
package enum TextUnit: String, Codable, CaseIterable, Sendable {
    /// Cut at spaces; two or more white space characters in a row count as one space.
    case words
    /// Unicode scalars, the spaces between words included, white space at both ends not.
    case characters

    /// The pieces of `text`, in order.
    package func pieces(of text: String) -> [String] {
        switch self {
        case .words: Self.words(of: text)
        case .characters: Self.characters(of: text).map { String($0) }
        }
    }

    /// The cheapest alignment of two texts in this unit.
    package func align(reference: String, hypothesis: String) -> Alignment {
        switch self {
        case .words:
            // As bytes, because strings that only look the same (composed and decomposed accents) are different here.
            Alignment(
                reference: Self.words(of: reference).map { Array($0.utf8) },
                hypothesis: Self.words(of: hypothesis).map { Array($0.utf8) })
        case .characters:
            Alignment(reference: Self.characters(of: reference), hypothesis: Self.characters(of: hypothesis))
        }
    }

    private static func characters(of text: String) -> [Unicode.Scalar] {
        let scalars = Array(text.unicodeScalars)
        guard let first = scalars.firstIndex(where: { !$0.isSpaceForComparing }),
            let last = scalars.lastIndex(where: { !$0.isSpaceForComparing })
        else { return [] }
        return Array(scalars[first...last])
    }

    private static func words(of text: String) -> [String] {
        let scalars = characters(of: text)
        var words: [String] = []
        var word = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            // A lone tab or no-break space stays inside its word; only in company is it a space.
            let separates =
                scalar == " "
                || scalar.isSpaceForComparing
                    && (scalars[index - 1].isSpaceForComparing || scalars[index + 1].isSpaceForComparing)
            if !separates {
                word.append(scalar)
            } else if !word.isEmpty {
                words.append(String(word))
                word = String.UnicodeScalarView()
            }
        }
        if !word.isEmpty { words.append(String(word)) }
        return words
    }
}
