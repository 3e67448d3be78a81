/// Reads a corpus as its makers publish it and lists its utterances.
///
/// An importer knows where transcripts and audio are. It never changes the corpus, and it does not open audio: a
/// closure given to ``entries(measuring:)`` tells the length of a file.
package protocol CorpusImporter: Sendable {
    /// As written in the column `corpus` and on the command line, such as `librispeech`.
    static var name: String { get }

    /// Lists all utterances, in an order that depends on the corpus alone.
    ///
    /// - Parameter duration: gives the length in seconds of the audio file at a path, or throws.
    /// - Throws: ``CorpusError`` when this is no such corpus or its lists are damaged. An utterance without readable
    ///   audio or without a transcript is no error: it is set aside in ``ImportedCorpus/skipped``.
    func entries(measuring duration: (String) throws -> Double) throws(CorpusError) -> ImportedCorpus
}

/// What an importer found.
package struct ImportedCorpus: Equatable, Sendable {
    /// An utterance that cannot be used, and why.
    package struct Skipped: Equatable, Sendable {
        package let id: String
        package let problem: String
    }

    package var manifest = Manifest(entries: [])
    package var skipped: [Skipped] = []
    private var ids: Set<String> = []

    package init() {}

    /// Measures the audio of an utterance and adds it, or sets it aside.
    ///
    /// `entry.durationSeconds` is filled in here, unless it is more than 0 already (a part of a file).
    mutating func add(_ entry: ManifestEntry, measuring duration: (String) throws -> Double) {
        guard ids.insert(entry.id).inserted else {
            skip(entry.id, "the id occurs a second time")
            return
        }
        var entry = entry
        do {
            let seconds = try duration(entry.audioPath)
            if entry.durationSeconds == 0 {
                entry.durationSeconds = seconds
            } else if entry.startSeconds + entry.durationSeconds > seconds + 0.1 {
                skip(entry.id, "it ends at \(entry.startSeconds + entry.durationSeconds) s, its audio at \(seconds) s")
                return
            }
        } catch {
            skip(entry.id, "\(error)")
            return
        }
        manifest.entries.append(entry)
    }

    mutating func skip(_ id: String, _ problem: String) {
        skipped.append(Skipped(id: id, problem: problem))
    }
}
