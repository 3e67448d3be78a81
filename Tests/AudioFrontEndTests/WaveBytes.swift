import Foundation

/// The bytes of a WAV file, honest or not.
struct WaveBytes {
    var sampleRate: UInt32 = 16_000
    var channels: UInt16 = 1
    /// 1 for PCM, 3 for floats.
    var format: UInt16 = 1
    var bits: UInt16 = 16
    var data: [UInt8]
    /// What the header says instead of the number of bytes.
    var claimedLength: UInt32?
    var trailer: [UInt8] = []

    init(pcm: [Int16]) { data = pcm.flatMap { bytes(UInt16(bitPattern: $0)) } }

    init(floats: [Float]) {
        data = floats.flatMap { bytes($0.bitPattern) }
        format = 3
        bits = 32
    }

    var file: [UInt8] {
        let block = UInt32(channels) * UInt32(bits / 8)
        let chunk: [UInt8] =
            bytes(format) + bytes(channels) + bytes(sampleRate) + bytes(sampleRate &* block)
            + bytes(UInt16(truncatingIfNeeded: block)) + bytes(bits)
        let length = claimedLength ?? UInt32(data.count)
        let total = claimedLength == nil ? UInt32(36 + data.count + trailer.count) : length &+ 36
        return Array("RIFF".utf8) + bytes(total) + Array("WAVEfmt ".utf8) + bytes(UInt32(chunk.count)) + chunk
            + Array("data".utf8) + bytes(length) + data + trailer
    }
}

func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// `count` samples of a tone of amplitude 0.5.
func tone(_ hertz: Double, rate: Double, count: Int) -> [Float] {
    (0..<count).map { Float(0.5 * sin(2 * Double.pi * hertz * Double($0) / rate)) }
}

/// The same as 16-bit samples.
func tone16(_ hertz: Double, rate: Double, count: Int) -> [Int16] {
    tone(hertz, rate: rate, count: count).map { Int16(($0 * 32768).rounded()) }
}
