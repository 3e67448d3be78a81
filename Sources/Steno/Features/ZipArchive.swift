import CZlib

/// A zip archive of files that are stored as they are, as NumPy's `savez` makes it.
///
/// PKWARE, APPNOTE 6.3.10: local headers (4.3.7) before the files, then the directory (4.3.12) and its end (4.3.16),
/// with the 64-bit forms (4.3.14, 4.3.15, 4.5.3) where sizes, places or counts need them. Dates are all 1980, so that
/// the same files give the same bytes. Libraries that do this are minizip and libarchive (libzip needs all files until
/// the end); for storing alone either is more than what stands here.
package struct ZipArchive: ~Copyable {
    private let file: OutputFile
    private var position: UInt64 = 0
    private var directory: [UInt8] = []
    private(set) var count = 0
    /// Sizes and places from this on take the 64-bit form, and counts from this on.
    private let long: UInt64
    private let many: Int

    /// CRC-32 as zip has it, of what came before and `numbers`.
    package static func check(_ check: UInt32 = 0, _ numbers: [some BitwiseCopyable]) -> UInt32 {
        numbers.withUnsafeBytes { bytes in
            UInt32(crc32_z(UInt(check), bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
        }
    }

    package init(_ path: String, long: UInt64 = 0xFFFF_FFFF, many: Int = 0xFFFF) throws(StenoError) {
        file = try OutputFile(path)
        self.long = long
        self.many = many
    }

    /// Begins a file; what is written until the next one has to have this size and check.
    package mutating func begin(_ name: String, size: UInt64, check: UInt32) throws(StenoError) {
        let name = Array(name.utf8)
        let isLong = size >= long
        // Version 4.5 for the 64-bit form, else 2.0; bit 11: names in UTF-8; stored; 1 January 1980.
        let common =
            little(UInt16(isLong ? 45 : 20)) + little(UInt16(1 << 11)) + little(UInt16(0)) + little(UInt16(0))
            + little(UInt16(0x21)) + little(check)
        let short = little(isLong ? UInt32.max : UInt32(size))
        let nameLength = little(UInt16(name.count))

        let sizes = isLong ? little(UInt16(1)) + little(UInt16(16)) + little(size) + little(size) : []
        let header =
            little(0x0403_4B50 as UInt32) + common + short + short + nameLength + little(UInt16(sizes.count)) + name
            + sizes

        var places = isLong ? little(size) + little(size) : []
        if position >= long { places += little(position) }
        let extra = places.isEmpty ? [] : little(UInt16(1)) + little(UInt16(places.count)) + places
        // Made by Unix, a plain file that all may read.
        directory += little(0x0201_4B50 as UInt32) + little(UInt16(3 << 8 | 45)) + common + short + short
        directory += nameLength + little(UInt16(extra.count)) + little(UInt16(0)) + little(UInt16(0))
        directory += little(UInt16(0)) + little(UInt32(0o100644 << 16))
        directory += little(position >= long ? UInt32.max : UInt32(position)) + name + extra
        count += 1
        try write(header)
    }

    package mutating func write(_ numbers: [some BitwiseCopyable]) throws(StenoError) {
        try file.write(numbers)
        position += UInt64(numbers.withUnsafeBytes(\.count))
    }

    /// Writes the directory and makes the file appear.
    package consuming func finish() throws(StenoError) {
        let (start, size) = (position, UInt64(directory.count))
        var end: [UInt8] = []
        if count >= many || start >= long || size >= long {
            end += little(0x0606_4B50 as UInt32) + little(UInt64(44)) + little(UInt16(3 << 8 | 45)) + little(UInt16(45))
            end += little(UInt32(0)) + little(UInt32(0)) + little(UInt64(count)) + little(UInt64(count))
            end += little(size) + little(start)
            end += little(0x0706_4B50 as UInt32) + little(UInt32(0)) + little(start + size) + little(UInt32(1))
        }
        let shownCount = little(count >= many ? UInt16.max : UInt16(count))
        end += little(0x0605_4B50 as UInt32) + little(UInt16(0)) + little(UInt16(0)) + shownCount + shownCount
        end += little(size >= long ? UInt32.max : UInt32(size)) + little(start >= long ? UInt32.max : UInt32(start))
        end += little(UInt16(0))
        try file.write(directory)
        try file.write(end)
        try file.finish()
    }

    private func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
