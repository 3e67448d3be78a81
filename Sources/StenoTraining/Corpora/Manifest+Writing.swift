import Foundation
import StenoModels

extension Manifest {
    package enum Format: String, CaseIterable, Sendable {
        case tsv
        case jsonLines
    }

    /// Writes the manifest under a temporary name and renames it, so that it is there whole or not at all. Its folder is
    /// made if missing.
    ///
    /// Audio below the manifest's folder is written relative to it, other audio with its absolute path. The column
    /// `start` is written only when an utterance needs it. Throws when a field cannot be held by TSV.
    package func write(to path: String, format: Format = .tsv) throws(ManifestError) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().standardizedFileURL.path
        let data: Data
        switch format {
        case .tsv: data = try tsv(folder: folder, path: path)
        case .jsonLines: data = jsonLines(folder: folder)
        }
        // Where the folder cannot be made, the file cannot be written, and that says why.
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        do { try AtomicFile.write([UInt8](data), to: path) } catch {
            throw ManifestError(path: path, reason: .inaccessible(error.reason))
        }
    }

    private var hasStarts: Bool { entries.contains { $0.startSeconds != 0 } }

    private func tsv(folder: String, path: String) throws(ManifestError) -> Data {
        let hasStarts = hasStarts
        let columns = ["id", "audio"] + (hasStarts ? ["start"] : []) + ["duration", "speaker", "corpus", "text"]
        var output = columns.joined(separator: "\t") + "\n"
        for entry in entries {
            var fields = [entry.id, Self.relative(entry.audioPath, to: folder)]
            if hasStarts { fields.append(Self.seconds(entry.startSeconds)) }
            fields += [Self.seconds(entry.durationSeconds), entry.speaker, entry.corpus, entry.text]
            for (column, field) in zip(columns, fields) where field.utf8.contains(where: { [9, 10, 13].contains($0) }) {
                throw ManifestError(path: path, reason: .unwritableField(column: column, id: entry.id))
            }
            output += fields.joined(separator: "\t") + "\n"
        }
        return Data(output.utf8)
    }

    private func jsonLines(folder: String) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var output = Data()
        for entry in entries {
            let object = JSONEntry(
                id: entry.id, audio: Self.relative(entry.audioPath, to: folder),
                start: entry.startSeconds == 0 ? nil : entry.startSeconds, duration: entry.durationSeconds,
                speaker: entry.speaker, corpus: entry.corpus, text: entry.text)
            guard let line = try? encoder.encode(object) else {
                preconditionFailure("the duration of \(entry.id) is not a number")
            }
            output.append(line)
            output.append(0x0A)
        }
        return output
    }

    /// Seconds to the tenth of a millisecond, without superfluous zeros.
    private static func seconds(_ value: Double) -> String {
        let rounded = (value * 10_000).rounded() / 10_000
        return rounded == rounded.rounded() && rounded < 1e15 ? "\(Int(rounded))" : "\(rounded)"
    }

    private static func relative(_ audioPath: String, to folder: String) -> String {
        let absolute = URL(fileURLWithPath: audioPath).standardizedFileURL.path
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        return absolute.hasPrefix(prefix) ? String(absolute.dropFirst(prefix.count)) : absolute
    }
}
