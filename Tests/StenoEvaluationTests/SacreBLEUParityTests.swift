import Foundation
import StenoEvaluation
import Testing

/// What `Goldens/sacrebleu_scores.py` wrote.
struct SacreBLEUGoldens: Decodable, Sendable {
    struct Tokens: Decodable, Sendable {
        let line: String
        let tokens: [String]
    }

    struct Corpus: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let hypotheses: [String]
        let references: [[String]]
        let bleu: [BLEUScore]
        let chrF: [ChrFScore]

        var testDescription: String { name }
    }

    struct BLEUScore: Decodable, Sendable {
        let options: BLEU.Options
        let score: Double
        let precisions: [Double]
        let brevityPenalty: Double
        let matches: SIMD4<Int>
        let totals: SIMD4<Int>
        let hypothesisLength: Int
        let referenceLength: Int
        let ratio: Double
        let signature: String
        let text: String
        /// Score of each line, to six digits.
        let lines: [Double]?
    }

    struct ChrFScore: Decodable, Sendable {
        let options: ChrF.Options
        let score: Double
        let signature: String
        let text: String
        /// Score of each line, to six digits.
        let lines: [Double]?
    }

    let tokens: [Tokens]
    let corpora: [Corpus]

    static func read() throws -> SacreBLEUGoldens {
        let url = try #require(
            Bundle.module.url(forResource: "sacrebleu", withExtension: "json", subdirectory: "Goldens"))
        return try JSONDecoder().decode(SacreBLEUGoldens.self, from: Data(contentsOf: url))
    }
}

@Suite struct SacreBLEUParityTests {
    @Test func tokensEqualSacreBLEUs() throws {
        for golden in try SacreBLEUGoldens.read().tokens {
            // As bytes, because composed and decomposed accents are different here.
            let found = BLEUTokeniser.mteval13a.tokens(of: golden.line).map { Array($0.utf8) }
            #expect(found == golden.tokens.map { Array($0.utf8) }, "\(golden.line.debugDescription)")
        }
    }

    @Test(arguments: try SacreBLEUGoldens.read().corpora)
    func bleuEqualsSacreBLEUs(_ corpus: SacreBLEUGoldens.Corpus) {
        for golden in corpus.bleu {
            let bleu = BLEU(references: corpus.references, hypotheses: corpus.hypotheses, options: golden.options)
            #expect(bleu.total.matches == golden.matches && bleu.total.totals == golden.totals)
            #expect(bleu.total.hypothesisLength == golden.hypothesisLength)
            #expect(bleu.total.referenceLength == golden.referenceLength)
            #expect(isNear(bleu.score, golden.score), "\(bleu.score) for \(golden.score), \(golden.signature)")
            #expect(zip(bleu.precisions, golden.precisions).allSatisfy(isNear))
            #expect(isNear(bleu.brevityPenalty, golden.brevityPenalty) && isNear(bleu.lengthRatio, golden.ratio))
            expectNear(bleu.lineScores, golden.lines, golden.signature)
            #expect(bleu.signature == golden.signature + "+steno")
            #expect(bleu.description.replacing("+steno", with: "") == golden.text)
        }
    }

    @Test(arguments: try SacreBLEUGoldens.read().corpora)
    func chrFEqualsSacreBLEUs(_ corpus: SacreBLEUGoldens.Corpus) {
        for golden in corpus.chrF {
            let chrF = ChrF(references: corpus.references, hypotheses: corpus.hypotheses, options: golden.options)
            #expect(isNear(chrF.score, golden.score), "\(chrF.score) for \(golden.score), \(golden.signature)")
            expectNear(chrF.lineScores, golden.lines, golden.signature)
            #expect(chrF.signature == golden.signature + "+steno")
            #expect(chrF.description.replacing("+steno", with: "") == golden.text)
        }
    }

    private func expectNear(_ found: [Double], _ lines: [Double]?, _ signature: String) {
        guard let lines else { return }
        #expect(found.count == lines.count)
        for (index, (a, b)) in zip(found, lines).enumerated() {
            #expect(abs(a - b) < 6e-7, "line \(index), \(signature)")
        }
    }

    /// Far below the last digit that is printed.
    private func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 * max(abs(a), abs(b), 1e-3) }
}
