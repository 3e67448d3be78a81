import Glibc
import StenoDecoding
import StenoModels
import StenoTensor
import StenoText
import Testing

/// The search with a model's attention and CTC.
@Suite struct SearchTests {
    /// Every text's score by the definition, the best first.
    private func exhaustive(
        _ tiny: TinyModel, _ encoded: Encoded, scorer: TextScorer, on tape: Tape
    ) -> [(tokens: [Int32], score: TextScore)] {
        allTexts(of: tiny.characters, upTo: encoded.lengths[0]).map {
            ($0, scorer(encoded, texts: [$0], on: tape)[0])
        }.sorted { $0.score.score > $1.score.score }
    }

    @Test(arguments: [0, 0.3, 0.7, 1], [(0, 0), (0.5, 0), (-0.4, 0), (0, 0.6), (0.3, 1.5)])
    func aWideBeamFindsTheBestOfAllTexts(_ ctcWeight: Double, _ shape: (bonus: Double, penalty: Double)) throws {
        for seed in UInt64(1)...6 {
            let tiny = TinyModel(characters: seed % 2 == 0 ? 3 : 2, seed: seed, scale: seed > 3 ? 12 : 4)
            let tape = tiny.tape()
            let encoded = tiny.encoded(steps: [seed % 2 == 0 ? 4 : 6], seed: seed + 50, on: tape)
            var options = tiny.options(ctcWeight: ctcWeight, lengthBonus: shape.bonus)
            options.languageWeight = 0.6
            options.lengthPenalty = shape.penalty
            let language = seed % 3 == 0 ? try tiny.language(seed: seed) : nil
            let scorer = TextScorer(model: tiny.model, language: language, options: options)
            let found = Search(model: tiny.model, language: language, options: options)(
                encoded, nBest: 5, on: tape)[0]
            let expected = exhaustive(tiny, encoded, scorer: scorer, on: tape).filter { $0.score.score > -60 }.prefix(
                5)
            #expect(found.first?.tokens == expected.first?.tokens, "seed \(seed)")
            for (found, expected) in zip(found, expected) {
                // Equal up to rounding may stand in either order.
                #expect(abs(found.score - expected.score.score) < 1e-4, "seed \(seed)")
            }
            for hypothesis in found where hypothesis.score > -60 {
                let score = scorer(encoded, texts: [hypothesis.tokens], on: tape)[0]
                #expect(abs(score.score - hypothesis.score) < 1e-4)
                if let attention = hypothesis.attentionLogProbability {
                    #expect(abs(attention - score.attentionLogProbability) < 1e-4)
                }
                if let ctc = hypothesis.ctcLogProbability {
                    #expect(abs(ctc - (score.ctcLogProbability ?? .nan)) < 1e-4)
                }
                #expect((hypothesis.languageLogProbability == nil) == (language == nil))
                if let said = hypothesis.languageLogProbability, let expected = score.languageLogProbability {
                    #expect(abs(said - expected) < 1e-4)
                }
            }
        }
    }

    @Test(arguments: [0, 0.3])
    func severalModelsFindTheBestOfAllTextsByTheirMean(_ ctcWeight: Double) throws {
        for seed in UInt64(1)...4 {
            let models = (0..<3).map { TinyModel(characters: 3, seed: 10 * seed + $0) }
            let tapes = models.map { $0.tape() }
            let encoded = zip(models, tapes).map { $0.encoded(steps: [4], seed: seed, on: $1) }
            let options = models[0].options(ctcWeight: ctcWeight)
            let expected = allTexts(of: models[0].characters, upTo: 4).map { text in
                let scores = models.indices.map {
                    TextScorer(model: models[$0].model, options: options)(encoded[$0], texts: [text], on: tapes[$0])[0]
                }
                let mean = scores.reduce(0) { $0 + $1.attentionLogProbability } / 3
                let ctc = ctcWeight > 0 ? ctcWeight * (scores[0].ctcLogProbability ?? .nan) : 0
                return (tokens: text, mean: mean, score: (1 - ctcWeight) * mean + ctc)
            }.sorted { $0.score > $1.score }
            let found = Search(model: models[0].model, options: options)(
                encoded[0],
                members: (1...2).map { Search.Member(models[$0].model, encoded: encoded[$0], on: tapes[$0]) }, nBest: 4,
                on: tapes[0])[0]
            for (found, expected) in zip(found, expected) where expected.score > -60 {
                #expect(found.tokens == expected.tokens)
                #expect(abs(found.score - expected.score) < 1e-4)
                #expect(abs((found.attentionLogProbability ?? .nan) - expected.mean) < 1e-4)
            }
        }
    }

    /// A model that says nothing new, three times over, is as it is alone, in batches spread over workers too.
    @Test func aModelAgreesWithItself() {
        let tiny = TinyModel(characters: 5, seed: 31, scale: 8)
        let (tape, other) = (tiny.tape(), tiny.tape())
        let steps = [9, 0, 14, 1, 30]
        let search = Search(model: tiny.model, options: tiny.options(beam: 3, ctcWeight: 0))
        let encoded = tiny.encoded(steps: steps, seed: 4, on: tape)
        let alone = search(encoded, nBest: 3, on: tape)
        let member = Search.Member(tiny.model, encoded: tiny.encoded(steps: steps, seed: 4, on: other), on: other)
        let together = search(encoded, members: [member, member], nBest: 3, on: tape)
        #expect(together.map { $0.map(\.tokens) } == alone.map { $0.map(\.tokens) })
    }

    @Test(arguments: [0.7, 1, 1.5])
    func textsAreDrawnByTheirProbabilities(_ temperature: Double) {
        let tiny = TinyModel(characters: 2, seed: 5, scale: 3)
        let tape = tiny.tape()
        let encoded = tiny.encoded(steps: [2], seed: 3, on: tape)
        let options = tiny.options(beam: 8, ctcWeight: 0)
        let memory = tiny.model.decoder.memory(encoded, on: tape)
        let state = tiny.model.decoder.initialState(memory, items: [0], on: tape)
        let logits = tiny.model.decoder.step(
            [Int32(Vocabulary.start)], state: state, memory: memory, owners: [0], on: tape
        ).logits.values.dropFirst(Vocabulary.end).map { exp(Double($0) / temperature) }
        var counts = [Int](repeating: 0, count: logits.count)
        let draws = 4000
        for seed in 0..<UInt64(draws) {
            let search = Search(
                model: tiny.model, options: options, sampling: .init(temperature: temperature, seeds: [seed]))
            let drawn = search(encoded, on: tape)[0][0]
            counts[Int(drawn.tokens.first ?? Int32(Vocabulary.end)) - Vocabulary.end] += 1
            if seed < 20 && !drawn.isCut {
                #expect(abs(drawn.score - (drawn.attentionLogProbability ?? .nan)) < 1e-4)
            }
        }
        for (count, logit) in zip(counts, logits) {
            let share = logit / logits.reduce(0, +)
            #expect(abs(Double(count) / Double(draws) - share) < 5 * sqrt(share * (1 - share) / Double(draws)))
        }
    }

    @Test(arguments: UInt64(1)...8)
    func aBeamOfOneIsGreedy(_ seed: UInt64) {
        let tiny = TinyModel(characters: 4, seed: seed)
        let tape = tiny.tape()
        let encoded = tiny.encoded(steps: [7, 12, 3], seed: seed, on: tape)
        let memory = tiny.model.decoder.memory(encoded, on: tape)
        let found = Search(model: tiny.model, options: tiny.options(beam: 1, ctcWeight: 0))(encoded, on: tape)
        for (item, limit) in encoded.lengths.enumerated() {
            var (tokens, last, score): ([Int32], Int32, Double) = ([], Int32(Vocabulary.start), 0)
            var state = tiny.model.decoder.initialState(memory, items: [item], on: tape)
            var isCut = false
            while true {
                let step = tiny.model.decoder.step([last], state: state, memory: memory, owners: [item], on: tape)
                let scores = tape.logSoftmax(step.logits).values
                last = (Int32(Vocabulary.end)..<Int32(scores.count)).max { scores[Int($0)] < scores[Int($1)] } ?? 0
                isCut = last != Int32(Vocabulary.end) && tokens.count == limit
                if isCut { break }
                score += Double(scores[Int(last)])
                if last == Int32(Vocabulary.end) { break }
                tokens.append(last)
                state = step.state
            }
            #expect(found[item][0].tokens == tokens)
            #expect(found[item][0].isCut == isCut)
            #expect(abs(found[item][0].score - score) < 1e-4)
        }
    }

    @Test(arguments: [0, 0.4, 1], [1, 3, 9])
    func aBatchGivesWhatEachUtteranceGivesAlone(_ ctcWeight: Double, _ beam: Int) {
        let tiny = TinyModel(characters: 5, seed: 77, scale: 8)
        let steps = [9, 0, 14, 1, 30]
        let options = tiny.options(beam: beam, ctcWeight: ctcWeight)
        let tape = tiny.tape()
        let search = Search(model: tiny.model, options: options)
        let together = search(tiny.encoded(steps: steps, seed: 4, on: tape), nBest: 3, on: tape)
        for item in steps.indices {
            let alone = search(tiny.encoded(item, steps: steps, seed: 4, on: tape), nBest: 3, on: tape)[0]
            #expect(alone.map(\.tokens) == together[item].map(\.tokens))
            #expect(alone.map(\.steps) == together[item].map(\.steps))
            for (a, b) in zip(alone, together[item]) { #expect(abs(a.score - b.score) < 1e-4) }
        }
    }

    @Test(arguments: [0, 0.3, 1])
    func nothingToHearIsTheEmptyText(_ ctcWeight: Double) {
        let tiny = TinyModel(seed: 1)
        let tape = tiny.tape()
        let options = tiny.options(beam: 4, ctcWeight: ctcWeight)
        let encoded = tiny.encoded(steps: [0, 3], seed: 1, on: tape)
        let found = Search(model: tiny.model, options: options)(encoded, nBest: 2, on: tape)
        #expect(found[0].count == 1)
        #expect(found[0][0].tokens.isEmpty && found[0][0].score == 0 && !found[0][0].isCut)
        let none = Search(model: tiny.model, options: options)(
            tiny.encoded(steps: [0], seed: 1, on: tape), on: tape)
        #expect(none.map { $0.map(\.tokens) } == [[[]]])
    }

    @Test(arguments: [0, 0.3], [1, 8])
    func aDecoderThatNeverEndsIsCut(_ ctcWeight: Double, _ beam: Int) {
        let tiny = TinyModel(characters: 9, seed: 3)
        tiny["decoder.output.bias"].pointer[Vocabulary.end] = -10_000
        let tape = tiny.tape()
        for tokensPerStep in [0.5, 1, 2] {
            var options = tiny.options(beam: beam, ctcWeight: ctcWeight)
            options.tokensPerStep = tokensPerStep
            let steps = [5, 16]
            let found = Search(model: tiny.model, options: options)(
                tiny.encoded(steps: steps, seed: 2, on: tape), nBest: 4, on: tape)
            for (hypotheses, steps) in zip(found, steps) {
                #expect(!hypotheses.isEmpty && hypotheses.count <= 4)
                for hypothesis in hypotheses {
                    #expect(hypothesis.tokens.count <= Int(tokensPerStep * Double(steps)))
                    // CTC alone may forbid all but the end.
                    #expect(hypothesis.isCut || (ctcWeight > 0 && hypothesis.score < -1000))
                    if ctcWeight == 0 { #expect(hypothesis.tokens.count == Int(tokensPerStep * Double(steps))) }
                }
            }
        }
    }

    @Test(arguments: [0, 0.3, 1])
    func stepsLieWithinTheUtterance(_ ctcWeight: Double) {
        let tiny = TinyModel(characters: 4, seed: 9)
        let tape = tiny.tape()
        let encoded = tiny.encoded(steps: [20, 6, 11], seed: 6, on: tape)
        let found = Search(model: tiny.model, options: tiny.options(beam: 4, ctcWeight: ctcWeight))(
            encoded, keepsAttention: true, on: tape)
        for (hypotheses, length) in zip(found, encoded.lengths) {
            let hypothesis = hypotheses[0]
            #expect(hypothesis.steps.count == hypothesis.tokens.count)
            #expect(hypothesis.steps.allSatisfy { $0 >= 0 && $0 < length })
            if ctcWeight > 0 { #expect(zip(hypothesis.steps, hypothesis.steps.dropFirst()).allSatisfy { $0 < $1 }) }
            if ctcWeight < 1 {
                #expect(hypothesis.attention.count == hypothesis.tokens.count)
                for row in hypothesis.attention { #expect(abs(row.reduce(0, +) - 1) < 1e-4) }
            }
            if ctcWeight == 0 {
                for (row, step) in zip(hypothesis.attention, hypothesis.steps) { #expect(row[step] == row.max()) }
            }
        }
    }
}
