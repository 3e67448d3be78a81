import Foundation

/// A folder with a corpus in it, as importers look at it. Paths are relative to it, with `/` between names.
struct CorpusDirectory {
    let path: String

    init(_ path: String) throws(CorpusError) {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw .noDirectory(path: path)
        }
        self.path = path
    }

    func absolute(_ relative: String) -> String {
        path.hasSuffix("/") ? path + relative : path + "/" + relative
    }

    func exists(_ relative: String) -> Bool {
        FileManager.default.fileExists(atPath: absolute(relative))
    }

    /// All files below the folder, hidden ones left out, sorted.
    ///
    /// - Parameter unreadable: gets the folders whose files cannot be known; without it they are an error.
    func files(
        unreadable: (CorpusError) throws(CorpusError) -> Void = { (error) throws(CorpusError) in throw error }
    ) throws(CorpusError) -> [String] {
        guard let all = FileManager.default.enumerator(atPath: path) else {
            throw .inaccessible(path: path, problem: "the directory cannot be listed")
        }
        var files: [String] = []
        for case let file as String in all
        where !file.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
            if all.fileAttributes?[.type] as? FileAttributeType != .typeDirectory {
                files.append(file)
            } else if let error = Self.obstacle(absolute(file)) {
                try unreadable(error)
            }
        }
        return files.sorted()
    }

    /// Why the files of a folder cannot be listed; nil if they can.
    static func obstacle(_ folder: String) -> CorpusError? {
        guard let listing = opendir(folder) else {
            return .inaccessible(
                path: folder, problem: "the folder cannot be read (\(String(cString: strerror(errno))))")
        }
        closedir(listing)
        return nil
    }

    /// The lines of a text file, numbered, without empty ones.
    func lines(of relative: String) throws(CorpusError) -> [TextLines.Line] {
        let file = absolute(relative)
        guard exists(relative) else { throw .inaccessible(path: file, problem: "no such file") }
        do throws(ManifestError) { return try TextLines(path: file).lines } catch {
            guard let line = error.line else { throw .inaccessible(path: file, problem: error.reason.description) }
            throw .badLine(path: file, line: line, expected: "text in UTF-8", found: "other bytes")
        }
    }

    /// All of a text file, its lines joined by spaces.
    func text(of relative: String) throws(CorpusError) -> String {
        try lines(of: relative).map(\.text).joined(separator: " ")
    }
}

/// Names of files that hold audio.
enum AudioFile {
    private static let extensions: Set<String> = [
        "wav", "flac", "ogg", "opus", "mp3", "aif", "aiff", "aifc", "au", "snd", "caf", "w64", "rf64", "sph",
    ]

    static func isAudio(_ path: String) -> Bool {
        extensions.contains(URL(fileURLWithPath: path).pathExtension.lowercased())
    }
}

extension String {
    /// The last part of a path, without what follows its last full stop.
    var stem: String {
        URL(fileURLWithPath: self).deletingPathExtension().lastPathComponent
    }

    /// The path without what follows its last full stop.
    var withoutExtension: String {
        guard let name = split(separator: "/").last, let dot = name.lastIndex(of: "."), dot > name.startIndex else {
            return self
        }
        return String(self[..<dot])
    }
}

/// The audio files in a folder and below it, known by their names, in order.
///
/// - Parameter unreadable: gets the folders below it whose files cannot be known.
package func audioFiles(
    below path: String, unreadable: (CorpusError) -> Void
) throws(CorpusError) -> [String] {
    let folder = try CorpusDirectory(path)
    if let error = CorpusDirectory.obstacle(path) { throw error }
    return try folder.files(unreadable: unreadable).filter(AudioFile.isAudio).map(folder.absolute)
}
