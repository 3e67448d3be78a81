import StenoTraining

/// What a model is measured on: utterances of a manifest, or pairs of texts. Which of the two a file has, its first line
/// says: pairs have two columns and no header.
package enum TestSet: Sendable {
    case speech([ManifestEntry])
    case text([TextPair])

    /// - Parameter corpora: only these of a manifest; all if empty.
    package init(_ path: String, corpora: [String] = []) throws(StenoError) {
        guard try Self.hasPairs(path) else {
            self = .speech(try Evaluation.entries(of: path, corpora: corpora))
            return
        }
        guard corpora.isEmpty else {
            throw .manifest("\(path): expected a manifest, of which a corpus can be taken, found pairs of texts")
        }
        do throws(ManifestError) { self = .text(try TextPairs(contentsOf: path).pairs) } catch {
            throw .manifest(error.description)
        }
    }

    private static func hasPairs(_ path: String) throws(StenoError) -> Bool {
        do throws(ManifestError) {
            guard let first = try tabSeparatedLines(path).first?.fields else { return false }
            return first.count == 2 && !first[0].hasPrefix("{")
        } catch { throw .manifest(error.description) }
    }
}
