import CZlib
import Foundation
import StenoTestSupport
import StenoTraining
import Testing

/// Bytes packed as gzip does it.
func gzip(_ bytes: some Sequence<UInt8>) throws -> [UInt8] {
    var source = Array(bytes)
    var target = [UInt8](repeating: 0, count: source.count + 1024)
    var stream = z_stream()
    let size = CInt(MemoryLayout<z_stream>.size)
    let opened = deflateInit2_(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
    try #require(opened == Z_OK)
    defer { deflateEnd(&stream) }
    let code = source.withUnsafeMutableBufferPointer { source in
        target.withUnsafeMutableBufferPointer { target in
            (stream.next_in, stream.avail_in) = (source.baseAddress, UInt32(source.count))
            (stream.next_out, stream.avail_out) = (target.baseAddress, UInt32(target.count))
            return deflate(&stream, Z_FINISH)
        }
    }
    try #require(code == Z_STREAM_END)
    return Array(target.prefix(Int(stream.total_out)))
}

@Suite struct TextFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let text = "a\tä\nb\tβ\n"

    /// By its first bytes, whatever its name.
    @Test(arguments: ["pairs.tsv.gz", "pairs.tsv"]) func packedTextIsRead(_ name: String) throws {
        let path = try folder.write(gzip(Self.text.utf8), as: name)
        #expect(try tabSeparatedLines(path).map(\.fields) == [["a", "ä"], ["b", "β"]])
        #expect(try textLines(path) == ["a\tä", "b\tβ"])
        #expect(try TextPairs(contentsOf: path).pairs.map(\.target) == ["ä", "β"])
    }

    @Test func packedManifestsAreRead() throws {
        let path = try folder.write(gzip("id\taudio\tduration\ttext\nu\ta.wav\t1\tso\n".utf8), as: "m.tsv.gz")
        #expect(try Manifest(contentsOf: path).entries.map(\.text) == ["so"])
    }

    @Test func severalPackedFilesInARowAreOne() throws {
        let path = try folder.write(gzip("a\n".utf8) + gzip([]) + gzip("b\n".utf8), as: "t.gz")
        #expect(try textLines(path) == ["a", "b"])
    }

    @Test func aLargePackedFileIsReadToTheEnd() throws {
        let lines = (0..<200_000).map { "line \($0)" }
        #expect(try textLines(try folder.write(gzip(lines.joined(separator: "\n").utf8), as: "t.gz")) == lines)
    }

    private func reason(_ bytes: [UInt8]) throws -> ManifestError.Reason {
        let path = try folder.write(bytes, as: "wrong.gz")
        return try #require(throws: ManifestError.self) { try textLines(path) }.reason
    }

    @Test func aPackedFileThatWasCutIsRefused() throws {
        let whole = try gzip((0..<1000).map { "line \($0)\n" }.joined().utf8)
        for count in [2, 5, 10, 11, 100, whole.count - 8, whole.count - 1] {
            #expect(try reason(Array(whole.prefix(count))) == .badGzip("it ends too early"), "\(count)")
        }
    }

    @Test func aDamagedPackedFileIsRefused() throws {
        let whole = try gzip((0..<1000).map { "line \($0)\n" }.joined().utf8)
        for place in [2, 10, 40, whole.count / 2, whole.count - 6, whole.count - 2] {
            var damaged = whole
            damaged[place] ^= 0x55
            guard case .badGzip = try reason(damaged) else {
                Issue.record("byte \(place) is let through")
                continue
            }
        }
        #expect(try reason(whole + Array("more".utf8)) == .badGzip("other bytes follow its end"))
        #expect(
            ManifestError(path: "t.gz", reason: .badGzip("it ends too early")).description
                == "t.gz: the gzip file is damaged: it ends too early")
    }

    /// Some hundred kilobytes that say they are more than 256 MiB.
    @Test func whatUnpacksToFarTooMuchIsRefused() throws {
        let member = try gzip([UInt8](repeating: 0x61, count: 1 << 20))
        #expect(try reason(Array(repeatElement(member, count: 300).joined())) == .unpacksTooFar(limit: 256 << 20))
    }
}

@Suite struct TextPairsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func columnsAreChosen() throws {
        let path = try folder.write("go\tva\tCC\nstop\thalte\tCC\n", as: "p.tsv")
        let pairs = try TextPairs(contentsOf: path).pairs
        #expect(pairs.map(\.source) == ["go", "stop"] && pairs.map(\.target) == ["va", "halte"])
        #expect(pairs.map(\.id) == ["p.tsv:1", "p.tsv:2"])
        let other = try TextPairs(contentsOf: path, columns: .init(source: 2, target: 1)).pairs
        #expect(other.map(\.source) == ["va", "halte"] && other.map(\.target) == ["go", "stop"])
    }

    @Test(arguments: [
        ("a\tb\nc\n", 2, 2, 1), ("a b\n", 1, 2, 1), ("a\tb\n\nc\td\te\n", 3, 2, 3), ("a\tb\tc\nd\te\n", 2, 3, 2),
    ])
    func aLineOfOtherColumnsIsNamed(_ text: String, _ line: Int, _ expected: Int, _ found: Int) throws {
        let path = try folder.write(text, as: "p.tsv")
        #expect(
            throws: ManifestError(path: path, line: line, reason: .columnCount(expected: expected, found: found))
        ) { try TextPairs(contentsOf: path) }
    }

    @Test func linesOfTwoFilesBelongTogether() throws {
        let source = try folder.write("\u{FEFF}eins\r\n\r\ndrei\r\nvier", as: "t.de")
        let target = try folder.write("one\ntwo\nthree\tand\n\n", as: "t.en")
        let pairs = try TextPairs(source: source, target: target).pairs
        #expect(pairs.map(\.source) == ["eins", "", "drei", "vier"])
        #expect(pairs.map(\.target) == ["one", "two", "three\tand", ""])
        #expect(pairs.map(\.id) == ["t.de:1", "t.de:2", "t.de:3", "t.de:4"])
    }

    @Test func twoFilesOfOtherLengthAreRefused() throws {
        let source = try folder.write("a\nb\n\n", as: "t.de")
        let target = try folder.write("a\nb\n", as: "t.en")
        let error = try #require(throws: ManifestError.self) { try TextPairs(source: source, target: target) }
        #expect(error.description == "\(target): expected as many lines as in \(source), which has 3, found 2")
        #expect(throws: ManifestError(path: source, reason: .lineCount(0, other: target, otherCount: 2))) {
            try TextPairs(source: target, target: try folder.write("", as: "t.de"))
        }
        #expect(throws: ManifestError(path: source, reason: .empty)) { try TextPairs(source: source, target: source) }
    }

    @Test func aMissingFileIsNamed() throws {
        let source = try folder.write("a\n", as: "t.de")
        let error = try #require(throws: ManifestError.self) { try TextPairs(source: source, target: source + "x") }
        #expect(error.path == source + "x")
    }
}
