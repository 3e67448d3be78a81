import CZlib
import StenoTraining
import Testing

@Suite struct PNGImageTests {
    @Test func pixelsComeBackAndChunksHaveTheirChecks() throws {
        let picture = PNGImage(
            width: 2, height: 2, pixels: [0, 1, 1, 0],
            palette: [.init(red: 1, green: 2, blue: 3), .init(red: 4, green: 5, blue: 6)])
        #expect(picture.bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        var names: [String] = []
        var packed: [UInt8] = []
        var position = 8
        while position < picture.bytes.count {
            let length = number(picture.bytes[position..<position + 4])
            let content = picture.bytes[position + 4..<position + 8 + length]
            names.append(String(decoding: content.prefix(4), as: UTF8.self))
            if names.last == "IDAT" { packed += content.dropFirst(4) }
            let check = picture.bytes[content.endIndex..<content.endIndex + 4]
            #expect(number(check) == Int(crc32(0, Array(content), UInt32(content.count))))
            position = content.endIndex + 4
        }
        #expect(names == ["IHDR", "PLTE", "IDAT", "IEND"])
        var rows = [UInt8](repeating: 9, count: 6)
        var length = UInt(rows.count)
        #expect(uncompress(&rows, &length, packed, UInt(packed.count)) == Z_OK)
        #expect(rows == [0, 0, 1, 0, 1, 0], "each row begins with the number of its filter, which is none")
    }

    private func number(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $0 << 8 | Int($1) }
    }
}
