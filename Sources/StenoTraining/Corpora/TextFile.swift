import CZlib
import Foundation

/// The bytes of a text file, unpacked if they are gzip's, whatever the file's name.
enum TextFile {
    /// - Parameter path: "-" is standard input.
    static func bytes(_ path: String) throws(ManifestError) -> [UInt8] {
        // Pipes are files too, which `Data(contentsOf:)` refuses.
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ManifestError(path: path, reason: .inaccessible(String(cString: strerror(errno))))
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: path != "-")
        let data: Data
        do { data = try file.readToEnd() ?? Data() } catch {
            throw ManifestError(path: path, reason: .inaccessible(error.sentence))
        }
        do throws(ManifestError.Reason) { return try unpacked([UInt8](data)) } catch {
            throw ManifestError(path: path, reason: error)
        }
    }

    static func withoutByteOrderMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    }

    private static let magic: [UInt8] = [0x1F, 0x8B]
    /// What a packed file may become: this much, or so many times its own size if that is more. Text packs to about a
    /// third; what a few kilobytes say is gigabytes is no text.
    private static let unpackedBytes = 256 << 20
    private static let unpackedTimes = 200

    /// Bytes that do not begin as gzip's do are as they were; a file may be several packed ones in a row (RFC 1952).
    static func unpacked(_ packed: [UInt8]) throws(ManifestError.Reason) -> [UInt8] {
        guard packed.starts(with: magic) else { return packed }
        let most = max(unpackedBytes, unpackedTimes * packed.count)
        var stream = z_stream()
        // 16 asks for gzip's header and checksum.
        guard inflateInit2_(&stream, 16 + MAX_WBITS, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .badGzip("there is no memory for it")
        }
        defer { inflateEnd(&stream) }
        var result: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        var place = 0
        while true {
            let given = min(packed.count - place, 1 << 30)
            let (code, written) = packed.withUnsafeBufferPointer { source in
                piece.withUnsafeMutableBufferPointer { target in
                    stream.next_in = source.baseAddress.map { UnsafeMutablePointer(mutating: $0 + place) }
                    stream.avail_in = UInt32(given)
                    stream.next_out = target.baseAddress
                    stream.avail_out = UInt32(target.count)
                    return (inflate(&stream, Z_NO_FLUSH), target.count - Int(stream.avail_out))
                }
            }
            place += given - Int(stream.avail_in)
            result += piece[..<written]
            guard result.count <= most else { throw .unpacksTooFar(limit: most) }
            switch code {
            case Z_OK: continue
            case Z_STREAM_END:
                if place == packed.count { return result }
                guard packed[place...].starts(with: magic), inflateReset(&stream) == Z_OK else {
                    throw .badGzip("other bytes follow its end")
                }
            case Z_BUF_ERROR: throw .badGzip("it ends too early")
            default: throw .badGzip(stream.msg.map { String(cString: $0) } ?? "zlib's error \(code)")
            }
        }
    }
}
