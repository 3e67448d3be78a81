import Foundation
import StenoTraining
import Testing

@Suite struct ManifestTests {
    private static let header = "id\taudio\tduration\tspeaker\tcorpus\ttext\n"

    private func manifest(_ text: String, path: String = "corpus/train.tsv") throws(ManifestError) -> Manifest {
        try Manifest(data: Data(text.utf8), path: path)
    }

    @Test func readsTSV() throws {
        let read = try manifest(Self.header + "a-1\twav/a 1.wav\t1.5\tann\tfsdd\ttwo words\n")
        #expect(
            read.entries == [
                ManifestEntry(
                    id: "a-1", audioPath: "corpus/wav/a 1.wav", durationSeconds: 1.5, speaker: "ann", corpus: "fsdd",
                    text: "two words")
            ])
    }

    @Test func columnsAreFoundByName() throws {
        let read = try manifest("text\tnote\tduration\tstart\tid\taudio\nso\t?\t2\t0.5\tx\t/data/x.flac\n")
        #expect(
            read.entries == [
                ManifestEntry(id: "x", audioPath: "/data/x.flac", startSeconds: 0.5, durationSeconds: 2, text: "so")
            ])
    }

    @Test func windowsLinesAndByteOrderMarkAndNoLastNewlineAreRead() throws {
        let read = try manifest(
            "\u{FEFF}id\taudio\tduration\ttext\r\na\ta.wav\t1\tone\r\n\r\nb\tb.wav\t2\t\r\nc\tc.wav\t3\tthree")
        #expect(read.entries.map(\.text) == ["one", "", "three"])
    }

    @Test func aTextMayBeginWithACombiningMark() throws {
        let read = try manifest("id\taudio\tduration\ttext\na\ta.wav\t1\t\u{301}e\n")
        #expect(read.entries.map(\.text) == ["\u{301}e"])
    }

    @Test func readsJSONLines() throws {
        let read = try manifest(
            """
            {"id": "a", "audio": "a.wav", "duration": 1.5, "text": "tab\\tand 天", "speaker": "s", "more": [1]}

            {"id": "b", "audio": "/b.wav", "duration": 2, "start": 1, "text": ""}
            """)
        #expect(read.entries.map(\.audioPath) == ["corpus/a.wav", "/b.wav"])
        #expect(read.entries.map(\.startSeconds) == [0, 1])
        #expect(read.entries[0].text == "tab\tand 天")
    }

    @Test(arguments: [
        ("", nil, ManifestError.Reason.empty),
        ("\n\n", nil, .empty),
        (header, nil, .empty),
        ("id\taudio\ttext\n", 1, .missingColumn("duration", found: ["id", "audio", "text"])),
        ("id\taudio\tduration\ttext\ttext\n", 1, .repeatedColumn("text")),
        (header + "a\ta.wav\t1\ts\tc\tt\nb\tb.wav\t1\ts\tc\n", 3, .columnCount(expected: 6, found: 5)),
        (header + "a\ta.wav\t1\ts\tc\tt\tu\n", 2, .columnCount(expected: 6, found: 7)),
        (header + "a\ta.wav\tlong\ts\tc\tt\n", 2, .badNumber(column: "duration", found: "long")),
        (header + "a\ta.wav\t-1\ts\tc\tt\n", 2, .badNumber(column: "duration", found: "-1")),
        (header + "a\ta.wav\tnan\ts\tc\tt\n", 2, .badNumber(column: "duration", found: "nan")),
        (header + "a\ta.wav\t1\ts\tc\tt\n\na\tb.wav\t1\ts\tc\tt\n", 4, .duplicateID("a", firstLine: 2)),
        (header + "\ta.wav\t1\ts\tc\tt\n", 2, .emptyField("id")),
        (header + "a\t\t1\ts\tc\tt\n", 2, .emptyField("audio")),
        (#"{"id": "a", "duration": 1, "text": ""}"#, 1, .badJSON("the key “audio” is missing")),
        (#"{"id": "a", "audio": "a", "duration": 1}"#, 1, .badJSON("the key “text” is missing")),
        (#"{"id": "a", "audio": "a", "duration": "1", "text": ""}"#, 1, .badJSON("“duration” is of another type")),
        (#"{"id": "a", "audio": "a", "duration": -1, "text": ""}"#, 1, .badNumber(column: "duration", found: "-1.0")),
        (#"{"id": "a", "#, 1, .badJSON("this is not JSON")),
    ])
    func mistakesAreNamedWithTheirLine(text: String, line: Int?, reason: ManifestError.Reason) {
        let error = ManifestError(path: "corpus/train.tsv", line: line, reason: reason)
        #expect(throws: error) { try manifest(text) }
        #expect(error.description.hasPrefix(line.map { "corpus/train.tsv, line \($0): " } ?? "corpus/train.tsv: "))
    }

    @Test func bytesThatAreNoTextAreNamedWithTheirLine() {
        let data = Data(Self.header.utf8) + Data([0x61, 0xFF, 0x0A])
        #expect(throws: ManifestError(path: "m", line: 2, reason: .notUTF8)) { try Manifest(data: data, path: "m") }
    }

    @Test func aMissingFileIsNamed() throws {
        let error = try #require(throws: ManifestError.self) { try Manifest(contentsOf: "nowhere/m.tsv") }
        #expect(error.description == "nowhere/m.tsv: No such file or directory")
    }

    @Test func aDirectoryIsNoManifest() throws {
        try withTemporaryDirectory { folder in
            #expect(throws: ManifestError.self) { try Manifest(contentsOf: folder) }
        }
    }

    @Test(arguments: Manifest.Format.allCases, [0, 1.25])
    func whatIsWrittenComesBack(format: Manifest.Format, start: Double) throws {
        try withTemporaryDirectory { folder in
            let manifest = Manifest(entries: [
                ManifestEntry(
                    id: "a", audioPath: folder + "/wav/a.wav", startSeconds: start, durationSeconds: 1.2345,
                    speaker: "s", corpus: "c", text: "“quoted” 天"),
                ManifestEntry(id: "b", audioPath: "/elsewhere/b.wav", durationSeconds: 3, text: ""),
            ])
            let path = folder + "/list.tsv"
            try manifest.write(to: path, format: format)
            #expect(try Manifest(contentsOf: path) == manifest)
            let written = try String(contentsOfFile: path, encoding: .utf8)
            #expect(!written.contains(folder))
            #expect(written.contains("start") == (start != 0))
        }
    }

    @Test func tabsCannotBeWrittenAsTSV() throws {
        try withTemporaryDirectory { folder in
            let path = folder + "/list.tsv"
            let manifest = Manifest(entries: [
                ManifestEntry(id: "a", audioPath: "a.wav", durationSeconds: 1, text: "two\twords")
            ])
            #expect(throws: ManifestError(path: path, reason: .unwritableField(column: "text", id: "a"))) {
                try manifest.write(to: path)
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func filtersByCorpusAndDuration() {
        let manifest = Manifest(
            entries: [("a", "x", 1.0), ("b", "y", 2.0), ("c", "x", 3.0)].map {
                ManifestEntry(id: $0.0, audioPath: "a", durationSeconds: $0.2, corpus: $0.1, text: "")
            })
        #expect(manifest.filtered(corpora: ["x"]).entries.map(\.id) == ["a", "c"])
        #expect(manifest.filtered(durationSeconds: 1.5...3).entries.map(\.id) == ["b", "c"])
        #expect(manifest.corpora == ["x", "y"])
        #expect(manifest.durationSeconds == 6)
    }
}
