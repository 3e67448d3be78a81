import CKernels
import Foundation
import StenoTensor

/// The `.safetensors` format (Hugging Face): eight bytes with the header's length, a JSON header that names type,
/// shape and place of each tensor and holds string-to-string metadata, then the numbers.
///
/// A matrix `m` of 8-bit integers stands beside the scales of its columns, `m.scales`, by which they are multiplied.
///
/// Reading maps the file and believes nothing before it is checked: the header's length, every place and every shape.
package struct SafeTensors {
    package enum ElementType: String, Sendable {
        case float32 = "F32"
        case float16 = "F16"
        case int8 = "I8"
        case byte = "U8"

        var bytes: Int {
            switch self {
            case .float32: 4
            case .float16: 2
            case .int8, .byte: 1
            }
        }
    }

    package let path: String
    package let metadata: [String: String]
    private let entries: [String: Entry]
    private let data: Data
    private let start: Int

    private struct Entry {
        let type: ElementType
        let shape: [Int]
        let range: Range<Int>
    }

    package var names: [String] { entries.keys.sorted() }

    // MARK: Reading

    package init(path: String) throws(FileError) {
        self.path = path
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        } catch {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            throw .unreadable(
                path: path,
                reason: !exists
                    ? "no such file" : isFolder.boolValue ? "a folder without a model" : "not a readable file")
        }
        func malformed(_ expected: String, _ found: String) -> FileError {
            .malformed(path: path, expected: expected, found: found)
        }
        guard data.count >= 8 else { throw malformed("a header", "\(data.count) bytes") }
        let claimed = data.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * $1.offset) }
        guard data[8...].first == UInt8(ascii: "{") else {
            throw .unreadable(path: path, reason: "this is no SafeTensors file")
        }
        guard claimed >= 2, claimed <= UInt64(data.count - 8), claimed <= 100_000_000 else {
            throw malformed("a header within the file's \(data.count) bytes", "a header length of \(claimed)")
        }
        start = 8 + Int(claimed)
        guard let parsed = try? JSONSerialization.jsonObject(with: data[8..<start]),
            let header = parsed as? [String: Any]
        else { throw malformed("a JSON header", "something else") }

        var entries: [String: Entry] = [:]
        var metadata: [String: String] = [:]
        for (name, value) in header {
            if name == "__metadata__" {
                guard let strings = value as? [String: String] else { throw malformed("metadata of strings", "others") }
                metadata = strings
                continue
            }
            guard let fields = value as? [String: Any], let typeName = fields["dtype"] as? String,
                let shape = fields["shape"] as? [Int], let offsets = fields["data_offsets"] as? [Int],
                offsets.count == 2
            else { throw malformed("dtype, shape and data_offsets of tensor \(name)", "something else") }
            guard let type = ElementType(rawValue: typeName) else {
                throw malformed("type F32, F16, I8 or U8 of tensor \(name)", typeName)
            }
            var bytes = type.bytes
            for extent in shape {
                let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
                guard extent >= 0, !overflow else { throw malformed("a sane shape of tensor \(name)", "\(shape)") }
                bytes = product
            }
            guard offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= data.count - start else {
                throw malformed(
                    "tensor \(name) within \(data.count - start) bytes of data", "bytes \(offsets[0]) to \(offsets[1])")
            }
            guard offsets[1] - offsets[0] == bytes else {
                throw malformed("\(bytes) bytes for tensor \(name) \(shape)", "\(offsets[1] - offsets[0])")
            }
            entries[name] = Entry(type: type, shape: shape, range: offsets[0]..<offsets[1])
        }
        // Tensors follow each other without gaps and fill the file: none shares bytes with another, and a file that
        // was cut short or written over in part shows.
        var end = 0
        for (name, entry) in entries.sorted(by: {
            ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key) < (
                $1.value.range.lowerBound, $1.value.range.upperBound, $1.key
            )
        }) {
            guard entry.range.lowerBound == end else {
                throw malformed("tensor \(name) to begin at byte \(end)", "byte \(entry.range.lowerBound)")
            }
            end = entry.range.upperBound
        }
        guard end == data.count - start else { throw malformed("\(end) bytes of data", "\(data.count - start)") }
        self.entries = entries
        self.metadata = metadata
    }

    private func entry(_ name: String) throws(FileError) -> Entry {
        guard let entry = entries[name] else {
            throw .malformed(path: path, expected: "a tensor named \(name)", found: "none")
        }
        return entry
    }

    /// The bytes of a tensor of bytes.
    package func bytes(_ name: String) throws(FileError) -> [UInt8] {
        let entry = try entry(name)
        guard entry.type == .byte else {
            throw .malformed(path: path, expected: "bytes in \(name)", found: entry.type.rawValue)
        }
        return data.withUnsafeBytes { Array($0[start + entry.range.lowerBound..<start + entry.range.upperBound]) }
    }

    /// Reads a tensor of known shape into place, converting to single precision.
    package func read(_ name: String, into tensor: Tensor) throws(FileError) {
        let entry = try entry(name)
        guard entry.shape == tensor.shape.extents else {
            throw .malformed(path: path, expected: "shape \(tensor.shape) of \(name)", found: "\(entry.shape)")
        }
        guard entry.type != .byte else {
            throw .malformed(path: path, expected: "numbers in \(name)", found: entry.type.rawValue)
        }
        let scales = Tensor(zeros: entry.type == .int8 ? [tensor.shape.columns] : [0])
        if entry.type == .int8 {
            let name = SafeTensors.scales(of: name)
            guard try self.entry(name).type == .float32 else {
                throw .malformed(path: path, expected: "F32 in \(name)", found: "another type")
            }
            try read(name, into: scales)
        }
        data.withUnsafeBytes { bytes in
            let source = UnsafeRawBufferPointer(
                rebasing: bytes[(start + entry.range.lowerBound)..<(start + entry.range.upperBound)])
            guard let base = source.baseAddress else { return }
            switch entry.type {
            case .float32:
                UnsafeMutableRawPointer(tensor.pointer).copyMemory(from: base, byteCount: source.count)
            case .float16:
                // The header may end at an odd place in files of others: copy before reading as numbers.
                let halves = UnsafeMutablePointer<UInt16>.allocate(capacity: max(tensor.count, 1))
                defer { halves.deallocate() }
                UnsafeMutableRawPointer(halves).copyMemory(from: base, byteCount: source.count)
                steno_float_from_half(Int64(tensor.count), halves, tensor.pointer)
            case .int8:
                steno_float_from_int8(
                    Int64(tensor.shape.rows), Int64(tensor.shape.columns), base.assumingMemoryBound(to: Int8.self),
                    scales.pointer, tensor.pointer)
            case .byte: break
            }
        }
    }

    package func shape(of name: String) -> [Int]? { entries[name]?.shape }

    // MARK: Writing

    /// What a file holds under a name.
    package enum Contents {
        case numbers(Tensor, ElementType)
        case integers([Int8], Shape)
        case bytes([UInt8])

        var type: ElementType {
            switch self {
            case .numbers(_, let type): type
            case .integers: .int8
            case .bytes: .byte
            }
        }
        var shape: [Int] {
            switch self {
            case .numbers(let tensor, _): tensor.shape.extents
            case .integers(_, let shape): shape.extents
            case .bytes(let bytes): [bytes.count]
            }
        }
    }

    private static func scales(of name: String) -> String { name + ".scales" }

    /// A matrix as 8-bit integers and the scales of its columns.
    package static func integers(_ name: String, _ matrix: Tensor) -> [(name: String, contents: Contents)] {
        var integers = [Int8](repeating: 0, count: matrix.count)
        let scales = Tensor(zeros: [matrix.shape.columns])
        steno_int8_from_float(
            Int64(matrix.shape.rows), Int64(matrix.shape.columns), matrix.pointer, &integers, scales.pointer)
        return [(name, .integers(integers, matrix.shape)), (self.scales(of: name), .numbers(scales, .float32))]
    }

    /// Writes tensors in the order given; the header is padded so that the numbers start at a multiple of 64 bytes.
    package static func write(
        _ tensors: [(name: String, contents: Contents)], metadata: [String: String], to path: String
    ) throws(FileError) {
        var header: [String: Any] = ["__metadata__": metadata]
        var offset = 0
        for (name, contents) in tensors {
            let (type, shape) = (contents.type, contents.shape)
            let end = offset + shape.reduce(type.bytes, *)
            header[name] = ["dtype": type.rawValue, "shape": shape, "data_offsets": [offset, end]]
            offset = end
        }
        guard var json = try? JSONSerialization.data(withJSONObject: header, options: [.sortedKeys]) else {
            throw .unwritable(path: path, reason: "the header cannot be written as JSON")
        }
        json.append(contentsOf: [UInt8](repeating: 0x20, count: (64 - (json.count + 8) % 64) % 64))
        let file = try AtomicFile(path: path)
        try file.write((0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) })
        try file.write([UInt8](json))
        for (_, contents) in tensors {
            switch contents {
            case .bytes(let bytes): try file.write(bytes)
            case .integers(let integers, _): try file.write(integers.map { UInt8(bitPattern: $0) })
            case .numbers(let tensor, .float32):
                try file.write(UnsafeRawBufferPointer(start: tensor.pointer, count: 4 * tensor.count))
            case .numbers(_, .byte), .numbers(_, .int8): preconditionFailure("numbers are not written as integers")
            case .numbers(let tensor, .float16):
                var halves = [UInt16](repeating: 0, count: tensor.count)
                steno_half_from_float(Int64(tensor.count), tensor.pointer, &halves)
                try file.write(halves)
            }
        }
        try file.commit()
    }
}
