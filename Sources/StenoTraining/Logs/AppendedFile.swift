import Foundation
import StenoModels

/// A file that grows at its end, and whose end can be cut off as a whole.
final class AppendedFile {
    let path: String
    private let handle: FileHandle

    /// Replaces the file, if there is one, by `contents` in one step (written under a temporary name, synced, renamed)
    /// and opens it for more.
    init(path: String, contents: [UInt8]) throws(LogError) {
        self.path = path
        let url = URL(fileURLWithPath: path)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try AtomicFile.write(contents, to: path)
            handle = try FileHandle(forWritingTo: url)
            try handle.seekToEnd()
        } catch let error as FileError {
            throw .inaccessible(path: path, problem: error.reason)
        } catch {
            throw .inaccessible(path: path, problem: error.sentence)
        }
    }

    /// The bytes of the file at `path`; none where there is no file.
    static func contents(of path: String) throws(LogError) -> [UInt8] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        do {
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw .inaccessible(path: path, problem: error.sentence)
        }
    }

    /// Writes at the end; the bytes are with the operating system when it returns.
    func append(_ bytes: [UInt8]) throws(LogError) {
        do {
            try handle.write(contentsOf: bytes)
        } catch {
            throw .inaccessible(path: path, problem: error.sentence)
        }
    }

    deinit {
        // Nothing is buffered here, so nothing can be lost by a failing close.
        try? handle.close()
    }
}
