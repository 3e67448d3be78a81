import Foundation
import Steno
import StenoTestSupport
import Testing

@Suite("Names of features")
struct FeatureItemTests {
    private let folder: TemporaryFolder
    private let template = Recording(path: "-")

    init() throws { folder = try TemporaryFolder() }

    private func names(_ paths: [String]) -> [String] {
        FeatureItem.items(paths, template: template) { Issue.record("\($0)") }.map(\.name)
    }

    @Test(arguments: [
        (["a/x.wav", "b/y.flac", "-"], ["x", "y", "stdin"]),
        (["a/x.wav", "b/x.wav", "a/z.wav"], ["a-x", "b-x", "z"]),
        (["x.wav", "a/x.wav"], ["x", "a-x"]),
        (["/c/a/x.wav", "/d/a/x.wav", "e/x.wav"], ["c-a-x", "d-a-x", "e-x"]),
        (["./my talk.wav", "../a\tb.c.wav"], ["my_talk", "a_b.c"]),
        (["a/x.wav", "a/x.flac", "a/y.wav"], ["x.wav", "x.flac", "y"]),
        (["a/x.wav", "a/x.flac", "b/x.wav", "b/x.flac"], ["a-x.wav", "a-x.flac", "b-x.wav", "b-x.flac"]),
        (["x.wav", "./x.wav", ".//x.wav", "-", "-"], ["x", "stdin"]),
    ])
    func namesAreShortAndDiffer(paths: [String], expected: [String]) {
        #expect(names(paths) == expected)
    }

    @Test(arguments: [
        (["a-x.wav", "a/x.wav", "b/x.wav"], ["a-x", "b-x"]), (["my talk.wav", "my_talk.wav"], ["my_talk"]),
    ])
    func whatCannotBeToldApartIsNamedAndTheOthersGoOn(paths: [String], expected: [String]) {
        var failures: [String] = []
        let items = FeatureItem.items(paths, template: template) { failures.append("\($0)") }
        #expect(items.map(\.name) == expected)
        #expect(failures.count == 1 && failures[0].contains(paths[0]) && failures[0].contains(paths[1]))
    }

    @Test(arguments: [
        "id\taudio\tstart\na\tx.wav\t0\nb\tx.wav\t2.5\n",
        #"{"id": "a", "audio": "x.wav"}"# + "\n" + #"{"id": "b", "audio": "x.wav", "start": 2.5}"#,
    ])
    func aListOfSoundsNeedsNoTranscripts(manifest: String) throws {
        let path = try folder.write(manifest, as: "m.tsv")
        let items = FeatureItem.items([path], template: template) { Issue.record("\($0)") }
        #expect(items.map(\.name) == ["a", "b"] && items.map(\.recording.startSeconds) == [0, 2.5])
        #expect(items.allSatisfy { $0.recording.durationSeconds == nil })
    }

    @Test func utterancesOfAManifestHaveTheirIds() throws {
        let lines = ["id\taudio\tstart\tduration\ttext", "en/1 a\tone.wav\t0\t2\ta", "2\tone.wav\t2\t1.5\tb"]
        let manifest = try folder.write(lines.joined(separator: "\n"), as: "m.tsv")
        var template = template
        template.channel = .index(1)
        let items = FeatureItem.items([manifest, "2.wav/3.wav", manifest], template: template) { Issue.record("\($0)") }
        #expect(items.map(\.name) == ["en-1_a", "2", "3"])
        #expect(items.map(\.recording.startSeconds) == [0, 2, 0])
        #expect(items.allSatisfy { $0.recording.channel == .index(1) })
    }

    /// Root may read all folders.
    @Test(.enabled(if: geteuid() != 0)) func foldersThatCannotBeReadAreNamed() throws {
        let first = try folder.write("", as: "a/x.wav")
        let closed = ["a/closed", "shut"].map(folder.path)
        for path in closed {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o300])
        }
        defer { for path in closed { chmod(path, 0o700) } }
        var failures: [String] = []
        let items = FeatureItem.items([folder.path("a"), folder.path("shut")], template: template) {
            failures.append("\($0)")
        }
        #expect(items.map(\.name) == ["x"] && FileManager.default.fileExists(atPath: first))
        #expect(failures.count == 2)
        #expect(failures.allSatisfy { $0.contains("cannot be read (Permission denied)") })
    }

    @Test func whatIsMissingIsNamedAndTheOthersGoOn() throws {
        var failures: [String] = []
        let items = FeatureItem.items([folder.path("none.tsv"), folder.path("."), "x.wav"], template: template) {
            failures.append("\($0)")
        }
        #expect(items.map(\.name) == ["x"])
        #expect(failures.count == 2 && failures[0].contains("none.tsv"))
    }
}
