import Steno
import StenoTestSupport
import Testing

@Suite("Names of features")
struct FeatureItemTests {
    private let folder: TemporaryFolder
    private let template = Recording(path: "-")

    init() throws { folder = try TemporaryFolder() }

    private func names(_ paths: [String]) throws -> [String] {
        try FeatureItem.items(paths, template: template) { Issue.record("\($0)") }.map(\.name)
    }

    @Test(arguments: [
        (["a/x.wav", "b/y.flac", "-"], ["x", "y", "stdin"]),
        (["a/x.wav", "b/x.wav", "a/z.wav"], ["a-x", "b-x", "z"]),
        (["x.wav", "a/x.wav"], ["x", "a-x"]),
        (["/c/a/x.wav", "/d/a/x.wav", "e/x.wav"], ["c-a-x", "d-a-x", "e-x"]),
        (["./my talk.wav", "../a\tb.c.wav"], ["my_talk", "a_b.c"]),
    ])
    func namesAreShortAndDiffer(paths: [String], expected: [String]) throws {
        #expect(try names(paths) == expected)
    }

    @Test(arguments: [["a/x.wav", "a/x.flac"], ["x.wav", "x.wav"], ["a-x.wav", "a/x.wav", "b/x.wav"]])
    func whatCannotBeToldApartIsRefused(paths: [String]) {
        #expect(throws: StenoError.self) { _ = try names(paths) }
    }

    @Test func utterancesOfAManifestHaveTheirIds() throws {
        let lines = ["id\taudio\tstart\tduration\ttext", "en/1 a\tone.wav\t0\t2\ta", "2\tone.wav\t2\t1.5\tb"]
        let manifest = try folder.write(lines.joined(separator: "\n"), as: "m.tsv")
        var template = template
        template.channel = .index(1)
        let items = try FeatureItem.items([manifest, "2.wav/3.wav"], template: template) { Issue.record("\($0)") }
        #expect(items.map(\.name) == ["en-1_a", "2", "3"])
        #expect(items.map(\.recording.startSeconds) == [0, 2, 0])
        #expect(items.allSatisfy { $0.recording.channel == .index(1) })
    }

    @Test func whatIsMissingIsNamedAndTheOthersGoOn() throws {
        var failures: [String] = []
        let items = try FeatureItem.items([folder.path("none.tsv"), folder.path("."), "x.wav"], template: template) {
            failures.append("\($0)")
        }
        #expect(items.map(\.name) == ["x"])
        #expect(failures.count == 2 && failures[0].contains("none.tsv"))
    }
}
