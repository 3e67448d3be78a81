import Glibc

/// The lines of a file or of standard input as they come. Knows whether a line is there already, so that one who types
/// is answered at once and a file is read in large pieces.
package final class LineReader: TextStream {
    private let name: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Where the next line begins in `buffer`, and up to where no line feed is.
    private var start = 0
    private var searched = 0
    private var number = 0
    private var atEnd = false
    /// Why reading came to an end before the text did.
    package private(set) var error: StenoError?

    private static let pieceBytes = 1 << 16
    /// What a line has beyond this is passed over.
    private static let longestLine = 1 << 20

    /// - Parameter path: "-" is standard input.
    package init(path: String) throws(StenoError) {
        name = path == "-" ? "standard input" : path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .text(place: name, problem: String(cString: strerror(errno))) }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw .text(place: name, problem: "expected a text file, found a folder")
        }
    }

    deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

    /// The next line without its end, or why it is none; nil after the last.
    package func next() -> Result<PlacedText, StenoError>? {
        while !hasLine {
            if atEnd { return start < buffer.count ? line(upTo: buffer.count, then: buffer.count) : nil }
            read()
        }
        return line(upTo: searched, then: searched + 1)
    }

    /// Whether `next` will not wait.
    package var isReady: Bool {
        while !hasLine {
            if atEnd { return true }
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&request, 1, 0) > 0 else { return false }
            read()
        }
        return true
    }

    /// Moves `searched` to the next line feed, if there is one.
    private var hasLine: Bool {
        searched = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) ?? buffer.count
        return searched < buffer.count
    }

    private func line(upTo end: Int, then next: Int) -> Result<PlacedText, StenoError> {
        defer { (start, searched) = (next, next) }
        number += 1
        let place = "\(name), line \(number)"
        var bytes = buffer[start..<end]
        if number == 1 && bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard bytes.count <= Self.longestLine else {
            return .failure(.text(place: place, problem: "expected a line of at most \(Self.longestLine) bytes"))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .failure(.text(place: place, problem: "expected UTF-8, found other bytes"))
        }
        return .success(PlacedText(text: text, place: place))
    }

    private func read() {
        buffer.removeSubrange(..<start)
        (start, searched) = (0, searched - start)
        // Of an endless line enough is kept to know that it is too long.
        if buffer.count > Self.longestLine + 1 && searched == buffer.count {
            buffer.removeSubrange((Self.longestLine + 1)...)
            searched = buffer.count
        }
        let kept = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.pieceBytes))
        var count: Int
        repeat {
            count = buffer.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress.map { $0 + kept }, Self.pieceBytes)
            }
        } while count < 0 && errno == EINTR
        if count < 0 { error = .text(place: name, problem: String(cString: strerror(errno))) }
        buffer.removeSubrange((kept + max(count, 0))...)
        atEnd = count <= 0
        if number == 0 && buffer.starts(with: [0x1F, 0x8B]) {
            error = .text(place: name, problem: "expected text, found a gzip file: unpack it first (zcat)")
            buffer = []
            (searched, atEnd) = (0, true)
        }
    }
}
