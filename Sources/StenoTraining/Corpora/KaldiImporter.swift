import StenoText

/// A Kaldi data directory: `wav.scp`, `text`, and where they are there `utt2spk` and `segments`.
///
/// Every line is an id, a space, and the rest. `segments` has `UTTERANCE RECORDING START END` in seconds (an end of -1
/// is that of the recording). Paths in `wav.scp` are taken relative to the directory where they are not absolute;
/// commands (`… |`) are refused, because a list of files should not run programs. Kaldi, "Data preparation".
package struct KaldiImporter: CorpusImporter {
    package static let name = "kaldi"
    let directory: String
    let corpusName: String
    let normalisation: TextNormalisation

    /// - Parameter corpusName: what is written in the column `corpus`.
    package init(directory: String, corpusName: String = Self.name, normalisation: TextNormalisation = .speech) {
        self.directory = directory
        self.corpusName = corpusName
        self.normalisation = normalisation
    }

    package func entries(measuring duration: (String) throws -> Double) throws(CorpusError) -> ImportedCorpus {
        let folder = try CorpusDirectory(directory)
        for list in ["wav.scp", "text"] where !folder.exists(list) {
            throw .notFound(path: directory, expected: "a file \(list)")
        }
        let recordings = try recordings(in: folder)
        let segments = try segments(in: folder)
        let speakers = folder.exists("utt2spk") ? try table("utt2spk", in: folder) : [:]

        var corpus = ImportedCorpus()
        for line in try folder.lines(of: "text") {
            // An utterance in which nothing is said has an id only.
            let parts = line.text.split(maxSplits: 1, whereSeparator: \.isWhitespace).map { String($0) }
            guard let id = parts.first else { continue }
            var entry = ManifestEntry(
                id: id, audioPath: "", durationSeconds: 0, speaker: speakers[id] ?? "", corpus: corpusName,
                text: parts.count == 2 ? normalisation(parts[1]) : "")
            var recording = id
            if let segments {
                guard let segment = segments[id] else {
                    corpus.skip(id, "not in \(folder.absolute("segments"))")
                    continue
                }
                recording = segment.recording
                entry.startSeconds = segment.start
                entry.durationSeconds = segment.end.map { $0 - segment.start } ?? 0
            }
            guard let path = recordings[recording] else {
                corpus.skip(id, "“\(recording)” is not in \(folder.absolute("wav.scp"))")
                continue
            }
            entry.audioPath = path
            if segments != nil, entry.durationSeconds == 0 {
                guard let whole = try? duration(path), whole > entry.startSeconds else {
                    corpus.skip(id, "it begins at \(entry.startSeconds) s, where \(path) has ended")
                    continue
                }
                entry.durationSeconds = whole - entry.startSeconds
            }
            corpus.add(entry, measuring: duration)
        }
        return corpus
    }

    private func recordings(in folder: CorpusDirectory) throws(CorpusError) -> [String: String] {
        var recordings: [String: String] = [:]
        for line in try folder.lines(of: "wav.scp") {
            let (id, path) = try pair(line, of: "wav.scp", in: folder)
            guard !path.hasSuffix("|"), !path.hasPrefix("|") else {
                throw .pipe(path: folder.absolute("wav.scp"), line: line.number, command: path)
            }
            recordings[id] = path.hasPrefix("/") ? path : folder.absolute(path)
        }
        return recordings
    }

    private struct Segment {
        let recording: String
        let start: Double
        /// Nil for the end of the recording.
        let end: Double?
    }

    private func segments(in folder: CorpusDirectory) throws(CorpusError) -> [String: Segment]? {
        guard folder.exists("segments") else { return nil }
        var segments: [String: Segment] = [:]
        for line in try folder.lines(of: "segments") {
            let fields = line.text.split(whereSeparator: \.isWhitespace)
            guard fields.count == 4, let start = Double(fields[2]), let end = Double(fields[3]), start >= 0,
                end > start || end == -1, end.isFinite
            else {
                throw .badLine(
                    path: folder.absolute("segments"), line: line.number,
                    expected: "an utterance, a recording, a start and a later end in seconds", found: line.text)
            }
            segments[String(fields[0])] = Segment(
                recording: String(fields[1]), start: start, end: end == -1 ? nil : end)
        }
        return segments
    }

    private func table(_ list: String, in folder: CorpusDirectory) throws(CorpusError) -> [String: String] {
        var table: [String: String] = [:]
        for line in try folder.lines(of: list) {
            let (id, value) = try pair(line, of: list, in: folder)
            table[id] = value
        }
        return table
    }

    private func pair(
        _ line: TextLines.Line, of list: String, in folder: CorpusDirectory
    ) throws(CorpusError) -> (id: String, rest: String) {
        let parts = line.text.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        guard parts.count == 2 else {
            throw .badLine(
                path: folder.absolute(list), line: line.number, expected: "an id and what belongs to it",
                found: line.text)
        }
        var rest = parts[1]
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return (String(parts[0]), String(rest))
    }
}
