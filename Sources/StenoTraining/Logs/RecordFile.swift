/// TensorFlow's record framing (TFRecord), little-endian:
///
///     length UInt64 · masked CRC32C of the length UInt32 · data · masked CRC32C of the data UInt32
///
/// TensorFlow's `record_writer.cc`.
package enum RecordFile {
    package static func framed(_ data: [UInt8]) -> [UInt8] {
        var record: [UInt8] = []
        record.reserveCapacity(data.count + 16)
        record.appendLittleEndian(UInt64(data.count))
        record.appendLittleEndian(maskedCheck(record))
        record += data
        record.appendLittleEndian(maskedCheck(data))
        return record
    }

    /// Splits the bytes of a file into whole records, each with its frame; it ends before the first damaged or
    /// incomplete one.
    ///
    /// - Returns: for every record the range of its data within `bytes`; the frame is 12 bytes before and 4 after.
    package static func records(in bytes: [UInt8]) -> [Range<Int>] {
        var records: [Range<Int>] = []
        var position = 0
        while bytes.count - position >= 16 {
            let length = bytes.littleEndian(UInt64.self, at: position)
            guard bytes.littleEndian(UInt32.self, at: position + 8) == maskedCheck(bytes[position..<position + 8]),
                length <= UInt64(bytes.count - position - 16)
            else { break }
            let data = position + 12..<position + 12 + Int(length)
            guard bytes.littleEndian(UInt32.self, at: data.upperBound) == maskedCheck(bytes[data]) else { break }
            records.append(data)
            position = data.upperBound + 4
        }
        return records
    }

    /// A check that is itself stored in checked data is masked, or the check of the whole would be of little worth.
    static func maskedCheck(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let check = CyclicRedundancyCheck.castagnoli(bytes)
        return (check >> 15 | check << 17) &+ 0xA282_EAD8
    }
}

extension [UInt8] {
    fileprivate func littleEndian<Number: FixedWidthInteger>(_: Number.Type, at position: Int) -> Number {
        self[position..<position + MemoryLayout<Number>.size].reversed().reduce(0) { $0 << 8 | Number($1) }
    }
}
