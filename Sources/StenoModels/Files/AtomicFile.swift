import Foundation

/// A file that appears under its name only when it is complete: written beside it, synced, renamed.
package struct AtomicFile: ~Copyable {
    /// How the names of files end that were not completed, after the process was killed.
    package static let partialSuffix = ".partial"

    private let path: String
    private let temporaryPath: String
    private let descriptor: Int32

    package init(path: String) throws(FileError) {
        self.path = path
        temporaryPath = "\(path).\(getpid())\(AtomicFile.partialSuffix)"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw .unwritable(path: path, reason: AtomicFile.lastReason) }
    }

    private static var lastReason: String { String(cString: strerror(errno)) }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .unwritable(path: path, reason: AtomicFile.lastReason) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Numbers as they stand in memory.
    package func write(_ numbers: [some BitwiseCopyable]) throws(FileError) {
        let error = numbers.withUnsafeBytes { raw -> FileError? in
            do throws(FileError) { try write(raw) } catch { return error }
            return nil
        }
        if let error { throw error }
    }

    /// Makes the file appear. Without this call nothing does.
    ///
    /// - Parameter isSynced: whether it has to be there after a failure of power.
    package consuming func commit(isSynced: Bool = true) throws(FileError) {
        guard !isSynced || fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else {
            throw .unwritable(path: path, reason: AtomicFile.lastReason)
        }
        guard isSynced else { return }
        // The new name is safe only when the folder is.
        let folder = (path as NSString).deletingLastPathComponent
        let directory = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory >= 0 {
            fsync(directory)
            close(directory)
        }
    }

    /// Writes a whole file.
    package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let file = try AtomicFile(path: path)
        try file.write(bytes)
        try file.commit()
    }

    deinit {
        close(descriptor)
        unlink(temporaryPath)  // already gone after `commit`
    }
}
