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
    /// An utterance of a manifest is called by its id, a file by its name without the extension; where that is not
    /// enough, as many of the folders that it is in come before it.
    ///
    /// - Parameters:
    ///   - template: how the recordings are read.
    ///   - failed: gets what cannot be found; the others go on.
    package static func items(
        _ paths: [String], template: Recording, failed: (StenoError) -> Void
    ) throws(StenoError) -> [FeatureItem] {
        var named: [(names: Names, recording: Recording)] = []
        for path in paths {
            if isManifest(path) {
                do throws(ManifestError) {
                    for entry in try Manifest(contentsOf: path).entries {
                        named.append((.id(entry.id), Recording(entry).read(like: template)))
                    }
                } catch { failed(.manifest(error.description)) }
            } else {
                for file in AudioFiles.expand([path], failed: failed) {
                    named.append((Names(file: file), Recording(path: file).read(like: template)))
                }
            }
        }
        let names = try unique(named.map(\.names))
        return zip(names, named).map { FeatureItem(name: $0, recording: $1.recording) }
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

        init(file path: String) {
            let url = URL(fileURLWithPath: path)
            let stem = path == "-" ? "stdin" : url.deletingPathExtension().lastPathComponent
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

    /// The shortest names that tell the items apart.
    private static func unique(_ items: [Names]) throws(StenoError) -> [String] {
        var depths = [Int](repeating: 0, count: items.count)
        while true {
            let names = zip(items, depths).map { $0.candidates[$1] }
            var owners: [String: [Int]] = [:]
            for (index, name) in names.enumerated() { owners[name, default: []].append(index) }
            let clashes = owners.values.filter { $0.count > 1 }
            if clashes.isEmpty { return names }
            for clash in clashes {
                let movable = clash.filter { depths[$0] + 1 < items[$0].candidates.count }
                guard !movable.isEmpty else {
                    throw .output(
                        "the features of \(items[clash[0]].source) and of \(items[clash[1]].source) would both be "
                            + "called \(names[clash[0]])")
                }
                for index in movable { depths[index] += 1 }
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
