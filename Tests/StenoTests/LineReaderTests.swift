import Foundation
import Steno
import StenoTestSupport
import Testing

@Suite("Line reader")
struct LineReaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Texts of a file's lines, nil for those that are none, and the sentences about these.
    private func lines(_ bytes: [UInt8]) throws -> (texts: [String?], problems: [String]) {
        let reader = try LineReader(path: try folder.write(bytes, as: "lines.txt"))
        var (texts, problems): ([String?], [String]) = ([], [])
        while let line = reader.next() {
            switch line {
            case .success(let text): texts.append(text.text)
            case .failure(let error):
                texts.append(nil)
                problems.append(error.description)
            }
        }
        #expect(reader.error == nil)
        return (texts, problems)
    }

    @Test func lineEndsOfAllKinds() throws {
        #expect(try lines(Array("a\n\nb\r\nc".utf8)).texts == ["a", "", "b", "c"])
        #expect(try lines(Array("\n".utf8)).texts == [""])
        #expect(try lines([]).texts == [])
        #expect(try lines([0xEF, 0xBB, 0xBF, 0x61]).texts == ["a"])
        #expect(try lines(Array("a\u{2028}b\u{0}\n".utf8)).texts == ["a\u{2028}b\u{0}"])
    }

    @Test func bytesThatAreNoTextAreNumbered() throws {
        let (texts, problems) = try lines([0x61, 0x0A, 0xFF, 0x0A, 0x62])
        #expect(texts == ["a", nil, "b"])
        #expect(problems == ["\(folder.path("lines.txt")), line 2: expected UTF-8, found other bytes"])
    }

    @Test func aGzipFileIsToldOnce() throws {
        let reader = try LineReader(path: try folder.write([0x1F, 0x8B, 0x08, 0x0A, 0xFF, 0x0A], as: "lines.gz"))
        #expect(reader.next() == nil)
        #expect(reader.error?.description.hasSuffix("found a gzip file: unpack it first (zcat)") == true)
    }

    @Test func anEndlessLineIsNotKept() throws {
        let long = [UInt8](repeating: 0x61, count: 5 << 20)
        let (texts, problems) = try lines(long + [0x0A, 0x62, 0x0A] + long)
        #expect(texts == [nil, "b", nil])
        #expect(problems.count == 2)
        // As long as may be, over many pieces.
        #expect(try lines(Array(long.prefix(1 << 20)) + [0x0A]).texts[0]?.utf8.count == 1 << 20)
    }

    @Test func manyLinesComeWhole() throws {
        let expected = (0..<50_000).map { "line \($0) ü" }
        #expect(try lines(Array(expected.joined(separator: "\n").utf8)).texts == expected)
    }

    @Test func whatIsNotThereYetIsNotWaitedFor() throws {
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        let writer = open(pipe, O_RDWR)
        defer { close(writer) }
        let reader = try LineReader(path: pipe)
        #expect(!reader.isReady)
        #expect(write(writer, "one\ntw", 6) == 6)
        #expect(reader.isReady)
        #expect(try reader.next()?.get().text == "one")
        #expect(!reader.isReady)
        #expect(write(writer, "o\n", 2) == 2)
        #expect(reader.isReady)
        #expect(try reader.next()?.get().text == "two")
    }

    @Test func whatIsNoFileIsNamed() {
        for path in [folder.path("none.txt"), folder.url.path] {
            let error = #expect(throws: StenoError.self) { try LineReader(path: path) }
            #expect(error?.description.hasPrefix("\(path): ") == true)
        }
    }
}

@Suite("Word stream")
struct WordStreamTests {
    @Test func wordsThatAreGivenAreThere() throws {
        let words = try WordStream(["one", "two words"])
        var found: [String] = []
        while words.isReady, let word = words.next() { found.append(try word.get().text) }
        #expect(found == ["one", "two words"])
    }
}
