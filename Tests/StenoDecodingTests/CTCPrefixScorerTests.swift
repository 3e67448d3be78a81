import CKernels
import Glibc
import StenoDecoding
import StenoTensor
import StenoText
import Testing

@Suite struct CTCPrefixScorerTests {
    private static func posteriors(
        steps: [Int], symbols: Int, seed: UInt64, scale: Float, on tape: Tape
    ) -> Posteriors {
        var random = RandomStream(key: seed)
        let logits = Tensor(zeros: [steps.count, steps.max() ?? 0, symbols])
        for index in 0..<logits.count { logits.pointer[index] = scale * random.normal() }
        return Posteriors(logits, lengths: steps, on: tape)
    }

    /// All continuations by a character of all rows.
    private static func everyContinuation(of rows: Int, characters: Range<Int32>) -> Continuations {
        var continuations = Continuations()
        for row in 0..<rows {
            for character in characters {
                continuations.parents.append(row)
                continuations.tokens.append(character)
            }
        }
        return continuations
    }

    @Test(arguments: [1, 3, 8] as [Float])
    func scoresAreSumsOverAllAlignments(_ scale: Float) {
        let (symbols, steps, tape) = (5, [5, 1, 4], Tape(Weights(zeros: Layout()), workers: Workers(count: 2)))
        let posteriors = Self.posteriors(steps: steps, symbols: symbols, seed: 5, scale: scale, on: tape)
        let paths = steps.indices.map { allPaths(posteriors.logProbabilities[$0], steps: steps[$0]) }
        func probability(_ item: Int, where holds: ([Int32]) -> Bool) -> Double {
            paths[item].reduce(0) { holds($1.text) ? $0 + exp($1.logProbability) : $0 }
        }
        var scorer = CTCPrefixScorer(posteriors, items: [0, 1, 2], on: tape)
        var texts: [(item: Int, tokens: [Int32])] = steps.indices.map { ($0, []) }
        for _ in 0...3 {
            let scores = scorer.scores(on: tape)
            var possible = Continuations()
            for (row, (item, tokens)) in texts.enumerated() {
                let prefix = probability(item) { $0.starts(with: tokens) }
                let end = Double(scores[row].pointer[Vocabulary.end])
                let whole = probability(item) { $0 == tokens }
                #expect(whole == 0 ? end == -.infinity : abs(end - log(whole / prefix)) < 1e-4, "\(tokens)")
                for character in Int32(Vocabulary.end + 1)..<Int32(symbols) {
                    let score = Double(scores[row].pointer[Int(character)])
                    let longer = probability(item) { $0.starts(with: tokens + [character]) }
                    #expect(
                        longer == 0 ? score == -.infinity : abs(score - log(longer / prefix)) < 1e-4,
                        "\(tokens) and \(character)")
                    if longer > 0 {
                        possible.parents.append(row)
                        possible.tokens.append(character)
                    }
                }
            }
            scorer.advance(to: possible, on: tape)
            texts = zip(possible.parents, possible.tokens).map { (texts[$0].item, texts[$0].tokens + [$1]) }
        }
    }

    /// A text that goes on as long as an hour's worth of steps keeps its digits.
    @Test func longUtterancesLoseNoDigits() {
        let (symbols, steps, tape) = (6, 3000, Tape(Weights(zeros: Layout())))
        let posteriors = Self.posteriors(steps: [steps], symbols: symbols, seed: 2, scale: 3, on: tape)
        let text = bestPath(posteriors.logProbabilities, lengths: [steps])[0].filter { $0 > Int32(Vocabulary.end) }
        var scorer = CTCPrefixScorer(posteriors, items: [0], on: tape)
        var sum = 0.0
        for token in text {
            sum += Double(scorer.scores(on: tape).pointer[Int(token)])
            var next = Continuations()
            (next.parents, next.tokens) = ([0], [token])
            scorer.advance(to: next, on: tape)
        }
        sum += Double(scorer.scores(on: tape).pointer[Vocabulary.end])
        let (_, losses) = tape.ctcLoss(
            Variable(constant: posteriors.logProbabilities), lengths: [steps], labels: [text],
            blank: Int32(Vocabulary.blank), weights: [1])
        #expect(text.count > 500)
        #expect(abs(sum + losses[0]) < 1e-5 * losses[0], "\(sum) and \(losses[0])")
    }

    @Test func allInstructionSetsAgree() async {
        await #expect(processExitsWith: .success) {
            func everything() -> [Float] {
                let tape = Tape(Weights(zeros: Layout()))
                let posteriors = Self.posteriors(steps: [23, 40], symbols: 7, seed: 3, scale: 3, on: tape)
                var scorer = CTCPrefixScorer(posteriors, items: [0, 1], on: tape)
                var values: [Float] = []
                var rows = 2
                for _ in 0..<3 {
                    values += scorer.scores(on: tape).values
                    scorer.advance(to: Self.everyContinuation(of: rows, characters: 3..<7), on: tape)
                    rows *= 4
                }
                let alignment = ForcedAlignment(of: [3, 3, 4, 5, 6, 3], in: posteriors, item: 1)
                values += alignment?.spans.flatMap { [Float($0.lowerBound), Float($0.upperBound)] } ?? []
                values += bestPath(posteriors.logProbabilities, lengths: [23, 40]).joined().map { Float($0) }
                return values
            }
            #expect(steno_isa_select(STENO_ISA_GENERIC) == 0)
            let generic = everything()
            for set in [STENO_ISA_AVX2, STENO_ISA_AVX512] where set.rawValue <= steno_isa_best().rawValue {
                #expect(steno_isa_select(set) == 0)
                let values = everything()
                #expect(values.count == generic.count)
                #expect(zip(values, generic).allSatisfy { $0 == $1 || abs($0 - $1) < 1e-4 * max(1, abs($1)) })
            }
        }
    }
}
