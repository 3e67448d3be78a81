import Glibc
import StenoDecoding
import StenoTensor
import StenoText
import Testing

@Suite struct NGramScorerTests {
    @Test(arguments: UInt64(1)...4)
    func scoresAreTheModels(_ seed: UInt64) throws {
        let tiny = TinyModel(characters: 3, seed: seed)
        let model = try tiny.language(seed: seed)
        let tape = tiny.tape()
        for text in allTexts(of: tiny.characters, upTo: 4) {
            var scorer = NGramScorer(model, rows: 1)
            var sum = 0.0
            for token in text + [Int32(Vocabulary.end)] {
                let scores = scorer.scores(on: tape).values
                #expect(abs(scores.reduce(0) { $0 + exp($1) } - 1) < 1e-5)
                #expect(scores.allSatisfy { $0 <= 0 })
                sum += Double(scores[Int(token)])
                scorer.advance(to: continuations([0], [token]), on: tape)
            }
            #expect(abs(sum - model.logProbability(of: text)) < 1e-4)
        }
    }

    /// Rows are other rows' continuations: some go on twice, others not at all.
    @Test func rowsFollowTheSearch() throws {
        let tiny = TinyModel(characters: 3, seed: 1)
        let model = try tiny.language(seed: 5)
        let tape = tiny.tape()
        var random = RandomStream(key: 3)
        var texts: [[Int32]] = [[], [], []]
        var together = NGramScorer(model, rows: texts.count)
        for _ in 0..<8 {
            let scores = together.scores(on: tape)
            for (row, text) in texts.enumerated() {
                var alone = NGramScorer(model, rows: 1)
                for token in text { alone.advance(to: continuations([0], [token]), on: tape) }
                #expect(alone.scores(on: tape).values == scores[row].values)
            }
            let parents = (0..<Int(1 + random.next() % 6)).map { _ in Int(random.next() % UInt64(texts.count)) }
                .sorted()
            let tokens = parents.map { _ in tiny.characters[Int(random.next() % 3)] }
            together.advance(to: continuations(parents, tokens), on: tape)
            texts = zip(parents, tokens).map { texts[$0] + [$1] }
        }
    }

    private func continuations(_ parents: [Int], _ tokens: [Int32]) -> Continuations {
        var continuations = Continuations()
        (continuations.parents, continuations.tokens) = (parents, tokens)
        return continuations
    }
}
