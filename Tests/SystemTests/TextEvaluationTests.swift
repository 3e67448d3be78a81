import Foundation
import StenoTestSupport
import Testing

@Suite("steno evaluate and score, of texts")
struct TextEvaluationTests {
    let folder: TemporaryFolder
    let model: String
    let pairs: String
    private static let words = ["abc", "de", "f", "fed", "cab"]

    init() throws {
        folder = try TemporaryFolder()
        model = try ReversingRun.write(to: folder)
        pairs = try folder.write(
            Self.words.map { "\($0)\t\(ReversingRun.reversed($0))\n" }.joined() + "abc\tanother answer\n",
            as: "pairs.tsv")
    }

    private struct Report: Decodable {
        struct Likelihood: Decodable {
            let pairs: Int, tokens: Int, words: Int, perplexityPerToken: Double?, perplexityPerWord: Double?
            let logProbability: Double
        }
        let lines: Int, linesRight: Int, cer: Double, wer: Double, words: Int
        let likelihood: Likelihood?, wallSeconds: Double?
    }

    private struct Scores: Decodable {
        struct Pair: Decodable { let id: String, logProbability: Double, tokens: Int, words: Int }
        let totals: Report.Likelihood, scores: [Pair]
    }

    private func decoded<Value: Decodable>(_ json: String, as _: Value.Type) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Value.self, from: Data(json.utf8))
    }

    @Test func whatIsLearnedIsRight() throws {
        let result = try Program.run(["evaluate", pairs, "--model", model, "--json"])
        #expect(result.code == 1)
        #expect(result.errorLines.count == 1 && result.errors.hasPrefix("steno: pairs.tsv:6: the vocabulary lacks “"))
        let report = try decoded(result.output, as: Report.self)
        #expect(report.lines == 5 && report.linesRight == 5 && report.cer == 0 && report.wer == 0)
        #expect(report.wallSeconds != nil)
        #expect(report.likelihood?.pairs == 5, "one target has characters that the model does not write")
        let plain = try Program.run(["evaluate", pairs, "--model", model])
        #expect(plain.output.hasPrefix("BLEU ") && plain.output.contains("5 of 5 lines right (100.00 %)"))
        #expect(plain.output.contains("perplexity ") && plain.output.contains(" over 5 pairs\n"))
    }

    @Test func perplexityIsOfTheGivenTargets() throws {
        let right = try folder.write(
            Self.words.map { "\($0)\t\(ReversingRun.reversed($0))\n" }.joined(), as: "right.tsv")
        let report = try decoded(
            Program.run(["evaluate", right, "--model", model, "--json"]).output, as: Report.self)
        let likelihood = try #require(report.likelihood)
        // 12 letters and the ends of 5 words.
        #expect(likelihood.pairs == 5 && likelihood.tokens == 17 && likelihood.words == 10)
        let (perToken, perWord) = try #require(
            likelihood.perplexityPerToken.flatMap { token in
                likelihood.perplexityPerWord.map { (token, $0) }
            })
        #expect(perToken > 1 && perToken < 1.2)
        #expect(abs(log(perToken) * 17 - log(perWord) * 10) < 1e-9)

        let scores = try decoded(Program.run(["score", right, "--model", model, "--json"]).output, as: Scores.self)
        #expect(abs(scores.totals.logProbability - likelihood.logProbability) < 1e-6)
        #expect(scores.scores.map(\.id) == (1...5).map { "right.tsv:\($0)" })
        #expect(scores.scores.map(\.tokens) == [4, 3, 2, 4, 4])
    }

    @Test func pairsAreScored() throws {
        let wrong = try folder.write("abc\tcba\nabc\tabc\nabc\t\nabc\tx\n \ta\n", as: "wrong.tsv")
        let result = try Program.run(["score", wrong, "--model", model])
        #expect(result.code == 1)
        #expect(result.errorLines.count == 2)
        #expect(result.errors.contains("wrong.tsv:4: the vocabulary lacks “x” (U+0078)"))
        #expect(result.errors.contains("wrong.tsv:5: expected a source text, found none"))
        let fields = result.outputLines.map { $0.split(separator: "\t").map { String($0) } }
        #expect(fields.map { $0[0] } == ["wrong.tsv:1", "wrong.tsv:2", "wrong.tsv:3"])
        let scores = fields.map { Double($0[1]) ?? .nan }
        #expect(scores[0] > -0.5 && scores[1] < scores[0] && scores[2] < scores[0])
    }

    @Test func manyPairsAreScoredInOrder() throws {
        // More than are judged before the first are put out.
        let count = 300
        let lines = (0..<count).map { _ in Self.words }.joined().prefix(count).map { "\($0)\tabc\n" }
        let many = try folder.write(lines.joined(), as: "many.tsv")
        let result = try Program.run(["score", many, "--model", model, "--threads", "1"])
        let scores = result.outputLines.map { $0.split(separator: "\t").map { String($0) } }
        #expect(scores.map { $0[0] } == (1...count).map { "many.tsv:\($0)" })
        let first = scores.prefix(Self.words.count).compactMap { Double($0[1]) }
        for (index, score) in scores.enumerated() {
            #expect(abs((Double(score[1]) ?? .nan) - first[index % first.count]) < 1e-4)
        }
    }

    @Test func pairsMayHaveFurtherColumns() throws {
        let three = try folder.write("abc\tcba\tCC\nde\ted\tCC\n", as: "three.tsv")
        let result = try Program.run(["score", three, "--model", model])
        #expect(result.code == 0 && result.outputLines.count == 2)
        let header = try folder.write("audio\tduration\ttext\na.wav\t1\ta\n", as: "header.tsv")
        let manifest = try Program.run(["score", header, "--model", model])
        #expect(manifest.code == 1 && manifest.errors.contains("expected a column “id” in the header line"))
    }

    @Test func whatCannotBeScoredIsNamedOnce() throws {
        let long = String(repeating: "a", count: 1001)
        let wrong = try folder.write("abc\txyz\n\(long)\ta\n\(long)\tb\nde\t\(long)\n", as: "wrong.tsv")
        let result = try Program.run(["evaluate", wrong, "--model", model, "--json"])
        #expect(result.code == 1)
        let tooLong = "expected at most 1000 tokens, found 1001"
        #expect(
            result.errorLines == [
                "steno: wrong.tsv:2: \(tooLong)",
                "steno: wrong.tsv:1: the vocabulary lacks “x” (U+0078), “y” (U+0079), “z” (U+007A), found in “xyz”",
                "steno: wrong.tsv:4: \(tooLong)",
            ])
        let likelihood = try #require(decoded(result.output, as: Report.self).likelihood)
        #expect(likelihood.pairs == 0 && !result.output.contains("perplexity"))
        #expect(!(try Program.run(["evaluate", wrong, "--model", model]).output.contains("perplexity")))
        #expect(try Program.run(["score", wrong, "--model", model]).errors.contains("wrong.tsv:4: \(tooLong)"))
    }

    @Test func pipesAreReadOnce() throws {
        let hypotheses = try folder.write("cba\ned\nf\ndef\nbac\nnothing\n", as: "hypotheses.txt")
        let input = [UInt8](try Data(contentsOf: URL(fileURLWithPath: pairs)))
        for path in ["-", "/dev/stdin"] {
            let result = try Program.run(["evaluate", path, "--hypotheses", hypotheses, "--json"], input: input)
            #expect(result.code == 0, "\(result.errors)")
            #expect(try decoded(result.output, as: Report.self).linesRight == 5)
            let scored = try Program.run(["score", path, "--model", model], input: input)
            #expect(scored.outputLines.count == 5, "\(scored.errors)")
            let named = Array("f\tf\nde\ted\n\nabc\tcba\ncab\tx\nfed\t\n".utf8)
            let other = try Program.run(["evaluate", pairs, "--hypotheses", path, "--json"], input: named)
            #expect(other.code == 0, "\(other.errors)")
            #expect(try decoded(other.output, as: Report.self).linesRight == 3)
            let speech = try Program.run(
                ["evaluate", path, "--hypotheses", try folder.write("u\tabc\n", as: "transcripts.tsv")],
                input: Array("id\taudio\tduration\ttext\nu\tu.wav\t1\tabc\n".utf8))
            #expect(speech.code == 0 && speech.output.hasPrefix("WER 0.0 %"), "\(speech.errors)")
        }
        #expect(try Program.run(["evaluate", "-", "--hypotheses", "-"], input: input).code == 64)
    }

    @Test func textsThatAreThereAreEvaluated() throws {
        func lines(_ hypotheses: String, _ code: Int32 = 0) throws -> Program.Result {
            let file = try folder.write(hypotheses, as: "hypotheses.txt")
            let result = try Program.run(["evaluate", pairs, "--hypotheses", file, "--json"])
            #expect(result.code == code, "\(result.errors)")
            return result
        }
        func right(_ hypotheses: String) throws -> Int {
            try decoded(lines(hypotheses).output, as: Report.self).linesRight
        }
        // A line for each source, for each pair, and by name; either answer will do.
        #expect(try right("another answer\ned\n\ndef\nbac\n") == 4)
        #expect(try right("cba\ned\nf\ndef\nbac\nnothing\n") == 5)
        #expect(try right("f\tf\nde\ted\nabc\tcba\ncab\tx\nfed\t\n") == 3)
        #expect(try lines("f\tf\n", 1).errors.contains("expected a line for “abc”, found none"))
        #expect(try lines("a\nb\n", 1).errors.contains("expected 6 lines for the pairs or 5 for the sources, found 2"))
    }

    @Test func pairsStandInColumnsOrInTwoFiles() throws {
        let columns = try folder.write(
            Self.words.map { "\(ReversingRun.reversed($0))\tx\t\($0)\n" }.joined(), as: "c.tsv")
        let sources = try folder.write(Self.words.map { "\($0)\n" }.joined(), as: "test.source")
        let targets = try folder.write(Self.words.map { "\(ReversingRun.reversed($0))\n" }.joined(), as: "test.target")
        for place in [[columns, "--source-column", "3", "--target-column", "1"], [sources, "--targets", targets]] {
            let result = try Program.run(["evaluate", "--model", model, "--json"] + place)
            #expect(result.code == 0, "\(result.errors)")
            #expect(try decoded(result.output, as: Report.self).linesRight == 5)
            let scored = try Program.run(["score", "--model", model] + place)
            #expect(scored.code == 0 && scored.outputLines.count == 5, "\(scored.errors)")
            let corpus = try Program.run(["evaluate", "--model", model, "--corpus", "x"] + place)
            #expect(corpus.code == 1 && corpus.errors.contains("found pairs of texts"))
        }
        let alone = try Program.run(["evaluate", sources, "--model", model])
        #expect(alone.code == 1 && alone.errorLines.count == 1 && alone.errors.contains("--targets"))
        try FileManager.default.createDirectory(atPath: folder.path("run"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: model, toPath: folder.path("run/model.safetensors"))
        let ofRun = try Program.run(["evaluate", sources, "--targets", targets, "--model", folder.path("run")])
        #expect(ofRun.code == 0, "\(ofRun.errors)")
        let noModel = try Program.run(["evaluate", pairs, "--model", sources])
        #expect(noModel.code == 1 && noModel.errors.contains("is no SafeTensors file"), "\(noModel.errors)")
        let short = try folder.write("cba\n", as: "short.target")
        let uneven = try Program.run(["evaluate", sources, "--targets", short, "--model", model])
        #expect(uneven.code == 1 && uneven.errorLines.count == 1 && uneven.errors.contains("short.target"))
        #expect(try Program.run(["evaluate", sources, "--targets", short, "--source-column", "2"]).code == 64)
        #expect(try Program.run(["evaluate", columns, "--source-column", "0"]).code == 64)
    }

    @Test func metricsHaveOptions() throws {
        struct Figures: Decodable {
            struct Group: Decodable { let shortest: Int, longest: Int?, lines: Int, bleu: Double }
            let lines: Int, bleu: Double, bleuSignature: String, chrfName: String, byLength: [Group]
        }
        let pairs = try folder.write("a b\tOne, two, three, four\na b\tx\na b c d e\t1 2 3 4 5\n", as: "p.tsv")
        let hypotheses = try folder.write("one, two, three, four\none, two, three, four\n1 2 3 4 5\n", as: "h.txt")
        func figures(_ options: String...) throws -> Figures {
            let result = try Program.run(["evaluate", pairs, "--hypotheses", hypotheses, "--json"] + options)
            return try decoded(result.output, as: Figures.self)
        }
        let standard = try figures()
        #expect(standard.lines == 2 && standard.bleu < 100 && standard.bleuSignature.contains("case:mixed"))
        #expect(standard.bleuSignature.contains("tok:13a") && standard.chrfName == "chrF2")
        #expect(standard.byLength.map(\.lines) == [1, 1] && standard.byLength.map(\.shortest) == [0, 5])
        #expect(standard.byLength[1].bleu > 99.99 && standard.byLength[1].longest == 8)
        #expect(try figures("--lowercase").bleu > 99.99)
        #expect(try figures("--tokeniser", "none", "--lowercase").bleuSignature.contains("case:lc|eff:no|tok:none"))
        #expect(try figures("--chrf-words", "2").chrfName == "chrF2++")
        #expect(try figures("--line-by-line").lines == 3)
        let shown = try Program.run(["evaluate", pairs, "--hypotheses", hypotheses, "--by-length"])
        #expect(shown.output.hasSuffix("5 to 8 words: BLEU 100.0, 1 lines\n"), "\(shown.output)")
    }

    @Test func modelsSearchTogether() throws {
        let result = try Program.run(["evaluate", pairs, "--model", model, "--model", model, "--json"])
        let report = try decoded(result.output, as: Report.self)
        #expect(result.code == 0 && report.linesRight == 5 && report.likelihood == nil, "\(result.errors)")
    }

    @Test func needlessOptionsAreRefused() throws {
        let hypotheses = try folder.write("cba\ned\nf\ndef\nbac\n", as: "hypotheses.txt")
        let given = try Program.run(["evaluate", pairs, "--hypotheses", hypotheses, "--beam", "3"])
        #expect(given.code == 64 && given.errors.contains("--beam is of no use with --hypotheses"), "\(given.errors)")
        let manifest = try folder.write("id\taudio\tduration\ttext\nu\tu.wav\t1\tabc\n", as: "manifest.tsv")
        for option in [["--lowercase"], ["--minimum-tokens", "2"], ["--tokeniser", "none"]] {
            let speech = try Program.run(["evaluate", manifest] + option)
            #expect(
                speech.code == 64 && speech.errors == "steno: \(option[0]) is for pairs of texts\n", "\(speech.errors)")
        }
    }

    @Test func differencesAreAligned() throws {
        let file = try folder.write("cba\ned\nf\nfed\nbac\n", as: "hypotheses.txt")
        let result = try Program.run(["evaluate", pairs, "--hypotheses", file, "--differences"])
        #expect(result.output.hasPrefix("pairs.tsv:4 fed\nREF: def\nHYP: fed\n     S\n"), "\(result.output)")
    }

    @Test func modelAndDataAreOfOneKind() throws {
        let audio = folder.path("audio.safetensors")
        try tinyModel().write(to: audio, matrices: .float16)
        let manifest = try folder.write("id\taudio\tduration\ttext\nu\tu.wav\t1\tabc\n", as: "manifest.tsv")
        for verb in ["evaluate", "score"] {
            let text = try Program.run([verb, pairs, "--model", audio])
            #expect(text.code == 1 && text.errorLines.count == 1)
            #expect(text.errors.contains("expected a model that reads text"))
            let speech = try Program.run([verb, manifest, "--model", model])
            #expect(speech.code == 1 && speech.errorLines.count == 1)
            #expect(speech.errors.contains("expected a model that reads audio"))
            #expect(try Program.run([verb, pairs, "--model", model, "--ctc-weight", "0.3"]).code == 64)
            let corpus = try Program.run([verb, pairs, "--model", model, "--corpus", "x"])
            #expect(corpus.code == 1 && corpus.errors.contains("found pairs of texts"))
        }
    }
}
