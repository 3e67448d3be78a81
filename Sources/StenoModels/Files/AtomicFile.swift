import Foundation

/// Why a file could not be written or read; one sentence with its path.
package enum FileError: Error, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    /// The file is there, but not what it should be.
    case malformed(path: String, expected: String, found: String)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        case .unwritable(let path, let reason): "\(path) cannot be written: \(reason)"
        case .malformed(let path, let expected, let found): "\(path) is damaged: expected \(expected), found \(found)"
        }
    }
}

/// A file that appears under its name only when it is complete: written beside it, synced, renamed.
struct AtomicFile: ~Copyable {
    private let path: String
    private let temporaryPath: String
    private let descriptor: Int32

    init(path: String) throws(FileError) {
        self.path = path
        temporaryPath = "\(path).\(getpid()).partial"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        if descriptor < 0 { throw .unwritable(path: path, reason: AtomicFile.lastReason) }
    }

    private static var lastReason: String { String(cString: strerror(errno)) }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .unwritable(path: path, reason: AtomicFile.lastReason) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Makes the file appear. Without this call nothing does.
    consuming func commit() throws(FileError) {
        guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else {
            throw .unwritable(path: path, reason: AtomicFile.lastReason)
        }
        // The new name is safe only when the directory is.
        let directory = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY)
        if directory >= 0 {
            fsync(directory)
            close(directory)
        }
    }

    deinit {
        close(descriptor)
        unlink(temporaryPath)  // already gone after `commit`
    }
}
