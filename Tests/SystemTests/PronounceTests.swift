import Foundation
import StenoTestSupport
import Testing

@Suite("steno pronounce")
struct PronounceTests {
    let folder: TemporaryFolder
    let model: String

    init() throws {
        folder = try TemporaryFolder()
        model = try ReversingRun.write(to: folder)
    }

    private func pronounce(_ arguments: [String], _ input: String? = nil) throws -> Program.Result {
        try Program.run(["pronounce", "--model", model] + arguments, input: input.map { Array($0.utf8) })
    }

    @Test func wordsStandBeforeTheirPhonemes() throws {
        let result = try pronounce(["abc", "DEF", "d"])
        #expect(result.code == 0 && result.errors.isEmpty)
        #expect(result.output == "abc\tcba\nDEF\tfed\nd\td\n")
    }

    @Test func standardInputIsReadWhereItIsNamed() throws {
        let result = try pronounce(["a", "-", "f"], "abc  cd\n\n e\tab")
        #expect(result.output == "a\ta\nabc\tcba\ncd\tdc\ne\te\nab\tba\nf\tf\n")
        #expect(try pronounce(["-"], "").output.isEmpty)
    }

    @Test func standardInputIsLeftAloneWhereItIsNotNamed() throws {
        func run(_ words: String) throws -> (code: Int32, errors: String) {
            try Shell.run("'\(Program.path)' pronounce --model '\(model)' \(words) < '\(folder.url.path)' > /dev/null")
        }
        let given = try run("abc")
        #expect(given.code == 0 && given.errors.isEmpty)
        #expect(try run("abc -").errors == "steno: standard input: expected a text file, found a folder\n")
    }

    @Test func unknownCharactersAreNamedAndTheRestGoesOn() throws {
        let result = try pronounce(["abc", "naß", "-", "ed"], "ac\nbéd\n")
        #expect(result.code == 1)
        #expect(result.output == "abc\tcba\nac\tca\ned\tde\n")
        #expect(
            result.errorLines == [
                "steno: “naß”: the vocabulary lacks “n” (U+006E), “ß” (U+00DF), found in “naß”",
                "steno: standard input, line 2: the vocabulary lacks “é” (U+00E9), found in “béd”",
            ])
    }

    @Test func whatIsKnownInLowerCaseIsNotNamed() throws {
        let result = try pronounce(["Aß"])
        #expect(result.errors == "steno: “Aß”: the vocabulary lacks “ß” (U+00DF), found in “Aß”\n")
    }

    @Test func aModelThatIsNotThereIsOneSentence() throws {
        func errors(_ model: String) throws -> String { try Program.run(["pronounce", "a", "--model", model]).errors }
        #expect(try errors(folder.url.path) == "steno: \(folder.url.path) cannot be read: a folder without a model\n")
        #expect(try errors("") == "steno: expected the path or the name of a model, found an empty text\n")
    }

    @Test func severalPronunciationsAreInOrder() throws {
        let lines = try pronounce(["--n-best", "3", "--scores", "abc", "d"]).outputLines.map {
            $0.split(separator: "\t").map { String($0) }
        }
        #expect(lines.map { $0[0] } == ["abc", "abc", "abc", "d", "d", "d"])
        #expect(lines[0][2] == "cba" && lines[3][2] == "d")
        let scores = lines.map { Double($0[1]) ?? .nan }
        #expect(scores[0] > scores[1] && scores[1] >= scores[2] && scores[3] > scores[4])
    }

    @Test func withoutAModelThereIsOneSentence() throws {
        for (verb, name) in [("pronounce", "english-pronunciation"), ("translate", "french-english")] {
            // The program looks for it beside itself and above the folder that it is started in.
            let present = FileManager.default.fileExists(atPath: "Models/\(name).safetensors")
            if present { continue }
            let result = try Program.run([verb] + (verb == "pronounce" ? ["word"] : []), input: [])
            #expect(result.code == 1 && result.output.isEmpty && result.errorLines.count == 1)
            #expect(result.errors.contains("no model \(name).safetensors was found in"))
            #expect(result.errors.contains("--model"))
        }
    }

    @Test func withoutAWordUsageIsShown() throws {
        #expect(try pronounce([]).code == 64)
    }
}
