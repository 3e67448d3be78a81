import Foundation
import Testing

/// The help texts are files; `Goldens/help.sh` makes them anew.
@Suite("Help")
struct HelpTests {
    static let verbs = [
        "", "transcribe", "translate", "pronounce", "chat", "train", "evaluate", "score", "features", "corpus",
        "corpus import", "corpus check", "model", "model info", "model average", "model language", "model compress",
    ]

    @Test("help texts are as committed", arguments: verbs)
    func help(verb: String) throws {
        let words = verb.split(separator: " ").map { String($0) }
        let name = (["steno"] + words).joined(separator: "-")
        let result = try Program.run(words + ["--help"])
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Goldens/help"))
        #expect(result.code == 0)
        #expect(result.output == (try String(contentsOf: url, encoding: .utf8)))
        #expect(result.errors.isEmpty)
    }

    @Test("examples can be copied as they stand", arguments: verbs)
    func examples(verb: String) throws {
        let help = try Program.run(verb.split(separator: " ").map { String($0) } + ["--help"]).output
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
        guard let heading = lines.firstIndex(of: "EXAMPLES") else { return }
        // A line that was wrapped begins at the margin.
        let examples = lines[(heading + 1)...].prefix { !$0.isEmpty }
        #expect(!examples.isEmpty && examples.allSatisfy { $0.hasPrefix("  ") })
    }

    @Test func withoutAVerbHelpIsShown() throws {
        let result = try Program.run([])
        #expect(result.output == (try Program.run(["--help"]).output))
    }
}
