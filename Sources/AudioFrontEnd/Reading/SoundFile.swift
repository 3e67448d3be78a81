import CSoundFile
import Glibc

/// A file opened with libsndfile, which reads through a `ByteSource`.
final class SoundFile {
    let sampleRate: Int
    let channels: Int
    /// Samples of each channel that the file claims; nil where it does not say. Never a size to allocate.
    let frames: Int?

    private let handle: OpaquePointer
    private let source: ByteSource

    init(_ source: ByteSource, raw: RawFormat?) throws(AudioError) {
        var information = SF_INFO()
        if let raw {
            information.format = raw.code
            information.samplerate = CInt(raw.sampleRate)
            information.channels = CInt(raw.channels)
        }
        var calls = SF_VIRTUAL_IO(
            get_filelen: { data in sf_count_t(byteSource(data)?.count ?? 0) },
            seek: { offset, whence, data in
                guard let source = byteSource(data) else { return -1 }
                let origin =
                    switch whence {
                    case SEEK_CUR: source.position
                    case SEEK_END: source.count
                    default: 0
                    }
                let (place, overflow) = origin.addingReportingOverflow(Int(offset))
                guard !overflow, place >= 0 else { return -1 }
                source.position = place
                return sf_count_t(place)
            },
            read: { bytes, count, data in
                guard let source = byteSource(data), let bytes, count > 0 else { return 0 }
                return sf_count_t(source.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))))
            },
            write: { _, _, _ in 0 },
            tell: { data in sf_count_t(byteSource(data)?.position ?? 0) })
        source.position = 0
        let opened = sf_open_virtual(
            &calls, CInt(SFM_READ), &information, Unmanaged.passUnretained(source).toOpaque())
        guard let opened else {
            throw source.failure != 0
                ? .readFailed(path: source.path, reason: systemMessage(source.failure)) : refusal(of: source)
        }
        handle = opened
        self.source = source
        sampleRate = Int(information.samplerate)
        channels = Int(information.channels)
        frames = information.frames < 0 || information.frames == sf_count_t.max ? nil : Int(information.frames)
    }

    deinit { sf_close(handle) }

    /// Up to `frames` interleaved frames into `buffer`, which has room for them; returns how many there were.
    /// PCM is scaled to [-1, 1).
    func read(frames: Int, into buffer: UnsafeMutablePointer<Float>) -> Int {
        max(0, Int(sf_readf_float(handle, buffer, sf_count_t(frames))))
    }

    /// The library's words for what went wrong, nil if nothing did.
    var failure: String? {
        if source.failure != 0 { return systemMessage(source.failure) }
        return sf_error(handle) == 0 ? nil : message(of: handle)
    }
}

private func byteSource(_ data: UnsafeMutableRawPointer?) -> ByteSource? {
    data.map { Unmanaged<ByteSource>.fromOpaque($0).takeUnretainedValue() }
}

private func message(of handle: OpaquePointer?) -> String {
    guard let words = sf_strerror(handle) else { return "no reason given" }
    var text = String(cString: words)
    while let last = text.last, last == "." || last.isWhitespace { text.removeLast() }
    return text
}

/// Why libsndfile would not open the file. (`sf_strerror(nil)` is that of the last failed opening of any thread, so
/// it is only shown where the file's beginning says that the format is a known one.)
private func refusal(of source: ByteSource) -> AudioError {
    let first = source.bytes(at: 0, count: 64)
    let known = ["RIFF", "RIFX", "RF64", "FORM", "fLaC", "OggS", "caff", "riff", ".snd", "ID3"]
    if known.contains(where: { first.starts(with: Array($0.utf8)) }) {
        return .unsupported(path: source.path, reason: message(of: nil))
    }
    return .notAudio(path: source.path, found: describe(first))
}

/// The beginning of a file in words.
private func describe(_ first: [UInt8]) -> String {
    let isText = first.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    if isText, String(validating: first, as: UTF8.self) != nil || first.allSatisfy({ $0 < 0x80 }) { return "text" }
    let digits = Array("0123456789abcdef")
    let shown = first.prefix(4).map { String([digits[Int($0 >> 4)], digits[Int($0 & 15)]]) }
    return "an unknown format that begins with the bytes \(shown.joined(separator: " "))"
}

extension RawFormat {
    /// libsndfile's number for this format.
    fileprivate var code: CInt {
        let subtype =
            switch encoding {
            case .signed8: SF_FORMAT_PCM_S8
            case .unsigned8: SF_FORMAT_PCM_U8
            case .signed16: SF_FORMAT_PCM_16
            case .signed24: SF_FORMAT_PCM_24
            case .signed32: SF_FORMAT_PCM_32
            case .float32: SF_FORMAT_FLOAT
            case .float64: SF_FORMAT_DOUBLE
            case .muLaw: SF_FORMAT_ULAW
            case .aLaw: SF_FORMAT_ALAW
            }
        return CInt(SF_FORMAT_RAW) | CInt(subtype) | CInt(bigEndian ? SF_ENDIAN_BIG : SF_ENDIAN_LITTLE)
    }
}
