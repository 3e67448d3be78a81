import Glibc

/// The bytes of a pipe: its beginning is held, what comes later is read once, forward.
struct PipeWindow {
    /// A length that stands for an unknown one.
    static let endless = Int.max / 4
    /// Bytes of the beginning that may be held.
    private static let mostHeld = 1 << 16

    private let descriptor: CInt
    private var held: [UInt8] = []
    /// Bytes taken from the pipe, counted like `held` from the source's beginning.
    private var taken = 0
    /// While following: bytes of what is never given in part, else 0.
    private var unit = 0
    private(set) var count = Self.endless

    init(_ descriptor: CInt) { self.descriptor = descriptor }

    /// The source is now what follows the first `start` bytes; reading gives what the writer has written so far, in
    /// whole units of `unit` bytes, and waits only if that is nothing.
    mutating func follow(from start: Int, count: Int?, unit: Int) {
        held.removeFirst(min(start, held.count))
        taken = held.count
        self.unit = unit
        self.count = count ?? Self.endless
    }

    mutating func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer, failure: inout CInt) -> Int {
        let wanted = min(buffer.count, max(0, count - offset))
        if unit == 0 { hold(upTo: min(offset + wanted, Self.mostHeld), failure: &failure) }
        var done = 0
        if offset < held.count {
            done = min(wanted, held.count - offset)
            held.withUnsafeBytes { bytes in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + done]))
            }
        }
        guard unit > 0, done == 0 || (offset + done) % unit != 0, done < wanted else { return done }
        guard offset + done == taken else {
            failure = ESPIPE
            return done
        }
        while done < wanted {
            let some = take(UnsafeMutableRawBufferPointer(rebasing: buffer[done..<wanted]), failure: &failure)
            guard some > 0 else { break }
            done += some
            taken += some
            if taken % unit == 0 { break }
        }
        return done
    }

    private mutating func hold(upTo end: Int, failure: inout CInt) {
        while held.count < end {
            let piece = [UInt8](unsafeUninitializedCapacity: end - held.count) { buffer, some in
                some = max(0, take(UnsafeMutableRawBufferPointer(buffer), failure: &failure))
            }
            guard !piece.isEmpty else { return }
            held += piece
        }
    }

    /// What the system has ready, 0 at the end, -1 when it fails.
    private func take(_ buffer: UnsafeMutableRawBufferPointer, failure: inout CInt) -> Int {
        while true {
            let some = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if some >= 0 { return some }
            guard errno == EINTR else {
                failure = errno
                return -1
            }
        }
    }

    /// Copies all bytes to a temporary file that has no name and goes away when closed.
    func spool(path: String) throws(AudioError) -> (descriptor: CInt, count: Int) {
        let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        let folder = named.isEmpty ? "/tmp" : named
        let copy = SystemFile.nameless(in: folder)
        guard copy >= 0 else { throw .spoolFailed(path: folder, reason: systemMessage(errno)) }
        var piece = held
        var total = 0
        while true {
            let problem = piece.withUnsafeBytes { SystemFile.write($0, to: copy) }
            guard problem == 0 else {
                close(copy)
                throw .spoolFailed(path: folder, reason: systemMessage(problem))
            }
            total += piece.count
            var failure: CInt = 0
            piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, some in
                some = max(0, take(UnsafeMutableRawBufferPointer(buffer), failure: &failure))
            }
            if piece.isEmpty {
                guard failure == 0 else {
                    close(copy)
                    throw .readFailed(path: path, reason: systemMessage(failure))
                }
                return (copy, total)
            }
        }
    }
}
