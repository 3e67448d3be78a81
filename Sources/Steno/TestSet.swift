import StenoTraining

/// What a model is measured on: utterances of a manifest, or pairs of texts. Which of the two a file has, its first line
/// says: pairs have two columns or more and no header.
package enum TestSet: Sendable {
    case speech([ManifestEntry])
    case text([TextPair])

    /// - Parameter corpora: only these of a manifest; all if empty.
    package init(_ path: String, corpora: [String] = []) throws(StenoError) {
        // A pipe can be read but once.
        let lines: TextLines
        do throws(ManifestError) { lines = try TextLines(path: path) } catch { throw .manifest(error.description) }
        guard Self.hasPairs(lines) else {
            if let first = lines.lines.first?.text, !first.hasPrefix("{"), !first.contains("\t") {
                throw .manifest(
                    "\(path): expected a manifest or pairs, with tabs between columns, found lines without; of two "
                        + "parallel files the other is named with --targets")
            }
            self = .speech(try Evaluation.entries(of: lines, corpora: corpora))
            return
        }
        try self.init(path, corpora) { () throws(ManifestError) in try TextPairs(lines) }
    }

    /// The pairs of chosen columns of a file.
    package init(_ path: String, columns: TextPairs.Columns, corpora: [String]) throws(StenoError) {
        try self.init(path, corpora) { () throws(ManifestError) in try TextPairs(contentsOf: path, columns: columns) }
    }

    /// The pairs of two files whose lines belong together.
    package init(sources: String, targets: String, corpora: [String]) throws(StenoError) {
        try self.init(sources, corpora) { () throws(ManifestError) in
            try TextPairs(source: sources, target: targets)
        }
    }

    /// Refuses to take corpora of pairs.
    private init(
        _ path: String, _ corpora: [String], pairs: () throws(ManifestError) -> TextPairs
    ) throws(StenoError) {
        guard corpora.isEmpty else {
            throw .manifest("\(path): expected a manifest, of which a corpus can be taken, found pairs of texts")
        }
        do throws(ManifestError) { self = .text(try pairs().pairs) } catch { throw .manifest(error.description) }
    }

    private static func hasPairs(_ lines: TextLines) -> Bool {
        guard let first = lines.lines.first?.fields else { return false }
        return first.count >= 2 && !first[0].hasPrefix("{") && (first.count == 2 || !Manifest.isHeader(first))
    }
}
