import Foundation

extension Manifest {
    /// Reads a TSV or JSON lines manifest; which of the two it is, its first character says.
    ///
    /// Everything is checked: the columns, the number of fields, the numbers, that no id occurs twice. Whether the
    /// audio is there is ``ManifestCheck``'s business.
    ///
    /// - Parameter isTranscribed: false for a list of sounds, which needs neither `duration` nor `text`.
    package init(contentsOf path: String, isTranscribed: Bool = true) throws(ManifestError) {
        try self.init(TextLines(path: path), isTranscribed: isTranscribed)
    }

    /// As above from bytes; `path` is for errors and for the folder that audio is relative to.
    package init(data: Data, path: String) throws(ManifestError) {
        try self.init(TextLines(bytes: [UInt8](data), path: path))
    }

    /// As above from lines that have been read.
    package init(_ lines: TextLines, isTranscribed: Bool = true) throws(ManifestError) {
        let path = lines.path
        guard let first = lines.lines.first else { throw ManifestError(path: path, reason: .empty) }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().relativePath
        let entries =
            first.text.hasPrefix("{")
            ? try Self.entries(ofJSON: lines, folder: folder, isTranscribed: isTranscribed)
            : try Self.entries(ofTSV: lines, folder: folder, isTranscribed: isTranscribed)
        guard !entries.isEmpty else { throw ManifestError(path: path, reason: .empty) }
        self.init(entries: entries)
    }

    /// Whether the fields of a first line are names of columns.
    package static func isHeader(_ fields: [String]) -> Bool {
        fields.contains { ["id", "audio", "duration", "text"].contains($0) }
    }

    private static func entries(
        ofTSV lines: TextLines, folder: String, isTranscribed: Bool
    ) throws(ManifestError) -> [ManifestEntry] {
        guard let header = lines.lines.first else { return [] }
        let columns = try Columns(header: header, path: lines.path, isTranscribed: isTranscribed)
        var ids = UniqueIDs(path: lines.path)
        var entries: [ManifestEntry] = []
        entries.reserveCapacity(lines.lines.count)
        for line in lines.lines.dropFirst() {
            let fields = line.text.fields(separatedBy: "\t")
            guard fields.count == columns.count else {
                throw ManifestError(
                    path: lines.path, line: line.number,
                    reason: .columnCount(expected: columns.count, found: fields.count))
            }
            func seconds(_ column: Int, _ name: String) throws(ManifestError) -> Double {
                guard let value = Double(fields[column]), value.isFinite, value >= 0 else {
                    throw ManifestError(
                        path: lines.path, line: line.number,
                        reason: .badNumber(column: name, found: fields[column]))
                }
                return value
            }
            var entry = ManifestEntry(
                id: fields[columns.id],
                audioPath: fields[columns.audio],
                durationSeconds: try columns.duration.map { (column) throws(ManifestError) in
                    try seconds(column, "duration")
                } ?? .infinity,
                speaker: columns.speaker.map { fields[$0] } ?? "",
                corpus: columns.corpus.map { fields[$0] } ?? "",
                text: columns.text.map { fields[$0] } ?? "")
            if let start = columns.start { entry.startSeconds = try seconds(start, "start") }
            entries.append(try ids.checked(entry, line: line.number, folder: folder))
        }
        return entries
    }

    private static func entries(
        ofJSON lines: TextLines, folder: String, isTranscribed: Bool
    ) throws(ManifestError) -> [ManifestEntry] {
        let decoder = JSONDecoder()
        var ids = UniqueIDs(path: lines.path)
        var entries: [ManifestEntry] = []
        entries.reserveCapacity(lines.lines.count)
        for line in lines.lines {
            let object: JSONEntry
            do {
                object = try decoder.decode(JSONEntry.self, from: Data(line.text.utf8))
            } catch {
                throw ManifestError(path: lines.path, line: line.number, reason: .badJSON(error.sentence))
            }
            let needed = [("duration", object.duration == nil), ("text", object.text == nil)]
            for (name, isMissing) in needed where isTranscribed && isMissing {
                throw ManifestError(
                    path: lines.path, line: line.number, reason: .badJSON("the key “\(name)” is missing"))
            }
            for (name, value) in [("start", object.start ?? 0), ("duration", object.duration ?? 0)]
            where !value.isFinite || value < 0 {
                throw ManifestError(
                    path: lines.path, line: line.number, reason: .badNumber(column: name, found: "\(value)"))
            }
            entries.append(try ids.checked(object.entry, line: line.number, folder: folder))
        }
        return entries
    }
}

/// The keys of one line of a JSON lines manifest.
struct JSONEntry: Codable {
    var id: String
    var audio: String
    var start: Double?
    var duration: Double?
    var speaker: String?
    var corpus: String?
    var text: String?

    var entry: ManifestEntry {
        ManifestEntry(
            id: id, audioPath: audio, startSeconds: start ?? 0, durationSeconds: duration ?? .infinity,
            speaker: speaker ?? "", corpus: corpus ?? "", text: text ?? "")
    }
}

/// Where each field stands, found by the names in the header line.
private struct Columns {
    let count: Int
    let id: Int
    let audio: Int
    let duration: Int?
    let text: Int?
    let start: Int?
    let speaker: Int?
    let corpus: Int?

    init(header: TextLines.Line, path: String, isTranscribed: Bool) throws(ManifestError) {
        let names = header.text.fields(separatedBy: "\t")
        for name in names where names.filter({ $0 == name }).count > 1 {
            throw ManifestError(path: path, line: header.number, reason: .repeatedColumn(name))
        }
        func needed(_ name: String) throws(ManifestError) -> Int {
            guard let index = names.firstIndex(of: name) else {
                throw ManifestError(path: path, line: header.number, reason: .missingColumn(name, found: names))
            }
            return index
        }
        count = names.count
        id = try needed("id")
        audio = try needed("audio")
        duration = isTranscribed ? try needed("duration") : names.firstIndex(of: "duration")
        text = isTranscribed ? try needed("text") : names.firstIndex(of: "text")
        start = names.firstIndex(of: "start")
        speaker = names.firstIndex(of: "speaker")
        corpus = names.firstIndex(of: "corpus")
    }
}

/// Holds every entry against those before it, and puts the manifest's folder before its audio path.
private struct UniqueIDs {
    let path: String
    private var lines: [String: Int] = [:]

    init(path: String) {
        self.path = path
    }

    mutating func checked(_ entry: ManifestEntry, line: Int, folder: String) throws(ManifestError) -> ManifestEntry {
        for (name, value) in [("id", entry.id), ("audio", entry.audioPath)] where value.isEmpty {
            throw ManifestError(path: path, line: line, reason: .emptyField(name))
        }
        if let firstLine = lines.updateValue(line, forKey: entry.id) {
            throw ManifestError(path: path, line: line, reason: .duplicateID(entry.id, firstLine: firstLine))
        }
        var entry = entry
        if !entry.audioPath.hasPrefix("/"), folder != "." {
            entry.audioPath = folder.hasSuffix("/") ? folder + entry.audioPath : folder + "/" + entry.audioPath
        }
        return entry
    }
}
