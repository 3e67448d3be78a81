import Foundation
import Glibc
import StenoTestSupport
import Testing

@Suite("steno train and evaluate")
struct TrainTests {
    let folder: TemporaryFolder
    private static let texts = [
        "abc", "cab", "ab c", "bca", "c ba", "a b c", "cc a", "bab", "ca b", "acb",
    ]

    init() throws {
        folder = try TemporaryFolder()
        var manifest = "id\taudio\tduration\tspeaker\tcorpus\ttext\n"
        for (number, text) in Self.texts.enumerated() {
            let samples = spoken(text)
            try folder.write(WaveBytes(samples).file, as: "audio/\(number).wav")
            manifest += "u\(number)\taudio/\(number).wav\t\(Double(samples.count) / 16_000)\tmachine\ttones\t\(text)\n"
        }
        try folder.write(manifest, as: "tones.tsv")
    }

    /// A model that is large enough for ten utterances and small enough for a test.
    private static let recipe = """
        data: {train: [tones.tsv], dev: [tones.tsv]}
        model:
          encoder: {subsampling: 2, channels: 4, input: 48, layers: 1, units: 48, dropout: 0}
          decoder: {embedding: 16, units: 48, attention: 48, readout: 48, dropout: 0}
        training:
          epochs: 400
          batchUtterances: 10
          shards: 2
          labelSmoothing: 0
          speeds: [1.0]
          masking: {frequencyMasks: 0, timeMasks: 0}
          optimiser: {rate: 0.005, warmupSteps: 20}
          evaluationSteps: 100
          averaged: 1
        """

    private struct Report: Decodable {
        let utterances: Int, words: Int, wer: Double, cer: Double, audioSeconds: Double, wallSeconds: Double

        init(_ json: String) throws {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            self = try decoder.decode(Self.self, from: Data(json.utf8))
        }
    }

    private func evaluate(_ arguments: [String]) throws -> Report {
        let result = try Program.run(["evaluate", folder.path("tones.tsv"), "--json"] + arguments)
        #expect(result.code == 0, "\(result.errors)")
        return try Report(result.output)
    }

    @Test func tenUtterancesAreOverfitted() throws {
        let recipe = try folder.write(Self.recipe, as: "recipe.yml")
        let run = folder.path("run")
        let training = try Program.run(["train", recipe, "-o", run])
        #expect(training.code == 0, "\(training.errors)")
        let model = run + "/model.safetensors"
        let report = try evaluate(["--model", model])
        #expect(report.cer == 0 && report.wer == 0)
        #expect(report.utterances == 10)
        #expect(report.words == Self.texts.map { $0.split(separator: " ").count }.reduce(0, +))
        #expect(report.audioSeconds > 4 && report.wallSeconds > 0)

        // What the same command does once all is done: nothing.
        #expect(try Program.run(["train", recipe, "-o", run]).code == 0)
        #expect(try evaluate(["--model", model]).cer == 0)

        let transcripts = try Program.run(
            ["transcribe", folder.path("audio"), "--model", model, "--format", "tsv"])
        #expect(transcripts.outputLines.map { $0.split(separator: "\t").last.map { String($0) } } == Self.texts)
        let file = try folder.write(transcripts.output, as: "transcripts.tsv")
        let again = try Program.run(["evaluate", folder.path("tones.tsv"), "--hypotheses", file])
        #expect(again.code == 0 && again.output.hasPrefix("WER 0.0 %"))

        try languageModel(for: model)

        let scores = try Program.run(["score", folder.path("tones.tsv"), "--model", model])
        #expect(scores.code == 0 && scores.outputLines.count == 10)
        for line in scores.outputLines {
            let fields = line.split(separator: "\t").map { String($0) }
            #expect(fields.count == 3)
            #expect(fields.dropFirst().compactMap(Double.init).allSatisfy { $0 > -3 && $0 <= 0 }, "\(line)")
        }
        let info = try Program.run(["model", "info", model])
        #expect(info.code == 0 && info.output.contains("vocabulary  4 characters:  abc"))
    }

    /// Texts of another language talk a model out of what it hears, if they are given the weight.
    private func languageModel(for model: String) throws {
        let texts = try folder.write("ccc ccc\nccc\nccc cc\nwhat it does not write\n", as: "texts.txt")
        let better = folder.path("better.safetensors")
        let result = try Program.run(["model", "language", model, texts, "-o", better, "--held-out", texts])
        #expect(result.code == 0 && result.output.contains("of 3 texts of 19 characters; 1 lines left out"))
        #expect(result.output.hasSuffix("bits each on held-out texts\n"))
        #expect(try Program.run(["model", "info", better]).output.contains("of 3 texts (19 characters)"))
        #expect(try evaluate(["--model", better, "--language-weight", "0"]).cer == 0)
        #expect(try evaluate(["--model", better, "--language-weight", "10"]).cer > 40)

        let piped = try Program.run(
            ["model", "language", model, "-", "-o", better, "--language-weight", "0.25"], input: Array("abc\n".utf8))
        #expect(piped.code == 0, "\(piped.errors)")
        #expect(try Program.run(["model", "info", better]).output.contains("language weight 0.25"))

        for (arguments, code, sentence) in [
            ([model, folder.path("none.txt"), "-o", better], 1, "none.txt"),
            ([model, folder.path("tones.tsv"), "-o", better], 1, "lines of the characters “ abc”"),
            ([folder.path("no.safetensors"), texts, "-o", better], 1, "no.safetensors"),
            ([model, texts, "-o", better, "--order", "40"], 64, "--order"),
            ([model, texts, "-o", folder.path("none/m.safetensors")], 1, "none/m.safetensors"),
        ] {
            let result = try Program.run(["model", "language"] + arguments)
            #expect(result.code == code)
            #expect(result.errors.contains(sentence), "\(result.errors)")
        }
    }

    @Test func ctrlCWritesACheckpointAndTheRunGoesOn() throws {
        let recipe = try folder.write(Self.recipe, as: "recipe.yml")
        let arguments = ["train", recipe, "-o", folder.path("run"), "--set", "training.evaluationSteps=1"]
        // A pipe with a name: reading a line from it waits until training is under way.
        let pipe = folder.path("errors")
        #expect(mkfifo(pipe, 0o600) == 0)
        let reader = open(pipe, O_RDONLY | O_NONBLOCK)
        _ = fcntl(reader, F_SETFL, 0)
        let run = try Program.Run(arguments, output: folder.path("output"), errors: pipe)
        let lines = try #require(fdopen(reader, "r"))
        defer { fclose(lines) }
        func next() -> String? {
            var (line, size) = (UnsafeMutablePointer<CChar>(nil), 0)
            defer { free(line) }
            return getline(&line, &size, lines) > 0 ? line.map { String(cString: $0) } : nil
        }
        while let line = next(), !line.contains("dev CER") {}
        run.send(SIGINT)
        while next() != nil {}
        #expect(run.wait() == 130)
        #expect(FileManager.default.fileExists(atPath: folder.path("run/checkpoint.safetensors")))

        let resumed = try Program.run(
            ["train", recipe, "-o", folder.path("run"), "--set", "training.epochs=1", "--set", "training.patience=1"])
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(resumed.errors.contains("resuming at step"))
    }

    @Test func theWholeRecipeIsDescribed() throws {
        let recipe = try folder.write("training: {epochs: 7}\n", as: "recipe.yml")
        let plain = try Program.run(["train", recipe, "--describe"])
        #expect(plain.code == 0 && plain.output.contains("epochs: 7") && plain.output.contains("melBins: 80"))
        let changed = try Program.run(["train", recipe, "--describe", "--set", "training.epochs=3"])
        #expect(changed.output == plain.output.replacing("epochs: 7", with: "epochs: 3"))
    }

    @Test(
        "bad recipes are refused",
        arguments: [
            ("training: {epoch: 7}", "epochs"), ("training: {epochs: many}", "training.epochs"),
            ("training: {epochs: 0}", "training.epochs"), ("model: [", "YAML"), ("training: 5", "training"),
        ])
    func badRecipe(yaml: String, sentence: String) throws {
        let recipe = try folder.write(yaml, as: "recipe.yml")
        let result = try Program.run(["train", recipe, "-o", folder.path("run")])
        #expect(result.code == 1)
        #expect(result.errorLines.count == 1)
        #expect(result.errors.hasPrefix("steno: \(recipe)") && result.errors.contains(sentence), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.path("run")))
    }

    @Test func aRunThatCannotBeginLeavesNoFolder() throws {
        let recipe = try folder.write("data: {train: [none.tsv], dev: [none.tsv]}\n", as: "recipe.yml")
        #expect(try Program.run(["train", recipe, "-o", folder.path("new")]).code == 1)
        #expect(!FileManager.default.fileExists(atPath: folder.path("new")))
        try FileManager.default.createDirectory(atPath: folder.path("old"), withIntermediateDirectories: true)
        #expect(try Program.run(["train", recipe, "-o", folder.path("old")]).code == 1)
        #expect(FileManager.default.fileExists(atPath: folder.path("old")))
    }

    @Test func aWrongChangeIsNamed() throws {
        let recipe = try folder.write("", as: "recipe.yml")
        let result = try Program.run(["train", recipe, "--describe", "--set", "training.epcohs=3"])
        #expect(result.code == 1)
        #expect(result.errors.contains("training.epcohs") && result.errors.contains("the nearest is epochs"))
    }

    @Test func aBadLineOfAManifestIsNumbered() throws {
        let manifest = folder.path("tones.tsv")
        var lines = try String(contentsOfFile: manifest, encoding: .utf8).split(separator: "\n").map { String($0) }
        lines[4] = "only\tthree\tfields"
        try folder.write(lines.joined(separator: "\n"), as: "bad.tsv")
        let recipe = try folder.write("data: {train: [bad.tsv], dev: [tones.tsv]}", as: "recipe.yml")
        let commands = [
            ["evaluate", folder.path("bad.tsv")], ["train", recipe, "-o", folder.path("run")],
            ["corpus", "check", folder.path("bad.tsv")],
        ]
        for arguments in commands {
            let result = try Program.run(arguments)
            #expect(result.code == 1)
            #expect(result.errorLines.count == 1)
            #expect(result.errors.hasPrefix("steno: \(folder.path("bad.tsv")), line 5: "), "\(result.errors)")
        }
    }

    @Test func anUnreadableUtteranceCountsAsLeftOut() throws {
        let model = folder.path("tiny.safetensors")
        try tinyModel().write(to: model, matrices: .float16)
        try FileManager.default.removeItem(atPath: folder.path("audio/3.wav"))
        let result = try Program.run(["evaluate", folder.path("tones.tsv"), "--json", "--model", model])
        #expect(result.code == 1)
        #expect(result.errors == "steno: \(folder.path("audio/3.wav")): there is no such file\n")
        let report = try Report(result.output)
        #expect(report.utterances == 10)
    }

    @Test func corporaAreChosen() throws {
        let model = folder.path("tiny.safetensors")
        try tinyModel().write(to: model, matrices: .float16)
        #expect(try evaluate(["--model", model, "--corpus", "tones"]).utterances == 10)
        let other = try Program.run(["evaluate", folder.path("tones.tsv"), "--model", model, "--corpus", "none"])
        #expect(other.code == 1 && other.errors.contains("found tones"))
    }

    @Test func differencesAreAligned() throws {
        let hypotheses = Self.texts.enumerated().map { "u\($0)\t\($1 == "cab" ? "cbb" : $1)\n" }.joined()
        let file = try folder.write(hypotheses, as: "hypotheses.tsv")
        let result = try Program.run(
            ["evaluate", folder.path("tones.tsv"), "--hypotheses", file, "--differences"])
        #expect(result.output.hasPrefix("u1\nREF: cab\nHYP: cbb\n     S\n"), "\(result.output)")
        #expect(result.output.contains("1 of 10 utterances with errors"))
    }
}
