/// How BLEU cuts a line into tokens.
package enum BLEUTokeniser: String, Codable, CaseIterable, Sendable {
    /// As the script mteval-v13a of the WMT evaluations: punctuation stands alone, except periods and commas between
    /// digits. Meant for European languages; a stretch of Chinese is one token.
    case mteval13a = "13a"
    /// At white space only, for lines that are tokenised already.
    case none

    /// The tokens of a line, in order.
    package func tokens(of line: String) -> [String] {
        tokens(of: Array(line.unicodeScalars)).map { token in
            var text = ""
            text.unicodeScalars.append(contentsOf: token)
            return text
        }
    }

    func tokens(of line: [Unicode.Scalar]) -> [ArraySlice<Unicode.Scalar>] {
        switch self {
        case .mteval13a: Self.separated(line.withoutTrailingSpace).words
        case .none: line.words
        }
    }

    /// A line with spaces around what is to be a token. The steps and their order are sacreBLEU's; digits are ASCII's.
    private static func separated(_ line: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var line = line
        func replace(_ text: String, by other: String) {
            line = line.replacing(Array(text.unicodeScalars), with: Array(other.unicodeScalars))
        }
        if line.contains("<") { replace("<skipped>", by: "") }
        if line.contains("\n") {
            replace("-\n", by: "")
            replace("\n", by: " ")
        }
        if line.contains("&") {
            // In this order, so that `&amp;lt;` ends as `<`.
            for (entity, character) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
                replace(entity, by: character)
            }
        }

        var spaced: [Unicode.Scalar] = [" "]
        spaced.reserveCapacity(line.count * 2)
        for scalar in line {
            if scalar.isSymbol { spaced += [" ", scalar, " "] } else { spaced.append(scalar) }
        }
        spaced.append(" ")
        spaced = replacingPairs(in: spaced) {
            !$0.isDigit && $1.isPoint
        } by: {
            [$0, " ", $1, " "]
        }
        spaced = replacingPairs(in: spaced) {
            $0.isPoint && !$1.isDigit
        } by: {
            [" ", $0, " ", $1]
        }
        return replacingPairs(in: spaced) {
            $0.isDigit && $1 == "-"
        } by: {
            [$0, " ", $1, " "]
        }
    }

    /// Replaces neighbours that match, from left to right; no scalar belongs to two pairs.
    private static func replacingPairs(
        in line: [Unicode.Scalar], where matches: (Unicode.Scalar, Unicode.Scalar) -> Bool,
        by replacement: (Unicode.Scalar, Unicode.Scalar) -> [Unicode.Scalar]
    ) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(line.count + 16)
        var index = 0
        while index < line.count {
            if index + 1 < line.count, matches(line[index], line[index + 1]) {
                result += replacement(line[index], line[index + 1])
                index += 2
            } else {
                result.append(line[index])
                index += 1
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// ASCII's punctuation without apostrophe, comma, hyphen and period.
    fileprivate var isSymbol: Bool {
        switch value {
        case 0x20...0x26, 0x28...0x2B, 0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }

    fileprivate var isPoint: Bool { self == "." || self == "," }

    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
