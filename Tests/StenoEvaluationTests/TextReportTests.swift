import Foundation
import StenoEvaluation
import Testing

@Suite struct AnswerGroupsTests {
    @Test func pairsWithOneSourceAreOneItem() {
        let groups = AnswerGroups(
            [("read", "r eh d"), ("lead", "l iy d"), ("read", "r iy d"), ("read", "r eh d"), ("lead", "l eh d")]
                .map { (source: $0, answer: $1) })
        #expect(groups.sources == ["read", "lead"])
        #expect(groups.answers == [["r eh d", "r iy d"], ["l iy d", "l eh d"]])
        #expect(groups.firstPairs == [0, 1])
    }

    @Test func nothingIsNoItem() {
        #expect(AnswerGroups([(source: String, answer: String)]()).sources.isEmpty)
    }
}

@Suite struct SeveralAnswersTests {
    @Test func whatEqualsAnyAnswerIsRight() {
        let rate = ErrorRate(
            unit: .words, answers: [["r eh d", "r iy d"], ["l iy d", "l eh d"]], hypotheses: ["r iy d", "l iy d"])
        #expect(rate.total == ErrorCounts(hits: 6))
        #expect(rate.utterancesWithErrors == 0)
    }

    @Test func errorsAreThoseAgainstTheNearestAnswerOverItsLength() {
        var rate = ErrorRate(unit: .words)
        rate.add(answers: ["a b c d e f", "a b x", "q"], hypothesis: "a b c")
        #expect(rate.total == ErrorCounts(hits: 2, substitutions: 1))
        #expect(rate.rate == 1.0 / 3)
    }

    @Test(arguments: [["a b", "a b c d"], ["a b c d", "a b"]])
    func ofEquallyNearAnswersTheLongestCounts(answers: [String]) {
        var rate = ErrorRate(unit: .words)
        rate.add(answers: answers, hypothesis: "a b c")
        #expect(rate.total == ErrorCounts(hits: 3, deletions: 1))
    }

    @Test func oneAnswerCountsAsAlways() {
        let (references, hypotheses) = (["a stately ship", "sailed", ""], ["a lately ship", "", "off"])
        for unit in TextUnit.allCases {
            let one = ErrorRate(unit: unit, references: references, hypotheses: hypotheses)
            #expect(ErrorRate(unit: unit, answers: references.map { [$0] }, hypotheses: hypotheses) == one)
        }
    }
}

@Suite struct TextReportTests {
    private let references = [["the cat sat on the mat"], ["a dog", "the dog"], ["it rains today , again"]]
    private let hypotheses = ["the cat sat on a mat", "the  dog", "it rains again"]

    @Test func figuresAreThoseOfTheirMeasures() {
        let report = TextReport(references: references, hypotheses: hypotheses)
        let bleu = BLEU(references: references, hypotheses: hypotheses)
        let chrF = ChrF(references: references, hypotheses: hypotheses)
        #expect(report.bleu == bleu.score && report.bleuPrecisions == bleu.precisions)
        #expect(report.brevityPenalty == bleu.brevityPenalty && report.bleuSignature == bleu.signature)
        #expect(report.hypothesisTokens == 11 && report.referenceTokens == 13)
        #expect(report.chrF == chrF.score && report.chrFSignature == chrF.signature && report.chrFName == "chrF2")
        #expect(report.lines == 3 && report.linesRight == 1)
        #expect(report.words == 13 && report.wordErrors == ErrorCounts(hits: 10, substitutions: 1, deletions: 2))
        #expect(report.characterErrors.errors == 3 + 1 + 8)
    }

    @Test func intervalsHoldTheirFigures() {
        let (references, hypotheses) = (
            (0..<60).map { ["the cat number \($0) sat on the mat by the door"] },
            (0..<60).map { "the cat number \($0 % 7) sat on \($0 % 3 == 0 ? "the" : "a") mat by the door" }
        )
        let report = TextReport(references: references, hypotheses: hypotheses)
        #expect(report.bleuLower < report.bleu && report.bleu < report.bleuUpper)
        #expect(report.chrFLower < report.chrF && report.chrF < report.chrFUpper)
        #expect(report.werLower < report.wer && report.wer < report.werUpper)
        #expect(report == TextReport(references: references, hypotheses: hypotheses), "the same seed, the same bounds")
        #expect(report != TextReport(references: references, hypotheses: hypotheses, seed: 1))
    }

    @Test func equalTextsAreAHundredPerCent() {
        let report = TextReport(references: [["a b c d"], ["e f g h"]], hypotheses: ["a b c d", "e f g h"])
        #expect(abs(report.bleu - 100) < 1e-9 && report.chrF == 100 && report.linesRightPerCent == 100)
        #expect(abs(report.bleuLower - 100) < 1e-9 && report.chrFUpper == 100 && report.wer == 0 && report.cer == 0)
    }

    @Test func ofNothingThereAreNoFigures() {
        let report = TextReport(references: [], hypotheses: [])
        #expect(report.lines == 0 && report.bleu == 0 && report.chrF == 0 && report.linesRightPerCent == 0)
        #expect(report.bleuSignature.hasPrefix("nrefs:var|"))
    }

    @Test func optionsReachTheMeasures() {
        var (bleu, chrF) = (BLEU.Options(), ChrF.Options())
        (bleu.tokeniser, bleu.lowercases, chrF.wordOrder) = (.none, true, 2)
        let report = TextReport(references: [["A b."]], hypotheses: ["a B."], bleu: bleu, chrF: chrF)
        #expect(report.bleuSignature.contains("case:lc|eff:no|tok:none"))
        #expect(report.chrFName == "chrF2++" && report.chrFSignature.contains("nw:2"))
    }

    @Test func keysAreAsDocumented() throws {
        let report = TextReport(references: references, hypotheses: hypotheses)
        let data = try JSONEncoder().encode(report)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        for key in ["lines", "lines_right_per_cent", "bleu", "bleu_signature", "chrf", "wer", "cer", "word_errors"] {
            #expect(object[key] != nil, "\(key)")
        }
        #expect(try JSONDecoder().decode(TextReport.self, from: data) == report)
    }

    @Test func aPersonReadsAFewLines() {
        let report = TextReport(references: [["a b c d e"]], hypotheses: ["a b c d f"])
        #expect(
            report.description == """
                BLEU 66.87 (95 %: 66.87 to 66.87), 80.0/75.0/66.7/50.0, brevity penalty 1.000, 5 tokens for 5 of the \
                references
                chrF2 54.33 (95 %: 54.33 to 54.33)
                WER 20.00 % (95 %: 20.00 % to 20.00 %), 1 errors in 5 words
                CER 11.11 %, 1 errors in 9 characters
                0 of 1 lines right (0.00 %)
                BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0+steno
                chrF2|nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0+steno
                """)
    }
}
