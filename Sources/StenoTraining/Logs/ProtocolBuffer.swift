/// Bytes of one protocol buffers message, field after field.
///
/// Google, "Protocol Buffers: Encoding": a field is a key (number and wire type) and a value; numbers of variable
/// length have 7 bits a byte, lowest first.
struct ProtocolBuffer {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ field: Int, integer value: Int64) {
        appendKey(field, wireType: 0)
        appendVariable(UInt64(bitPattern: value))
    }

    mutating func append(_ field: Int, double value: Double) {
        appendKey(field, wireType: 1)
        bytes.appendLittleEndian(value.bitPattern)
    }

    mutating func append(_ field: Int, float value: Float) {
        appendKey(field, wireType: 5)
        bytes.appendLittleEndian(value.bitPattern)
    }

    mutating func append(_ field: Int, string value: String) {
        append(field, bytes: Array(value.utf8))
    }

    mutating func append(_ field: Int, bytes value: [UInt8]) {
        appendKey(field, wireType: 2)
        appendVariable(UInt64(value.count))
        bytes += value
    }

    mutating func append(_ field: Int, message build: (inout ProtocolBuffer) -> Void) {
        var message = ProtocolBuffer()
        build(&message)
        append(field, bytes: message.bytes)
    }

    private mutating func appendKey(_ field: Int, wireType: UInt64) {
        appendVariable(UInt64(field) << 3 | wireType)
    }

    private mutating func appendVariable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

extension ProtocolBuffer {
    /// The number in the first field of that number and wire type 0 of a message; nil where it has none or is damaged.
    static func integer(_ wanted: Int, in message: some Collection<UInt8>) -> Int64? {
        var rest = message[...]
        while !rest.isEmpty {
            guard let key = takeVariable(&rest) else { return nil }
            switch key & 7 {
            case 0:
                guard let value = takeVariable(&rest) else { return nil }
                if key >> 3 == UInt64(wanted) { return Int64(bitPattern: value) }
            case 1: rest = rest.dropFirst(8)
            case 2:
                guard let length = takeVariable(&rest), length <= UInt64(rest.count) else { return nil }
                rest = rest.dropFirst(Int(length))
            case 5: rest = rest.dropFirst(4)
            default: return nil
            }
        }
        return nil
    }

    private static func takeVariable<Bytes: Collection<UInt8>>(_ rest: inout Bytes) -> UInt64?
    where Bytes.SubSequence == Bytes {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}

extension [UInt8] {
    mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
