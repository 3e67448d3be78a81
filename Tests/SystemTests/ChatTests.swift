import StenoTestSupport
import Testing

@Suite("steno chat")
struct ChatTests {
    let folder: TemporaryFolder
    let model: String

    init() throws {
        folder = try TemporaryFolder()
        model = try ReversingRun.write(to: folder)
    }

    private func chat(_ arguments: [String], _ input: String) throws -> Program.Result {
        try Program.run(["chat", "--model", model] + arguments, input: Array(input.utf8))
    }

    @Test func throughAPipeThereAreOnlyAnswers() throws {
        let result = try chat([], "abc\n\nfd\nce")
        #expect(result.code == 0 && result.errors.isEmpty)
        #expect(result.output == "cba\n\ndf\nec\n")
    }

    @Test func earlierTurnsAreRead() throws {
        // The turns of both sides, as they come: "b" and its answer "b", then with "ab" before and so on.
        let result = try chat(["--history", "3", "--separator", ""], "b\na\n")
        #expect(result.output == "b\n" + ReversingRun.reversed("bba") + "\n")
        let two = try chat(["--history", "2", "--separator", ""], "b\na\n")
        #expect(two.output == "b\nab\n")
    }

    @Test func turnsThatDoNotFitAreForgotten() throws {
        let result = try chat(["--history", "3", "--separator", "", "--longest-source", "2"], "b\na\nabc\nef\n")
        #expect(result.code == 1 && result.output == "b\nab\n\nfe\n")
        #expect(result.errors == "steno: standard input, line 3: expected at most 2 tokens, found 3\n")
    }

    @Test func drawnAnswersDependOnTheSeed() throws {
        let turns = String(repeating: "abc\n", count: 8)
        func answers(_ seed: String) throws -> [String] {
            try chat(["--temperature", "4", "--seed", seed], turns).outputLines
        }
        #expect(try answers("1") == answers("1"))
        #expect(try answers("1") != answers("2"))
        #expect(try Set(answers("1")).count > 4, "each turn is drawn anew")
    }

    @Test(
        "wrong usage ends with 64",
        arguments: [
            ["--history", "0"], ["--temperature", "0"], ["--temperature", "hot"], ["--seed", "-1"],
            ["--temperature", "1", "--beam", "5"], ["--temperature", "1", "--length-penalty", "1"],
        ])
    func usage(arguments: [String]) throws {
        let result = try chat(arguments, "abc\n")
        #expect(result.code == 64 && result.output.isEmpty)
    }
}
