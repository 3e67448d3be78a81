/// Compression of small pictures: one block of RFC 1951 (deflate) with the fixed codes, in the frame of RFC 1950 (zlib).
///
/// Attention is 0 nearly everywhere, so repetition is found with the simplest search there is: the last place where
/// the same three bytes stood.
package enum Deflate {
    private static let window = 32_768
    private static let longestMatch = 258
    private static let shortestMatch = 3
    /// Lengths and distances that the codes begin at, and the number of bits that follow each (RFC 1951, 3.2.5).
    private static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthExtraBits = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBases = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145, 8193, 12289, 16385, 24577,
    ]

    package static func zlib(_ input: [UInt8]) -> [UInt8] {
        var output: [UInt8] = [0x78, 0x01]
        output += block(input)
        output.appendBigEndian(adler(input))
        return output
    }

    private static func block(_ input: [UInt8]) -> [UInt8] {
        var bits = BitWriter()
        bits.append(0b011, count: 3)  // last block, fixed codes
        var places: [UInt32: Int] = [:]
        var position = 0
        while position < input.count {
            var length = 0
            var distance = 0
            if position + shortestMatch <= input.count {
                let key =
                    UInt32(input[position]) << 16 | UInt32(input[position + 1]) << 8 | UInt32(input[position + 2])
                if let place = places[key], position - place <= window {
                    distance = position - place
                    length = shortestMatch
                    let limit = min(longestMatch, input.count - position)
                    while length < limit, input[place + length] == input[position + length] { length += 1 }
                }
                places[key] = position
            }
            if length >= shortestMatch {
                appendMatch(length: length, distance: distance, to: &bits)
                position += length
            } else {
                appendSymbol(Int(input[position]), to: &bits)
                position += 1
            }
        }
        appendSymbol(256, to: &bits)
        return bits.finished()
    }

    private static func appendMatch(length: Int, distance: Int, to bits: inout BitWriter) {
        let lengthCode = (lengthBases.firstIndex { $0 > length } ?? lengthBases.count) - 1
        appendSymbol(257 + lengthCode, to: &bits)
        bits.append(UInt32(length - lengthBases[lengthCode]), count: lengthExtraBits[lengthCode])
        let distanceCode = (distanceBases.firstIndex { $0 > distance } ?? distanceBases.count) - 1
        bits.appendCode(UInt32(distanceCode), count: 5)
        bits.append(UInt32(distance - distanceBases[distanceCode]), count: max(0, distanceCode / 2 - 1))
    }

    /// The fixed codes of literals and lengths (RFC 1951, 3.2.6).
    private static func appendSymbol(_ symbol: Int, to bits: inout BitWriter) {
        switch symbol {
        case 0...143: bits.appendCode(UInt32(0b0011_0000 + symbol), count: 8)
        case 144...255: bits.appendCode(UInt32(0b1_1001_0000 + symbol - 144), count: 9)
        case 256...279: bits.appendCode(UInt32(symbol - 256), count: 7)
        default: bits.appendCode(UInt32(0b1100_0000 + symbol - 280), count: 8)
        }
    }

    /// Adler-32 (RFC 1950, 8).
    package static func adler(_ input: [UInt8]) -> UInt32 {
        var low: UInt32 = 1
        var high: UInt32 = 0
        for byte in input {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }
}

/// Bits packed into bytes from the lowest up.
private struct BitWriter {
    private var bytes: [UInt8] = []
    private var pending: UInt32 = 0
    private var pendingCount = 0

    /// Adds a number, lowest bit first.
    mutating func append(_ value: UInt32, count: Int) {
        pending |= value << UInt32(pendingCount)
        pendingCount += count
        while pendingCount >= 8 {
            bytes.append(UInt8(pending & 0xFF))
            pending >>= 8
            pendingCount -= 8
        }
    }

    /// Adds a Huffman code, highest bit first.
    mutating func appendCode(_ code: UInt32, count: Int) {
        var reversed: UInt32 = 0
        for bit in 0..<UInt32(count) { reversed = reversed << 1 | code >> bit & 1 }
        append(reversed, count: count)
    }

    func finished() -> [UInt8] {
        pendingCount > 0 ? bytes + [UInt8(pending & 0xFF)] : bytes
    }
}
