import Foundation

/// A source text and what it should become.
package struct TextPair: Equatable, Sendable {
    /// File and line, such as `train.tsv:12`.
    package let id: String
    package let source: String
    package let target: String
}

/// Two-column text: `source<TAB>target`, one pair a line, UTF-8, no header.
package struct TextPairs: Sendable {
    package let pairs: [TextPair]

    package init(contentsOf path: String) throws(ManifestError) {
        let name = (path as NSString).lastPathComponent
        var pairs: [TextPair] = []
        for (number, fields) in try tabSeparatedLines(path) {
            guard fields.count == 2 else {
                throw ManifestError(
                    path: path, line: number, reason: .columnCount(expected: 2, found: fields.count))
            }
            pairs.append(TextPair(id: "\(name):\(number)", source: fields[0], target: fields[1]))
        }
        guard !pairs.isEmpty else { throw ManifestError(path: path, reason: .empty) }
        self.pairs = pairs
    }
}
