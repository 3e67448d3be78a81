import Glibc

/// The bytes of an opened file that can be read from any place, optionally with another beginning than the file's.
///
/// What comes through a pipe is either followed forward (`follow`) or copied to a nameless temporary file (`spool`);
/// until then its beginning can be looked at.
final class ByteSource {
    let path: String
    /// Whether the bytes came through a pipe, where a writer cannot know the length when it writes the header.
    let isPipe: Bool
    /// Bytes of the file; for a pipe that has not been spooled, more than any file has.
    private(set) var fileCount: Int
    /// The system's error number of the last failed read, 0 if none.
    private(set) var failure: CInt = 0
    /// Where `read` goes on.
    var position = 0

    private var descriptor: CInt
    private var owned: Bool
    /// Where the source begins in the file.
    private var base = 0
    /// Bytes that stand for the file's first `replaced` bytes.
    private var beginning: [UInt8] = []
    private var replaced = 0
    private var pipe: PipeWindow?

    /// Opens `path`, or standard input for "-".
    init(path: String) throws(AudioError) {
        let isStandardInput = path == "-"
        self.path = isStandardInput ? "standard input" : path
        owned = !isStandardInput
        descriptor = isStandardInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let error = errno
            throw error == ENOENT || error == ENOTDIR
                ? .missing(path: path) : .cannotOpen(path: path, reason: systemMessage(error))
        }
        var status = stat()
        let error = fstat(descriptor, &status) == 0 ? 0 : errno
        let kind = status.st_mode & S_IFMT
        if error != 0 || kind == S_IFDIR {
            if owned { close(descriptor) }
            throw kind == S_IFDIR
                ? .directory(path: self.path) : .cannotOpen(path: self.path, reason: systemMessage(error))
        }
        isPipe = kind != S_IFREG
        if isPipe {
            fileCount = PipeWindow.endless
            pipe = PipeWindow(descriptor)
        } else {
            base = isStandardInput ? max(0, lseek(descriptor, 0, SEEK_CUR)) : 0
            fileCount = max(0, Int(status.st_size) - base)
        }
    }

    deinit {
        if owned { close(descriptor) }
    }

    /// Length in bytes as a reader sees it.
    var count: Int { pipe?.count ?? beginning.count + fileCount - replaced }

    /// Whether the bytes still come through the pipe.
    var isUnread: Bool { pipe != nil }

    /// Puts `beginning` in the place of the file's first `replaced` bytes.
    func replace(first replaced: Int, with beginning: [UInt8]) {
        self.replaced = min(replaced, fileCount)
        self.beginning = beginning
    }

    /// From here on the source is what follows the pipe's first `start` bytes, read forward only; `count` bytes of it
    /// if given, in whole units of `unit` bytes.
    func follow(from start: Int, count: Int?, unit: Int) { pipe?.follow(from: start, count: count, unit: unit) }

    /// Copies all that comes through the pipe to a temporary file, which can be read from any place.
    func spool() throws(AudioError) {
        guard let pipe else { return }
        let copy = try pipe.spool(path: path)
        if owned { close(descriptor) }
        (descriptor, fileCount, owned, self.pipe) = (copy.descriptor, copy.count, true, nil)
    }

    /// Reads from `position` on, and moves it; fewer bytes than asked only at the end or when the system fails.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let done = read(at: position, into: buffer)
        position += done
        return done
    }

    /// Up to `count` bytes at `offset`, fewer at the end.
    func bytes(at offset: Int, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            done = read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    private func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let start = buffer.baseAddress, offset >= 0 else { return 0 }
        if pipe != nil { return pipe?.read(at: offset, into: buffer, failure: &failure) ?? 0 }
        var done = 0
        while done < buffer.count && offset + done < count {
            let here = offset + done
            if here < beginning.count {
                let some = min(beginning.count - here, buffer.count - done)
                beginning.withUnsafeBytes { bytes in
                    UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[here..<here + some]))
                }
                done += some
                continue
            }
            let place = base + replaced + here - beginning.count
            let some = pread(descriptor, start + done, min(buffer.count - done, count - here), off_t(place))
            if some > 0 {
                done += some
            } else if some == 0 {
                break
            } else if errno != EINTR {
                failure = errno
                break
            }
        }
        return done
    }
}

/// The system's words for an error number.
func systemMessage(_ error: CInt) -> String {
    guard let words = strerror(error) else { return "error \(error)" }
    return String(cString: words)
}
