import CZlib

/// A picture of up to 256 colours as the bytes of a PNG file.
///
/// ISO/IEC 15948 (PNG), with one byte a pixel that is an index into a palette.
package struct PNGImage: Equatable, Sendable {
    package let width: Int
    package let height: Int
    package let bytes: [UInt8]

    /// - Parameters:
    ///   - pixels: `[height, width]` indices into the palette, row by row from the top.
    ///   - palette: red, green and blue for each index.
    /// - Precondition: `width` and `height` are at least 1, `pixels` has `width * height` values, all in the palette.
    package init(width: Int, height: Int, pixels: [UInt8], palette: [ColourMap.Colour]) {
        precondition(width > 0 && height > 0 && pixels.count == width * height, "as many pixels as the size says")
        precondition((1...256).contains(palette.count) && pixels.allSatisfy { $0 < palette.count }, "colours exist")
        self.width = width
        self.height = height

        var header: [UInt8] = []
        header.appendBigEndian(UInt32(width))
        header.appendBigEndian(UInt32(height))
        header += [8, 3, 0, 0, 0]  // 8 bits, palette, deflate, no filter, not interlaced
        var rows: [UInt8] = []
        rows.reserveCapacity(pixels.count + height)
        for row in 0..<height {
            rows.append(0)  // no filter
            rows += pixels[row * width..<(row + 1) * width]
        }
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        file += Self.chunk("IHDR", header)
        file += Self.chunk("PLTE", palette.flatMap { [$0.red, $0.green, $0.blue] })
        file += Self.chunk("IDAT", Self.packed(rows))
        file += Self.chunk("IEND", [])
        bytes = file
    }

    private static func packed(_ bytes: [UInt8]) -> [UInt8] {
        let room = compressBound(UInt(bytes.count))
        return [UInt8](unsafeUninitializedCapacity: Int(room)) { buffer, count in
            var length = room
            let status = compress2(buffer.baseAddress, &length, bytes, UInt(bytes.count), Z_BEST_COMPRESSION)
            precondition(status == Z_OK, "zlib has no memory")
            count = Int(length)
        }
    }

    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let content = Array(type.utf8) + data
        var chunk: [UInt8] = []
        chunk.appendBigEndian(UInt32(data.count))
        chunk += content
        chunk.appendBigEndian(UInt32(crc32(0, content, UInt32(content.count))))
        return chunk
    }
}
