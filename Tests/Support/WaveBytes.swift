import Foundation

/// The bytes of a WAV file, honest or not.
package struct WaveBytes {
    package var sampleRate: UInt32 = 16_000
    package var channels: UInt16 = 1
    /// What the header says instead of the number of bytes.
    package var claimedLength: UInt32?
    private let data: [UInt8]
    /// 1 for PCM, 3 for floats.
    private let format: UInt16
    private let bits: UInt16

    /// 16-bit samples; what is given goes from -1 to 1.
    package init(_ samples: [Float]) {
        data = samples.flatMap { bytes(Int16(max(-32768, min(32767, ($0 * 32768).rounded())))) }
        (format, bits) = (1, 16)
    }

    /// Samples as they are.
    package init(floats: [Float]) {
        data = floats.flatMap { bytes($0.bitPattern) }
        (format, bits) = (3, 32)
    }

    package var file: [UInt8] {
        let block = channels &* (bits / 8)
        let length = claimedLength ?? UInt32(data.count)
        let chunk =
            bytes(format) + bytes(channels) + bytes(sampleRate) + bytes(sampleRate &* UInt32(block))
            + bytes(block) + bytes(bits)
        return Array("RIFF".utf8) + bytes(length &+ 36) + Array("WAVEfmt ".utf8) + bytes(UInt32(chunk.count)) + chunk
            + Array("data".utf8) + bytes(length) + data
    }
}

/// A number in the order of bytes that files have.
package func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
