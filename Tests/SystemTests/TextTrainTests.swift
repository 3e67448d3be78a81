import Foundation
import StenoTestSupport
import Testing

/// Recipes of text through the program.
@Suite struct TextTrainTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let recipe = """
        data:
          train: [{source: words.txt, target: sounds.txt}]
          dev: [{source: words.txt, target: sounds.txt}]
          vocabulary:
            target: {kind: words}
        model:
          input: text
          encoder: {input: 16, layers: 1, units: 16, dropout: 0}
          decoder: {embedding: 8, units: 16, attention: 8, readout: 16, dropout: 0}
        training: {epochs: 2}
        """

    /// The path of a recipe, with its data beside it.
    private func writeTwoWords() throws -> String {
        try folder.write("hello\nworld\n", as: "words.txt")
        try folder.write("HH AH0 L OW1\nW ER1 L D\n", as: "sounds.txt")
        return try folder.write(Self.recipe, as: "r.yaml")
    }

    @Test func vocabulariesAreSaidAndKept() throws {
        try folder.write("hello\nworld\n\nlow\n", as: "words.txt")
        try folder.write("HH AH0 L OW1\nW ER1 L D\nSIL\nL OW1\n", as: "sounds.txt")
        let run = folder.path("run")
        let recipe = try folder.write(Self.recipe, as: "r.yaml")
        let training = try Program.run(["train", recipe, "-o", run])
        #expect(training.code == 0, "\(training.errors)")
        #expect(training.errorLines.contains { $0.hasSuffix("vocabulary: 11 characters to 12 words") })
        #expect(
            training.errorLines.contains {
                $0.hasSuffix("train: set aside words.txt:3: it has no text on the source side")
            }, "\(training.errors)")

        let info = try Program.run(["model", "info", run + "/model.safetensors"])
        #expect(info.output.contains("reads       7 characters: dehlorw\n"), "\(info.output)")
        #expect(info.output.contains("vocabulary  8 words\n"))
        let json = try Program.run(["model", "info", run + "/model.safetensors", "--json"])
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(object?["vocabulary_kind"] as? String == "words")
        #expect(object?["source_vocabulary_kind"] as? String == "characters")
    }

    @Test func standardErrorThatIsFullStopsNothing() throws {
        let recipe = try writeTwoWords()
        let command = "'\(Program.path)' train '\(recipe)' -o '\(folder.path("run"))'"
        #expect(try Shell.run("\(command) 2> /dev/full").code == 0)
        #expect(FileManager.default.fileExists(atPath: folder.path("run/model.safetensors")))
    }

    @Test func aReaderOfProgressThatGoesAwayLosesNothing() throws {
        let recipe = try writeTwoWords()
        let code = folder.path("code")
        let command = "'\(Program.path)' train '\(recipe)' -o '\(folder.path("run"))' --set training.epochs=100000"
        // It reads what is said of the data and of the first epoch.
        _ = try Shell.run("(\(command); echo $? > '\(code)') 2>&1 | head -5 > /dev/null")
        #expect(try String(contentsOfFile: code, encoding: .utf8) == "130\n")
        #expect(FileManager.default.fileExists(atPath: folder.path("run/checkpoint.safetensors")))
    }

    @Test func aVocabularyOfNothingIsRefused() throws {
        let recipe = try writeTwoWords()
        let training = try Program.run(
            ["train", recipe, "-o", folder.path("run"), "--set", "data.vocabulary.target.minimumCount=3"])
        #expect(training.code == 1)
        #expect(
            training.errors.hasSuffix("data.vocabulary: expected words that occur at least 3 times, found none\n"),
            "\(training.errors)")
    }

    @Test func filesThatDoNotMatchAreOneSentence() throws {
        try folder.write("hello\nworld\n", as: "words.txt")
        try folder.write("HH AH0 L OW1\n", as: "sounds.txt")
        let recipe = try folder.write(Self.recipe, as: "r.yaml")
        let training = try Program.run(["train", recipe, "-o", folder.path("run")])
        #expect(training.code == 1)
        let (sounds, words) = (folder.path("sounds.txt"), folder.path("words.txt"))
        #expect(
            training.errorLines == ["steno: \(sounds): expected as many lines as in \(words), which has 2, found 1"])
    }
}
