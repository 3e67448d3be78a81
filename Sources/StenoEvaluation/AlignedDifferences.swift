/// Two texts one above the other, aligned piece by piece, with a third line that names the errors.
///
///     REF: a stately ship *** sailed
///     HYP: a lately  ship had ******
///            S            I   D
///
/// Stars stand where one of the two has nothing; `S`, `D` and `I` mark substitution, deletion and insertion.
package struct AlignedDifferences: Equatable, Sendable {
    package let reference: String
    package let hypothesis: String
    package let marks: String

    /// Aligns two texts by words or characters; `width` is the terminal's in columns, beyond which lines are wrapped
    /// (in ``description``).
    package init(reference: String, hypothesis: String, unit: TextUnit, width: Int? = nil) {
        let referencePieces = unit.pieces(of: reference)
        let hypothesisPieces = unit.pieces(of: hypothesis)
        let gap = unit == .words ? " " : ""
        var blocks: [[String]] = []
        var lines = ["", "", ""]
        var used = Self.labelWidth

        for step in unit.align(reference: reference, hypothesis: hypothesis).steps {
            var upper = ""
            var lower = ""
            var mark = ""
            switch step {
            case .hit(let index, let other):
                (upper, lower) = (referencePieces[index], hypothesisPieces[other])
            case .substitution(let index, let other):
                (upper, lower, mark) = (referencePieces[index], hypothesisPieces[other], "S")
            case .deletion(let index):
                upper = referencePieces[index]
                (lower, mark) = (String(repeating: "*", count: max(1, upper.columns)), "D")
            case .insertion(let other):
                lower = hypothesisPieces[other]
                (upper, mark) = (String(repeating: "*", count: max(1, lower.columns)), "I")
            }
            let columns = max(upper.columns, lower.columns, 1)
            if let width, used > Self.labelWidth, used + columns > width {
                blocks.append(lines)
                lines = ["", "", ""]
                used = Self.labelWidth
            }
            for (line, piece) in [upper, lower, mark].enumerated() {
                lines[line] += piece + String(repeating: " ", count: columns - piece.columns) + gap
            }
            used += columns + gap.count
        }
        blocks.append(lines)
        self.blocks = blocks
        func joined(_ line: Int) -> String {
            Self.withoutTrailingSpaces(blocks.map { $0[line] }.joined())
        }
        self.reference = joined(0)
        self.hypothesis = joined(1)
        self.marks = joined(2)
    }

    private let blocks: [[String]]
    private static let labelWidth = 5

    private static func withoutTrailingSpaces(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}

extension AlignedDifferences: CustomStringConvertible {
    /// Three lines a block, with `REF: ` and `HYP: ` before the first two; no newline at the end.
    package var description: String {
        blocks.map { lines in
            zip(["REF: ", "HYP: ", "     "], lines)
                .map { Self.withoutTrailingSpaces($0 + $1) }
                .joined(separator: "\n")
        }.joined(separator: "\n\n")
    }
}

extension String {
    /// How many columns of a terminal the text takes: none for combining marks, two for wide scripts and emoji.
    fileprivate var columns: Int {
        unicodeScalars.reduce(0) { $0 + $1.columns }
    }
}

extension Unicode.Scalar {
    fileprivate var columns: Int {
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
