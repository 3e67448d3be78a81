import Foundation
import StenoModels
import StenoTensor
import StenoTestSupport
import Testing

@Suite struct SafeTensorsTests {
    private func read(_ name: String, _ shape: Shape, of file: SafeTensors) throws -> [UInt32] {
        let tensor = Tensor(zeros: shape)
        try file.read(name, into: tensor)
        return tensor.values.map(\.bitPattern)
    }

    @Test func everyNumberComesBack() throws {
        let folder = try TemporaryFolder()
        let values: [Float] = [
            0, -0.0, 1, .pi, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
        ]
        let tensors: [(name: String, tensor: Tensor, type: SafeTensors.ElementType)] = [
            ("b", Tensor(values, shape: [2, 4]), .float32), ("a", Tensor([7], shape: []), .float32),
            ("none", Tensor([], shape: [0, 3]), .float32), ("ü \"q\"", Tensor([1, 2, 3], shape: [3, 1, 1]), .float32),
        ]
        try SafeTensors.write(
            tensors.map { ($0.name, .numbers($0.tensor, $0.type)) }, metadata: ["k": "v", "ü": "\"\n"],
            to: folder.path("a.safetensors"))
        let file = try SafeTensors(path: folder.path("a.safetensors"))
        #expect(file.metadata == ["k": "v", "ü": "\"\n"])
        #expect(file.names == ["a", "b", "none", "ü \"q\""].sorted())
        for (name, tensor, _) in tensors {
            #expect(file.shape(of: name) == tensor.shape.extents)
            #expect(try read(name, tensor.shape, of: file) == tensor.values.map(\.bitPattern))
        }
        #expect(file.shape(of: "missing") == nil)
    }

    /// Rounded to the nearest half, to even where two are as near; too large becomes infinity.
    @Test func halvesAreRounded() throws {
        let folder = try TemporaryFolder()
        let values: [Float] = [0, -0.0, 1, 0.1, 65504, 65520, 1e-8, 0x1p-24, 2049, 2051, -1.0009765625, 1.00048828125]
        let shape = Shape([values.count])
        try SafeTensors.write(
            [("h", .numbers(Tensor(values, shape: shape), .float16))], metadata: [:], to: folder.path("a.safetensors"))
        let found = try read("h", shape, of: SafeTensors(path: folder.path("a.safetensors")))
        let expected: [Float] = [
            0, -0.0, 1, 0.0999755859375, 65504, .infinity, 0, 0x1p-24, 2048, 2052, -1.0009765625, 1,
        ]
        #expect(found == expected.map(\.bitPattern))
    }

    /// Each column by a 127th of its largest magnitude, to even where two are as near; a column of zeros stays.
    @Test func integersHaveAScaleAColumn() throws {
        let folder = try TemporaryFolder()
        let matrix = Tensor([127, -0.0, 2, 1.5, 0, -254, -126.5, 0, 1], shape: [3, 3])
        try SafeTensors.write(SafeTensors.integers("m", matrix), metadata: [:], to: folder.path("a"))
        let file = try SafeTensors(path: folder.path("a"))
        #expect(try read("m.scales", [3], of: file) == [1, 0, 2].map { Float($0).bitPattern })
        let found = Tensor(zeros: matrix.shape)
        try file.read("m", into: found)
        #expect(found.values == [127, 0, 2, 2, 0, -254, -126, 0, 0])
    }

    @Test func integersNeedTheirScales() throws {
        func error(_ scales: SafeTensors.Contents?) throws -> String {
            let folder = try TemporaryFolder()
            let integers: [(name: String, contents: SafeTensors.Contents)] = [("m", .integers([1, 2], [1, 2]))]
            try SafeTensors.write(
                integers + (scales.map { [("m.scales", $0)] } ?? []), metadata: [:], to: folder.path("a"))
            let file = try SafeTensors(path: folder.path("a"))
            return try #require(throws: FileError.self) { try file.read("m", into: Tensor(zeros: [1, 2])) }.reason
        }
        #expect(try error(nil) == "expected a tensor named m.scales, found none")
        #expect(
            try error(.numbers(Tensor([1], shape: [1]), .float32)) == "expected shape [2] of m.scales, found [1]")
        #expect(
            try error(.numbers(Tensor([1, 1], shape: [2]), .float16)) == "expected F32 in m.scales, found another type")
    }

    @Test func numbersBeginAtMultiplesOf64() throws {
        let folder = try TemporaryFolder()
        for length in 0..<70 {
            try SafeTensors.write(
                [(String(repeating: "n", count: length + 1), .numbers(Tensor([1], shape: [1]), .float32))],
                metadata: [:],
                to: folder.path("a"))
            let bytes = try folder.bytes("a")
            #expect((bytes.count - 4) % 64 == 0)
        }
    }

    @Test func aFileOfPythonsIsRead() throws {
        let file = try SafeTensors(path: Goldens.url("from_python.safetensors").path)
        #expect(file.metadata == ["key": "value", "größe": "äöü \"quoted\" \n"])
        #expect(file.names == ["empty", "größe \"a\\b\"", "half", "scalar", "single"].sorted())
        func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }
        #expect(
            try read("single", [2, 3], of: file) == bits([1.5, -2.25, 3.0e38, Float(1.0e-40 as Double), 0.1, -0.0]))
        #expect(
            try read("half", [2, 4], of: file)
                == bits([0, -0.0, 1, -2.5, 65504, 0x1p-24, 0x1p-14, 0.333251953125]))
        #expect(try read("scalar", [], of: file) == bits([7]))
        #expect(try read("empty", [0, 3], of: file) == [])
        #expect(try read("größe \"a\\b\"", [2], of: file) == bits([4, 5]))
    }

    @Test func anotherShapeOrNameIsRefused() throws {
        let file = try SafeTensors(path: Goldens.url("from_python.safetensors").path)
        let shape = try #require(throws: FileError.self) { try file.read("single", into: Tensor(zeros: [3, 2])) }
        #expect(shape.reason == "expected shape [3, 2] of single, found [2, 3]")
        let name = try #require(throws: FileError.self) { try file.read("double", into: Tensor(zeros: [3, 2])) }
        #expect(name.reason == "expected a tensor named double, found none")
    }

    // MARK: Damage

    private func error(_ bytes: [UInt8]) throws -> String {
        let folder = try TemporaryFolder()
        let path = try folder.write(bytes, as: "file.safetensors")
        let error = try #require(throws: FileError.self) { try SafeTensors(path: path) }
        #expect(error.description.hasPrefix(path) && !error.description.contains("\n"))
        return error.reason
    }

    @Test(arguments: [0, 1, 1 << 31, 1 << 62, 1 << 63, UInt64.max, 1000] as [UInt64])
    func aWrongHeaderLengthIsRefused(_ length: UInt64) throws {
        #expect(try error(safeTensorBytes(header: "{}", data: 20, headerLength: length)).contains("header"))
    }

    @Test(arguments: [
        "", "{", "[]", "null", "3", "\"text\"", "{}}", "{\"a\": }", "\u{0}\u{0}", "{\"__metadata__\": 3}",
        "{\"__metadata__\": {\"a\": 3}}", "{\"__metadata__\": [\"a\"]}", "{\"a\": 3}", "{\"a\": {}}", "{\"a\": null}",
    ])
    func aWrongHeaderIsRefused(_ header: String) throws {
        _ = try error(safeTensorBytes(header: header.count < 2 ? header + "  " : header))
    }

    @Test func aDeepHeaderIsRefused() throws {
        let depth = 100_000
        let deep = String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
        _ = try error(safeTensorBytes(header: deep))
        _ = try error(safeTensorBytes(header: String(repeating: "[", count: depth)))
    }

    /// Of one tensor with 8 bytes of data behind it.
    @Test(arguments: [
        ("F64", "[1]", "[0, 8]"), ("I16", "[4]", "[0, 8]"), ("BF16", "[4]", "[0, 8]"), ("f32", "[2]", "[0, 8]"),
        ("F32", "[2]", "[0, 9]"), ("F32", "[2]", "[4, 12]"), ("F32", "[2]", "[8, 0]"), ("F32", "[2]", "[-8, 0]"),
        ("F32", "[3]", "[0, 8]"), ("F32", "[1]", "[0, 8]"), ("F16", "[2]", "[0, 8]"), ("F32", "[2]", "[0]"),
        ("F32", "[2]", "[0, 4, 8]"), ("F32", "[2]", "[]"), ("F32", "[-2]", "[0, 8]"), ("F32", "[-1, -2]", "[0, 8]"),
        ("F32", "[2.5]", "[0, 8]"), ("F32", "[\"2\"]", "[0, 8]"), ("F32", "2", "[0, 8]"), ("F32", "[2]", "8"),
        ("F32", "[4294967296, 4294967296]", "[0, 8]"), ("F32", "[9223372036854775807]", "[0, 8]"),
        ("F32", "[4611686018427387904]", "[0, 0]"), ("F32", "[9223372036854775807, 0, 9223372036854775807]", "[0, 8]"),
        ("F32", "[18446744073709551616]", "[0, 8]"), ("F32", "[1e30]", "[0, 8]"),
        ("F32", "[2]", "[0, 18446744073709551624]"), ("F32", "[2]", "[9223372036854775800, 9223372036854775808]"),
        ("F32", "[2]", "[0, 9223372036854775807]"), ("F32", "[1]", "[4, 8]"), ("F32", "[1]", "[0, 4]"),
        ("F32", "[null]", "[0, 8]"), ("F32", "[[2]]", "[0, 8]"),
    ])
    func aTensorThatDoesNotFitIsRefused(type: String, shape: String, offsets: String) throws {
        let header = "{\"a\": {\"dtype\": \"\(type)\", \"shape\": \(shape), \"data_offsets\": \(offsets)}}"
        _ = try error(safeTensorBytes(header: header, data: 8))
    }

    @Test(arguments: [([0, 8], [4, 12]), ([0, 8], [0, 8]), ([0, 8], [12, 20]), ([4, 12], [12, 20])])
    func tensorsThatOverlapOrLeaveGapsAreRefused(_ first: [Int], _ second: [Int]) throws {
        let header =
            "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": \(first)}, "
            + "\"b\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": \(second)}}"
        #expect(try error(safeTensorBytes(header: header, data: 20)).contains("expected"))
    }

    @Test func whatIsNoFileIsRefused() throws {
        let folder = try TemporaryFolder()
        let missing = try #require(throws: FileError.self) { try SafeTensors(path: folder.path("none")) }
        #expect(missing.description == "\(folder.path("none")) cannot be read: no such file")
        let directory = try #require(throws: FileError.self) { try SafeTensors(path: folder.url.path) }
        #expect(directory.description == "\(folder.url.path) cannot be read: a folder without a model")
        #expect(try error([]).contains("0 bytes"))
    }
}
