import Glibc
import StenoDecoding
import StenoTensor
import StenoText
import Testing

/// Scores and alignments of given texts.
@Suite struct KnownTextTests {
    @Test(arguments: UInt64(1)...3)
    func alignmentsAreTheBestOfAll(_ seed: UInt64) throws {
        let tiny = TinyModel(seed: seed)
        let tape = tiny.tape()
        let steps = [5, 3, 1, 0]
        let encoded = tiny.encoded(steps: steps, seed: seed, on: tape)
        let posteriors = Posteriors(tiny.model.ctc(encoded, on: tape).value, lengths: steps, on: tape)
        for item in steps.indices {
            let paths = allPaths(posteriors.logProbabilities[item], steps: steps[item])
            for text in allTexts(of: tiny.characters, upTo: 4) {
                let expected = paths.filter { $0.text == text }.map(\.logProbability).max()
                let texts = steps.indices.map { $0 == item ? text : [] }
                let alignment = Aligner(model: tiny.model)(encoded, texts: texts, on: tape)[item]
                guard let expected else {
                    #expect(alignment == nil, "\(text) in \(steps[item]) steps")
                    continue
                }
                let found = try #require(alignment, "\(text) in \(steps[item]) steps")
                #expect(abs(found.logProbability - expected) < 1e-4)
                // The path of the spans, blanks between them, spells the text and has that probability.
                var path = [Int32](repeating: Int32(Vocabulary.blank), count: steps[item])
                for (span, token) in zip(found.spans, text) { for step in span { path[step] = token } }
                let same = try #require(paths.first { $0.path == path })
                #expect(same.text == text)
                #expect(abs(same.logProbability - expected) < 1e-4)
            }
        }
    }

    @Test func scoresAreThoseOfStepByStepDecodingAndOfAllAlignments() {
        let tiny = TinyModel(characters: 3, seed: 12)
        let tape = tiny.tape()
        let steps = [4, 0, 3]
        let texts: [[Int32]] = [[3, 3, 5], [], [4, 4]]
        let encoded = tiny.encoded(steps: steps, seed: 8, on: tape)
        let options = tiny.options(ctcWeight: 0.25, lengthBonus: 0.1)
        let scores = TextScorer(model: tiny.model, options: options)(encoded, texts: texts, on: tape)
        let memory = tiny.model.decoder.memory(encoded, on: tape)
        let posteriors = Posteriors(tiny.model.ctc(encoded, on: tape).value, lengths: steps, on: tape)
        for item in [0, 2] {
            var state = tiny.model.decoder.initialState(memory, items: [item], on: tape)
            var (last, attention) = (Int32(Vocabulary.start), 0.0)
            for token in texts[item] + [Int32(Vocabulary.end)] {
                let step = tiny.model.decoder.step([last], state: state, memory: memory, owners: [item], on: tape)
                attention += Double(tape.logSoftmax(step.logits).values[Int(token)])
                (state, last) = (step.state, token)
            }
            let ctc = log(
                allPaths(posteriors.logProbabilities[item], steps: steps[item]).filter { $0.text == texts[item] }
                    .reduce(0) { $0 + exp($1.logProbability) })
            #expect(abs(scores[item].attentionLogProbability - attention) < 1e-4)
            #expect(abs((scores[item].ctcLogProbability ?? .nan) - ctc) < 1e-4)
            let sum = 0.75 * attention + 0.25 * ctc + 0.1 * Double(texts[item].count)
            #expect(abs(scores[item].score - sum) < 1e-4)
        }
        #expect(scores[1].score == 0)
    }

    @Test func aTextThatDoesNotFitIsImpossibleForCTCAlone() {
        let tiny = TinyModel(seed: 2)
        let tape = tiny.tape()
        let encoded = tiny.encoded(steps: [3, 0], seed: 2, on: tape)
        let texts: [[Int32]] = [[3, 3, 3], [3]]
        let scores = TextScorer(model: tiny.model, options: tiny.options(ctcWeight: 0))(encoded, texts: texts, on: tape)
        #expect(scores[0].ctcLogProbability == -.infinity)
        #expect(scores[0].score == scores[0].attentionLogProbability && scores[0].score > -.infinity)
        #expect(scores[1].score == -.infinity)
        #expect(Aligner(model: tiny.model)(encoded, texts: texts, on: tape).allSatisfy { $0 == nil })
    }
}
