import Glibc
import StenoDecoding
import StenoModels
import StenoTensor
import StenoText
import Testing

/// The search itself, on scores from a table.
@Suite struct BeamSearchTests {
    private static func tape() -> Tape { Tape(Weights(zeros: Layout())) }

    private func options(beam: Int, lengthBonus: Double = 0, lengthPenalty: Double = 0) -> SearchOptions {
        var options = SearchOptions()
        (options.beam, options.lengthBonus, options.repetitions) = (beam, lengthBonus, 0)
        options.lengthPenalty = lengthPenalty
        return options
    }

    /// The plain algorithm: nothing is given up and nothing ends early.
    private func reference(
        _ scorers: [(TableScorer, Double)], item: Int, limit: Int, count: Int, options: SearchOptions
    ) -> [(tokens: [Int32], score: Double)] {
        var hypotheses: [(tokens: [Int32], score: Double)] = [([], 0)]
        var ended: [(tokens: [Int32], score: Double)] = []
        for length in 0...limit {
            var candidates: [(tokens: [Int32], score: Double)] = []
            for (tokens, score) in hypotheses {
                let rows = scorers.map { ($0.0.logProbabilities(item, tokens), $0.1) }
                for token in Vocabulary.end..<scorers[0].0.symbols {
                    let gain = rows.reduce(token == Vocabulary.end ? 0 : options.lengthBonus) {
                        $0 + $1.1 * Double($1.0[token])
                    }
                    candidates.append((tokens + [Int32(token)], score + gain))
                }
            }
            if length < min(options.minimumTokens, limit) {
                candidates.removeAll { $0.tokens.last == Int32(Vocabulary.end) }
            }
            candidates.sort { $0.score > $1.score }
            for (tokens, score) in candidates.prefix(options.beam) where tokens.last == Int32(Vocabulary.end) {
                ended.append((tokens.dropLast(), score / pow((5 + Double(tokens.count)) / 6, options.lengthPenalty)))
            }
            let going = candidates.filter { $0.tokens.last != Int32(Vocabulary.end) }
            hypotheses = length == limit ? [] : Array(going.prefix(options.beam))
        }
        return Array(ended.sorted { $0.score > $1.score }.prefix(count))
    }

    @Test(arguments: [1, 2, 3, 5, 20], [(0, 0, 0), (0.7, 0, 0), (-0.5, 0, 0), (0, 0.6, 0), (0.7, 1, 0), (0, 2, 3)])
    func endsEarlyWithTheResultsOfTheWholeSearch(
        _ beam: Int, _ shape: (bonus: Double, penalty: Double, minimum: Int)
    ) {
        for seed in UInt64(0)..<20 {
            let limits = [6, 1, 4, 9]
            let scorers = [
                (TableScorer(seed: seed, symbols: 6, items: 4), 0.6),
                (TableScorer(seed: seed + 1000, symbols: 6, items: 4, end: 1), 0.4),
            ]
            var options = options(beam: beam, lengthBonus: shape.bonus, lengthPenalty: shape.penalty)
            options.minimumTokens = shape.minimum
            let found = BeamSearch(options: options, scorers: scorers)(limits: limits, count: 3, on: Self.tape())
            for (item, limit) in limits.enumerated() {
                let expected = reference(scorers, item: item, limit: limit, count: 3, options: options)
                if expected.isEmpty {
                    #expect(found[item].allSatisfy { $0.isCut })
                    continue
                }
                #expect(found[item].map(\.tokens) == expected.map(\.tokens), "seed \(seed), utterance \(item)")
                for (result, expected) in zip(found[item], expected) {
                    #expect(abs(result.score - expected.score) < 1e-5)
                }
            }
        }
    }

    @Test func aHypothesisThatCanStillOvertakeIsFollowed() {
        // With a bonus of 3 a token long texts win, although each token costs.
        let scorer = TableScorer(seed: 5, symbols: 5, items: 1, end: 2)
        let found = BeamSearch(options: options(beam: 50, lengthBonus: 3), scorers: [(scorer, 1)])(
            limits: [5], count: 1, on: Self.tape())
        let best = allTexts(of: [3, 4], upTo: 5).map {
            (text: $0, score: scorer.logProbability(0, of: $0) + 3 * Double($0.count))
        }
        .max { $0.score < $1.score }
        #expect(found[0].first?.tokens == best?.text)
        #expect(best?.text.count == 5)
    }

    @Test func aLengthPenaltyPrefersLongTexts() {
        for seed in UInt64(0)..<10 {
            let scorer = TableScorer(seed: seed, symbols: 6, items: 1, end: 1)
            let lengths = [0, 1, 5].map { penalty in
                BeamSearch(options: options(beam: 30, lengthPenalty: penalty), scorers: [(scorer, 1)])(
                    limits: [9], count: 1, on: Self.tape())[0][0].tokens.count
            }
            #expect(lengths == lengths.sorted(), "seed \(seed)")
        }
    }

    @Test func noTextIsShorterThanTheLeast() {
        var options = options(beam: 4)
        options.minimumTokens = 5
        let scorer = TableScorer(seed: 4, symbols: 6, items: 2, end: 6)
        let found = BeamSearch(options: options, scorers: [(scorer, 1)])(limits: [8, 3], count: 3, on: Self.tape())
        for result in found[0] { #expect(result.tokens.count >= 5 && !result.isCut) }
        // A limit that comes first is kept to.
        for result in found[1] { #expect(result.tokens.count == 3) }
    }

    @Test func limitsGrowWithTheSource() {
        var options = SearchOptions()
        #expect(options.limit(steps: 7) == 7 && options.limit(steps: 0) == 1)
        (options.tokensPerStep, options.extraTokens) = (1.5, 10)
        #expect(options.limit(steps: 1) == 11 && options.limit(steps: 20) == 40)
        options.maximumTokens = 12
        #expect(options.limit(steps: 1) == 11 && options.limit(steps: 20) == 12)
    }

    @Test func resultsAreDistinctAndInOrder() {
        let scorer = TableScorer(seed: 8, symbols: 7, items: 3)
        let found = BeamSearch(options: options(beam: 10), scorers: [(scorer, 1)])(
            limits: [8, 8, 8], count: 7, on: Self.tape())
        for (item, results) in found.enumerated() {
            #expect(results.count == 7)
            #expect(Set(results.map(\.tokens)).count == 7)
            #expect(results.map(\.score) == results.map(\.score).sorted(by: >))
            for result in results { #expect(abs(result.score - scorer.logProbability(item, of: result.tokens)) < 1e-5) }
        }
    }

    @Test func withoutAnEndTextsAreCutAtTheLimit() {
        let scorer = TableScorer(seed: 1, symbols: 6, items: 2, end: -1000)
        let found = BeamSearch(options: options(beam: 3), scorers: [(scorer, 1)])(
            limits: [7, 12], count: 2, on: Self.tape())
        for (results, limit) in zip(found, [7, 12]) {
            #expect(results.count == 2)
            for result in results { #expect(result.isCut && result.tokens.count == limit) }
            #expect(results.map(\.score) == results.map(\.score).sorted(by: >))
        }
    }

    @Test func noStretchStandsInSuccessionMoreOftenThanAllowed() {
        // The same distribution after every text: the likeliest token for ever.
        struct Stuck: Scorer {
            var rows = 1
            func scores(on tape: Tape) -> Tensor {
                Tensor((0..<rows).flatMap { _ in [-9, -9, -8, -0.1, -3, -4] as [Float] }, shape: [rows, 6])
            }
            mutating func advance(to continuations: Continuations, on tape: Tape) { rows = continuations.tokens.count }
        }
        for beam in [1, 3] {
            var options = options(beam: beam, lengthBonus: 1)
            options.repetitions = 3
            let found = BeamSearch(options: options, scorers: [(Stuck(), 1)])(limits: [200], count: 1, on: Self.tape())
            let tokens = found[0][0].tokens
            #expect(tokens.count > 4)
            for length in 1...20 {
                for start in 0...max(0, tokens.count - 4 * length) where start + 4 * length <= tokens.count {
                    let stretch = tokens[start..<start + 4 * length]
                    #expect(!zip(stretch, stretch.dropFirst(length)).allSatisfy(==), "\(length) tokens from \(start)")
                }
            }
        }
    }

    @Test func aMarginGivesUpWhatIsFarBehind() {
        let scorer = TableScorer(seed: 3, symbols: 8, items: 1)
        var narrow = options(beam: 30)
        narrow.margin = 1e-9
        let found = BeamSearch(options: narrow, scorers: [(scorer, 1)])(limits: [9], count: 1, on: Self.tape())
        let greedy = BeamSearch(options: options(beam: 1), scorers: [(scorer, 1)])(
            limits: [9], count: 1, on: Self.tape())
        #expect(found[0].map(\.tokens) == greedy[0].map(\.tokens))
    }

    @Test func scoresThatAreNoNumbersEndTheSearch() {
        struct Broken: Scorer {
            func scores(on tape: Tape) -> Tensor { Tensor([Float](repeating: .nan, count: 6), shape: [1, 6]) }
            func advance(to continuations: Continuations, on tape: Tape) {}
        }
        let found = BeamSearch(options: options(beam: 4), scorers: [(Broken(), 1)])(
            limits: [5], count: 1, on: Self.tape())
        #expect(found[0].map(\.tokens) == [[]])
        #expect(found[0].allSatisfy { $0.isCut })
    }
}
