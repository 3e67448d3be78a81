import Foundation

/// A source text and what it should become.
package struct TextPair: Equatable, Sendable {
    /// File and line, such as `train.tsv:12`.
    package let id: String
    package let source: String
    package let target: String
}

/// Pairs of texts, one a line, in UTF-8: two columns of one file, or two files.
package struct TextPairs: Sendable {
    /// Where the two stand in a line, counted from 1.
    package struct Columns: Sendable {
        package var source = 1
        package var target = 2

        package init(source: Int = 1, target: Int = 2) {
            self.source = source
            self.target = target
        }
    }

    package let pairs: [TextPair]

    /// Columns between tabs, no header, as many in each line as in the first.
    package init(contentsOf path: String, columns: Columns = Columns()) throws(ManifestError) {
        try self.init(TextLines(path: path), columns: columns)
    }

    /// As above from lines that have been read.
    package init(_ lines: TextLines, columns: Columns = Columns()) throws(ManifestError) {
        let (source, target) = (columns.source, columns.target)
        let path = lines.path
        let name = (path as NSString).lastPathComponent
        var pairs: [TextPair] = []
        var expected = max(source, target)
        for line in lines.lines {
            let (number, fields) = (line.number, line.fields)
            if pairs.isEmpty { expected = max(expected, fields.count) }
            guard fields.count == expected else {
                throw ManifestError(
                    path: path, line: number, reason: .columnCount(expected: expected, found: fields.count))
            }
            pairs.append(TextPair(id: "\(name):\(number)", source: fields[source - 1], target: fields[target - 1]))
        }
        guard !pairs.isEmpty else { throw ManifestError(path: path, reason: .empty) }
        self.pairs = pairs
    }

    /// Two files whose lines belong together, empty ones included.
    package init(source: String, target: String) throws(ManifestError) {
        let sources = try TextLines(path: source, keepsEmpty: true).lines
        let targets = try TextLines(path: target, keepsEmpty: true).lines
        guard sources.count == targets.count else {
            throw ManifestError(
                path: target, reason: .lineCount(targets.count, other: source, otherCount: sources.count))
        }
        guard !sources.isEmpty else { throw ManifestError(path: source, reason: .empty) }
        let name = (source as NSString).lastPathComponent
        pairs = zip(sources, targets).map {
            TextPair(id: "\(name):\($0.number)", source: $0.text, target: $1.text)
        }
    }
}
