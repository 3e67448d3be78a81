import Foundation
import Glibc
import StenoModels
import StenoTensor
import StenoTestSupport
import Testing

@Suite("steno translate")
struct TranslateTests {
    let folder: TemporaryFolder
    let model: String

    init() throws {
        folder = try TemporaryFolder()
        model = try ReversingRun.write(to: folder)
    }

    private func translate(_ arguments: [String], _ input: String? = nil) throws -> Program.Result {
        try Program.run(["translate", "--model", model] + arguments, input: input.map { Array($0.utf8) })
    }

    @Test func aThousandLinesComeInOrder() throws {
        // Without a pattern in their lengths.
        let words = (0..<1000).map { ReversingRun.words[$0 * 7919 % ReversingRun.words.count] }
        let result = try translate([], words.joined(separator: "\n") + "\n")
        #expect(result.code == 0 && result.errors.isEmpty)
        #expect(result.output == words.map { ReversingRun.reversed($0) + "\n" }.joined())

        let file = try folder.write(words.joined(separator: "\n"), as: "words.txt")
        for arguments in [[file], [file, "--threads", "1"], [file, "--beam", "1"]] {
            #expect(try translate(arguments).output == result.output)
        }
    }

    @Test func emptyLinesStay() throws {
        #expect(try translate([], "\nabc\n\n \nfed").output == "\ncba\n\n\ndef\n")
        #expect(try translate([], "").output == "")
        #expect(try translate([], "abc\r\n").output == "cba\n")
    }

    @Test func filesFollowEachOther() throws {
        let (one, two) = (try folder.write("ab\n", as: "one"), try folder.write("cd", as: "two"))
        #expect(try translate([one, "-", two], "ef\n").output == "ba\nfe\ndc\n")
        let result = try translate([one, folder.path("none"), folder.url.path, two])
        #expect(result.code == 1 && result.output == "ba\ndc\n")
        #expect(result.errorLines.count == 2 && result.errors.hasPrefix("steno: \(folder.path("none")): "))
    }

    @Test func eachLineIsAnsweredAsItComes() throws {
        // The next line is written only after the answer to the one before has been read.
        let (input, output) = (folder.path("input"), folder.path("output"))
        for pipe in [input, output] { #expect(mkfifo(pipe, 0o600) == 0) }
        let reader = open(output, O_RDONLY | O_NONBLOCK)
        _ = fcntl(reader, F_SETFL, 0)
        let writer = open(input, O_RDWR)
        defer { close(writer) }
        let run = try Program.Run(
            ["translate", "--model", model, input], output: output, errors: folder.path("errors"))
        let answers = try #require(fdopen(reader, "r"))
        defer { fclose(answers) }
        var (line, size) = (UnsafeMutablePointer<CChar>(nil), 0)
        defer { free(line) }
        for word in ["abc", "f", "bad"] {
            #expect(write(writer, word + "\n", word.utf8.count + 1) == word.utf8.count + 1)
            #expect(getline(&line, &size, answers) > 0)
            #expect(line.map { String(cString: $0) } == ReversingRun.reversed(word) + "\n")
        }
        run.send(SIGINT)
        #expect(run.wait() == 130)
    }

    @Test func aClosedPipeEndsQuietly() throws {
        let words = try folder.write(String(repeating: "abc\n", count: 20_000), as: "words")
        let result = try Shell.run("'\(Program.path)' translate --model '\(model)' '\(words)' | head -1 >/dev/null")
        #expect(result.code == 0 && result.errors.isEmpty)
    }

    @Test func alternativesAreInOrder() throws {
        let result = try translate(["--n-best", "3", "--scores"], "abc\n\nde\n")
        #expect(result.code == 0)
        let lines = result.output.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
        }
        #expect(lines.map { $0[0] } == ["1", "1", "1", "2", "3", "3", "3"])
        #expect(lines.map { $0[2] }[0] == "cba" && lines[3][2] == "" && lines[4][2] == "ed")
        let scores = lines.map { Double($0[1]) ?? .nan }
        #expect(scores[0] > scores[1] && scores[1] >= scores[2] && scores[3] == 0 && scores[4] > scores[5])
        #expect(try translate(["--scores"], "abc\n").output.hasSuffix("\tcba\n"))
    }

    @Test func badLinesLeaveTheOthers() throws {
        let long = String(repeating: "a", count: 1001)
        let result = try translate([], "abc\n\(long)\nde\n")
        #expect(result.code == 1 && result.output == "cba\n\ned\n")
        #expect(result.errors == "steno: standard input, line 2: expected at most 1000 tokens, found 1001\n")
        let scored = try translate(["--scores"], "\(long)\n\n")
        #expect(scored.output == "\t\n0.0\t\n", "what failed has no score, an empty line one of nothing")
        #expect(try translate(["--scores", "--n-best", "2"], "\(long)\n").output == "1\t\t\n")
        let bytes = try Program.run(["translate", "--model", model], input: [0xFF, 0x0A, 0x61, 0x62, 0x0A])
        #expect(bytes.code == 1 && bytes.output == "\nba\n")
        #expect(bytes.errors == "steno: standard input, line 1: expected UTF-8, found other bytes\n")
    }

    @Test func theAttentionOfTheFirstLineIsDrawn() throws {
        let picture = folder.path("picture.svg")
        let result = try translate(["--attention", picture], "\nabc\nde\n")
        #expect(result.code == 0 && result.output == "\ncba\ned\n")
        let svg = try String(contentsOfFile: picture, encoding: .utf8)
        #expect(svg.hasPrefix("<?xml") && svg.contains("<title>cba</title>"))
        #expect(try translate(["--attention", folder.path("none/p.svg")], "abc\n").code == 1)
        let nothing = try translate(["--attention", folder.path("q.svg")], "\n")
        #expect(nothing.code == 1 && nothing.output == "\n")
        #expect(nothing.errors == "steno: \(folder.path("q.svg")) is not written: no line has a translation to draw\n")
    }

    @Test func modelsOfOneTaskSearchTogether() throws {
        #expect(try translate(["--model", model], "abc\nf\n").output == "cba\nf\n")
        let other = folder.path("other.safetensors")
        try tinyTextModel().write(to: other, matrices: .float16)
        let result = try translate(["--model", other], "abc\n")
        #expect(result.code == 1 && result.errorLines.count == 1)
        #expect(result.errors.contains("expected the features or vocabulary that \(model) reads"))
    }

    @Test func modelsOfOneStructureAreAveraged() throws {
        let trained = try TrainedModel(path: model)
        let weights = Weights(zeros: trained.model.layout)
        weights.flat.add(trained.weights.flat, scale: 2)
        let doubled = TrainedModel(
            model: trained.model, weights: weights, vocabulary: trained.vocabulary, input: trained.input)
        let (double, average) = (folder.path("double.safetensors"), folder.path("average.safetensors"))
        try doubled.write(to: double, matrices: .float32)
        let result = try Program.run(["model", "average", model, double, model, "-o", average])
        #expect(result.code == 0 && result.errors.isEmpty)
        #expect(
            result.output == "\(average): the average of 3 models of \(trained.model.layout.count) parameters\n")
        let mean = try TrainedModel(path: average)
        for (own, other) in zip(trained.weights.flat.values, mean.weights.flat.values) {
            #expect(abs(other - own * 4 / 3) <= 1e-3 * max(abs(own), 1e-3))
        }
        #expect(mean.provenance.steps == trained.provenance.steps && mean.provenance.figures.isEmpty)
    }

    @Test func modelsOfTwoStructuresAreNotAveraged() throws {
        let trained = try TrainedModel(path: model)
        var options = trained.model.options
        options.decoder.readout += 1
        let wider = StenoModels.Model(
            options: options, source: trained.input.kind, symbols: trained.vocabulary.count)
        let other = folder.path("wider.safetensors")
        try TrainedModel(
            model: wider, weights: Weights(wider.layout, seed: 1), vocabulary: trained.vocabulary,
            input: trained.input
        ).write(to: other, matrices: .float16)
        let average = folder.path("average.safetensors")
        let result = try Program.run(["model", "average", model, other, "-o", average])
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(result.errors == "steno: \(other): expected the structure of \(model), found another\n")
        #expect(!FileManager.default.fileExists(atPath: average))
        #expect(try Program.run(["model", "average", model, "-o", average]).code == 64)
    }

    @Test func modelsOfTheOtherKindAreRefused() throws {
        let audio = folder.path("audio.safetensors")
        try tinyModel().write(to: audio, matrices: .float16)
        let result = try Program.run(["translate", "--model", audio], input: Array("abc\n".utf8))
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(
            result.errors
                == "steno: \(audio): expected a model that reads text, found one that reads audio (steno transcribe)\n")
        let wave = try folder.write(WaveBytes(spoken("abc")).file, as: "abc.wav")
        let other = try Program.run(["transcribe", "--model", model, wave])
        #expect(other.code == 1 && other.output.isEmpty)
        #expect(
            other.errors
                == "steno: \(model): expected a model that reads audio, found one that reads text (steno translate)\n")
    }

    @Test(
        "wrong usage ends with 64",
        arguments: [
            ["--beam", "0"], ["--n-best", "0"], ["--threads", "0"], ["--length-penalty", "11"],
            ["--minimum-tokens", "-1"], ["--maximum-tokens", "0"], ["--longest-source", "0"],
            ["--minimum-tokens", "6", "--maximum-tokens", "5"],
        ])
    func usage(arguments: [String]) throws {
        let result = try translate(arguments, "abc\n")
        #expect(result.code == 64)
        #expect(result.output.isEmpty && !result.errors.isEmpty)
    }
}
