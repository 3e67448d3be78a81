/// The header of a WAV file (RIFF, RIFX or RF64), read and checked here because libsndfile believes what it says.
///
/// Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", 1991; EBU Tech 3306 (RF64).
struct WaveHeader {
    /// Samples a second and channels as the format chunk has them.
    let sampleRate: Int
    let channels: Int
    /// Where the samples begin in the file, how many bytes of them the header claims, and how many follow.
    let dataStart: Int
    let claimed: UInt64
    let following: Int

    private let bigEndian: Bool
    private let format: [UInt8]

    /// What a header of a writer that could not know the length claims.
    private static let unknownLengths: Set<UInt64> = [0, 0xFFFF_FFFF, UInt64.max]

    /// The longest format chunk and the most chunks before the samples that are believed.
    private static let longestFormat = 4096
    private static let mostChunks = 4096

    /// Reads the header of `source`; nil when it is not a WAV file.
    init?(_ source: ByteSource) throws(AudioError) {
        let first = source.bytes(at: 0, count: 12)
        guard first.count >= 4, let kind = Kind(first[0..<4]) else { return nil }
        let big = kind == .bigEndian
        func broken(_ expected: String) -> AudioError {
            .brokenHeader(
                path: source.path, expected: expected,
                found: "the end of the file after \(source.fileCount) bytes")
        }
        guard first.count == 12 else { throw broken("WAVE after RIFF") }
        guard Array(first[8..<12]) == Array("WAVE".utf8) else { return nil }

        var format: [UInt8]?
        var length64: UInt64?
        var offset = 12
        for _ in 0..<Self.mostChunks {
            let head = source.bytes(at: offset, count: 8)
            guard head.count == 8 else { throw broken(format == nil ? "a fmt chunk" : "a data chunk") }
            let name = String(decoding: head[0..<4], as: UTF8.self)
            let size = UInt64(number(head[4..<8], bigEndian: big))
            offset += 8
            let left = source.fileCount - offset
            if name == "data" {
                guard let format else {
                    throw .brokenHeader(path: source.path, expected: "a fmt chunk", found: "a data chunk before it")
                }
                self.format = format
                bigEndian = big
                channels = number(format[2..<4], bigEndian: big)
                sampleRate = number(format[4..<8], bigEndian: big)
                dataStart = offset
                claimed = kind == .long && size == 0xFFFF_FFFF ? length64 ?? size : size
                following = left
                return
            }
            guard size <= UInt64(max(0, left)) else { throw broken("\(size) bytes in chunk \(printable(name))") }
            if name == "fmt " {
                guard size >= 16, size <= Self.longestFormat else {
                    throw .brokenHeader(
                        path: source.path, expected: "a fmt chunk of 16 to \(Self.longestFormat) bytes",
                        found: "\(size) bytes")
                }
                format = source.bytes(at: offset, count: Int(size))
                guard format?.count == Int(size) else { throw broken("\(size) bytes in the fmt chunk") }
            } else if name == "ds64", size >= 16 {
                let lengths = source.bytes(at: offset, count: 16)
                guard lengths.count == 16 else { throw broken("a ds64 chunk") }
                length64 = lengths[8..<16].reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
            offset += Int(size) + Int(size & 1)
        }
        throw .brokenHeader(
            path: source.path, expected: "a data chunk", found: "\(Self.mostChunks) other chunks")
    }

    private enum Kind {
        case littleEndian, bigEndian, long

        init?(_ name: ArraySlice<UInt8>) {
            switch String(decoding: name, as: UTF8.self) {
            case "RIFF": self = .littleEndian
            case "RIFX": self = .bigEndian
            case "RF64": self = .long
            default: return nil
            }
        }
    }

    /// The samples' layout where they are plain numbers, nil for those that are coded in blocks.
    var plain: RawFormat? {
        var tag = number(format[0..<2], bigEndian: bigEndian)
        if tag == 0xFFFE, format.count >= 26 { tag = number(format[24..<26], bigEndian: bigEndian) }
        let bits = number(format[14..<16], bigEndian: bigEndian)
        let encoding: RawFormat.Encoding
        switch (tag, bits) {
        case (1, 8): encoding = .unsigned8
        case (1, 16): encoding = .signed16
        case (1, 24): encoding = .signed24
        case (1, 32): encoding = .signed32
        case (3, 32): encoding = .float32
        case (3, 64): encoding = .float64
        case (6, 8): encoding = .aLaw
        case (7, 8): encoding = .muLaw
        default: return nil
        }
        let plain = RawFormat(encoding: encoding, sampleRate: sampleRate, channels: channels, bigEndian: bigEndian)
        return number(format[12..<14], bigEndian: bigEndian) == plain.bytesPerFrame ? plain : nil
    }

    /// The claimed length in bytes, nil where it stands for an unknown one.
    var knownLength: Int? { Self.unknownLengths.contains(claimed) ? nil : Int(exactly: claimed) }

    /// Whether the length of the samples is unknown or more than what follows.
    func lengthIsWrong(in source: ByteSource) -> Bool {
        guard following > 0 else { return false }
        if claimed > UInt64(following) { return true }
        guard Self.unknownLengths.contains(claimed) else { return false }
        // 0 bytes of samples, and then only whole chunks: the file says the truth.
        return claimed != 0 || !onlyChunksFollow(source)
    }

    private func onlyChunksFollow(_ source: ByteSource) -> Bool {
        var offset = dataStart
        for _ in 0..<Self.mostChunks {
            if offset >= source.fileCount { return true }
            let head = source.bytes(at: offset, count: 8)
            guard head.count == 8, head[0..<4].allSatisfy({ (0x20...0x7E).contains($0) }) else { return false }
            let size = number(head[4..<8], bigEndian: bigEndian)
            guard size <= source.fileCount - offset - 8 else { return false }
            offset += 8 + size + size & 1
        }
        return false
    }

    /// A header that claims what follows, to stand for everything before the samples.
    func repaired() -> [UInt8] {
        func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
            let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
            return bigEndian ? little.reversed() : little
        }
        let format = self.format + (self.format.count % 2 == 1 ? [0] : [])
        let body = Array("fmt ".utf8) + bytes(UInt64(self.format.count), 4) + format + Array("data".utf8)
        let total = UInt64(following) + UInt64(body.count) + 8
        if total <= 0xFFFF_FFF0 || bigEndian {
            let samples = min(UInt64(following), 0xFFFF_FFF0 - UInt64(body.count))
            return Array((bigEndian ? "RIFX" : "RIFF").utf8) + bytes(samples + UInt64(body.count) + 8, 4)
                + Array("WAVE".utf8) + body + bytes(samples, 4)
        }
        let lengths = bytes(total + 36, 8) + bytes(UInt64(following), 8) + bytes(0, 8) + bytes(0, 4)
        return Array("RF64".utf8) + bytes(0xFFFF_FFFF, 4) + Array("WAVEds64".utf8) + bytes(28, 4) + lengths + body
            + bytes(0xFFFF_FFFF, 4)
    }
}

private func number(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) -> Int {
    bigEndian ? bytes.reduce(0) { $0 << 8 | Int($1) } : bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
}

/// Four letters of a file, fit to be shown.
private func printable(_ name: String) -> String {
    String(name.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" })
}
