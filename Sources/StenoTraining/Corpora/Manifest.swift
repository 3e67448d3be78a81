/// A list of utterances, as read from a manifest file or made by an importer.
///
/// The file is TSV with a header line, `id audio duration speaker corpus text`, or has one JSON object with these keys
/// a line. Columns are found by name, in any order; `speaker` and `corpus` may be missing, and others are passed over.
/// A column `start` (seconds) says where an utterance begins within a longer file. `audio` is relative to the folder
/// of the manifest. There is no quoting, so a TSV text has no tabs.
package struct Manifest: Equatable, Sendable {
    package var entries: [ManifestEntry]

    package init(entries: [ManifestEntry]) {
        self.entries = entries
    }

    /// The entries whose corpus is one of those named.
    package func filtered(corpora: Set<String>) -> Manifest {
        Manifest(entries: entries.filter { corpora.contains($0.corpus) })
    }

    /// The entries whose duration in seconds is within the range.
    package func filtered(durationSeconds: ClosedRange<Double>) -> Manifest {
        Manifest(entries: entries.filter { durationSeconds.contains($0.durationSeconds) })
    }

    /// The names of the corpora in it, sorted.
    package var corpora: [String] {
        Set(entries.map(\.corpus)).sorted()
    }

    package var durationSeconds: Double {
        entries.reduce(0) { $0 + $1.durationSeconds }
    }
}
