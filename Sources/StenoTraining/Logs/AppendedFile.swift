import Foundation

/// A file that grows at its end, and whose end can be cut off as a whole.
final class AppendedFile {
    let path: String
    private let handle: FileHandle

    /// Replaces the file, if there is one, by `contents` in one step (written under a temporary name, synced, renamed)
    /// and opens it for more.
    init(path: String, contents: [UInt8]) throws(LogError) {
        self.path = path
        let temporary = path + ".tmp"
        do {
            try FileManager.default.createDirectory(
                at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
            guard FileManager.default.createFile(atPath: temporary, contents: nil) else {
                throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            }
            // Rename keeps what the handle refers to: it goes on writing to the file under its new name.
            handle = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
            try handle.write(contentsOf: contents)
            try handle.synchronize()
            guard rename(temporary, path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        } catch {
            unlink(temporary)
            throw LogError.inaccessible(path: path, problem: error.sentence)
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
