import Foundation
import StenoTraining

/// A recording whose features are wanted, and what they are called.
package struct FeatureItem: Sendable {
    /// Unique among the items; fit for a file's name.
    package let name: String
    package let recording: Recording

    /// The recordings that a user names: audio files, folders of them, manifests (whose names end in .tsv or .jsonl) and
    /// "-" for standard input.
    ///
    /// An utterance of a manifest is called by its id, a file by its name without the extension, or with it where
    /// files of one folder differ by that alone; where that is not enough, as many of the folders that it is in come
    /// before it. A file that is named twice is one item.
    ///
    /// - Parameters:
    ///   - template: how the recordings are read.
    ///   - failed: gets what cannot be found or told apart; the others go on.
    package static func items(
        _ paths: [String], template: Recording, failed: (StenoError) -> Void
    ) -> [FeatureItem] {
        var known: Set<String> = []
        func isNew(_ path: String) -> Bool {
            known.insert(path == "-" ? path : "/" + plain(path)).inserted
        }
        var entries: [(file: String?, recording: Recording, id: String)] = []
        for path in paths {
            if !isManifest(path) {
                for file in AudioFiles.expand([path], failed: failed) where isNew(file) {
                    entries.append((file, Recording(path: file), ""))
                }
            } else if isNew(path) {
                do throws(ManifestError) {
                    entries += try Manifest(contentsOf: path, isTranscribed: false).entries.map {
                        (nil, Recording($0), $0.id)
                    }
                } catch { failed(.manifest(error.description)) }
            }
        }
        let stems = entries.reduce(into: [String?: Int]()) { $0[$1.file.map(withoutExtension), default: 0] += 1 }
        let names = unique(
            entries.map { entry in
                guard let file = entry.file else { return .id(entry.id) }
                return Names(file: file, withExtension: stems[withoutExtension(file), default: 0] > 1)
            }, failed: failed)
        return zip(names, entries).compactMap { name, entry in
            name.map { FeatureItem(name: $0, recording: entry.recording.read(like: template)) }
        }
    }

    /// The same path without steps that lead nowhere.
    private static func plain(_ path: String) -> String {
        (path.hasPrefix("/") ? "/" : "") + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    private static func withoutExtension(_ path: String) -> String {
        URL(fileURLWithPath: plain(path)).deletingPathExtension().path
    }

    private static func isManifest(_ path: String) -> Bool {
        let path = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
        return path.hasSuffix(".tsv") || path.hasSuffix(".jsonl")
    }

    /// What an item may be called, short names first.
    private struct Names {
        /// For sentences.
        let source: String
        let candidates: [String]

        static func id(_ id: String) -> Names { Names(source: id, candidates: [clean(id)]) }

        private init(source: String, candidates: [String]) {
            (self.source, self.candidates) = (source, candidates)
        }

        init(file path: String, withExtension: Bool) {
            let url = URL(fileURLWithPath: path)
            let stem =
                path == "-" ? "stdin" : (withExtension ? url : url.deletingPathExtension()).lastPathComponent
            let folders = path == "-" ? [] : path.split(separator: "/").dropLast().filter { $0 != "." && $0 != ".." }
            self.init(
                source: path,
                candidates: (0...folders.count).map { depth in
                    Self.clean((folders.suffix(depth) + [Substring(stem)]).joined(separator: "-"))
                })
        }

        /// A name that is one word and no path.
        private static func clean(_ name: String) -> String {
            String(
                String.UnicodeScalarView(
                    name.unicodeScalars.map { scalar in
                        if scalar == "/" { return "-" }
                        let isFit =
                            !scalar.properties.isWhitespace && !("\u{0}"..."\u{1F}" ~= scalar) && scalar != "\u{7F}"
                        return isFit ? scalar : "_"
                    }))
        }
    }

    /// The shortest names that tell the items apart; nil for an item that cannot be told from one before it.
    private static func unique(_ items: [Names], failed: (StenoError) -> Void) -> [String?] {
        var depths = [Int](repeating: 0, count: items.count)
        var isNamed = [Bool](repeating: true, count: items.count)
        while true {
            let names = zip(items, depths).map { $0.candidates[$1] }
            var owners: [String: [Int]] = [:]
            for (index, name) in names.enumerated() where isNamed[index] { owners[name, default: []].append(index) }
            let clashes = owners.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
            if clashes.isEmpty { return zip(names, isNamed).map { $1 ? $0 : nil } }
            for clash in clashes {
                let movable = clash.filter { depths[$0] + 1 < items[$0].candidates.count }
                for index in movable { depths[index] += 1 }
                guard movable.isEmpty else { continue }
                for index in clash.dropFirst() {
                    isNamed[index] = false
                    failed(
                        .output(
                            "the features of \(items[clash[0]].source) and of \(items[index].source) would both be "
                                + "called \(names[index])"))
                }
            }
        }
    }
}

extension Recording {
    /// With the channel and the format of another.
    fileprivate func read(like template: Recording) -> Recording {
        var recording = self
        (recording.channel, recording.raw) = (template.channel, template.raw)
        return recording
    }
}
