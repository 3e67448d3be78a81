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
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw ManifestError(path: path, reason: .inaccessible(error.sentence))
        }
        let name = (path as NSString).lastPathComponent
        var pairs: [TextPair] = []
        for line in try TextLines(data: data, path: path).lines {
            let fields = line.text.fields(separatedBy: "\t")
            guard fields.count == 2 else {
                throw ManifestError(
                    path: path, line: line.number, reason: .columnCount(expected: 2, found: fields.count))
            }
            pairs.append(TextPair(id: "\(name):\(line.number)", source: fields[0], target: fields[1]))
        }
        guard !pairs.isEmpty else { throw ManifestError(path: path, reason: .empty) }
        self.pairs = pairs
    }
}
