import StenoTraining
import Testing

@Suite struct PNGImageTests {
    @Test func adlerIsThatOfTheStandard() {
        #expect(Deflate.adler(Array("Wikipedia".utf8)) == 0x11E6_0398)
        #expect(Deflate.adler([]) == 1)
    }

    @Test func whatIsDeflatedComesBack() throws {
        var inputs: [[UInt8]] = [[], [7], [1, 2], [0, 0, 0], [UInt8](0...255), [UInt8](repeating: 9, count: 100_000)]
        var state: UInt32 = 1
        for alphabet in [2, 7, 256] as [UInt32] {
            inputs.append(
                (0..<70_000).map { _ in
                    state = state &* 1_664_525 &+ 1_013_904_223
                    return UInt8((state >> 16) % alphabet)
                })
        }
        for length in 255...262 { inputs.append([1, 2, 3] + [UInt8](repeating: 5, count: length) + [1, 2, 3]) }
        for input in inputs {
            let compressed = Deflate.zlib(input)
            #expect(compressed.prefix(2) == [0x78, 0x01])
            #expect((Int(compressed[0]) << 8 | Int(compressed[1])) % 31 == 0)
            #expect(try inflated(Array(compressed.dropFirst(2).dropLast(4))) == input)
        }
    }

    @Test func repetitionTakesLittleSpace() {
        #expect(Deflate.zlib([UInt8](repeating: 9, count: 100_000)).count < 1_000)
    }

    @Test func chunksHaveTheirChecks() {
        let picture = PNGImage(
            width: 2, height: 1, pixels: [0, 1],
            palette: [.init(red: 1, green: 2, blue: 3), .init(red: 4, green: 5, blue: 6)])
        #expect(picture.bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        var names: [String] = []
        var position = 8
        while position < picture.bytes.count {
            let length = number(picture.bytes[position..<position + 4])
            let content = picture.bytes[position + 4..<position + 8 + length]
            names.append(String(decoding: content.prefix(4), as: UTF8.self))
            let check = picture.bytes[content.endIndex..<content.endIndex + 4]
            #expect(number(check) == Int(CyclicRedundancyCheck.png(content)))
            position = content.endIndex + 4
        }
        #expect(names == ["IHDR", "PLTE", "IDAT", "IEND"])
    }

    private func number(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    /// Reads one deflate block with the fixed codes, written anew from RFC 1951, without a table in common with what
    /// is tested.
    private func inflated(_ bytes: [UInt8]) throws -> [UInt8] {
        var position = 0
        func bit() throws -> Int {
            try #require(position < bytes.count * 8)
            defer { position += 1 }
            return Int(bytes[position / 8] >> UInt8(position % 8)) & 1
        }
        func bits(_ count: Int) throws -> Int {
            try (0..<count).reduce(0) { try $0 | bit() << $1 }
        }
        func code(_ count: Int, from start: Int = 0) throws -> Int {
            try (0..<count).reduce(start) { value, _ in try value << 1 | bit() }
        }
        func symbol() throws -> Int {
            let seven = try code(7)
            if seven <= 0b001_0111 { return 256 + seven }
            let eight = try code(1, from: seven)
            if eight <= 0b1011_1111 { return eight - 0b0011_0000 }
            if eight <= 0b1100_0111 { return 280 + eight - 0b1100_0000 }
            return try 144 + code(1, from: eight) - 0b1_1001_0000
        }
        /// The value of code `index` where codes come in groups that double their range.
        func ranged(_ index: Int, groupBits: Int, first: Int) throws -> Int {
            let group = 1 << groupBits
            let extra = max(0, index / group - 1)
            var base = first
            for earlier in 0..<index { base += 1 << max(0, earlier / group - 1) }
            return base + (try bits(extra))
        }
        #expect(try bits(3) == 0b011)
        var output: [UInt8] = []
        while true {
            let next = try symbol()
            if next == 256 { break }
            if next < 256 {
                output.append(UInt8(next))
            } else {
                let length = next == 285 ? 258 : try ranged(next - 257, groupBits: 2, first: 3)
                let distance = try ranged(try code(5), groupBits: 1, first: 1)
                try #require(distance <= output.count)
                for _ in 0..<length { output.append(output[output.count - distance]) }
            }
        }
        #expect(bytes.count == (position + 7) / 8)
        return output
    }
}
