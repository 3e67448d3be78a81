import CKernels
import StenoModels
import StenoTensor
import StenoText

/// Beam search over tokens for a batch of utterances, all hypotheses of all of them in step.
///
/// Of the continuations of an utterance's hypotheses the `beam` best go on; those among them that end are results.
/// Hypotheses of one step are compared by the sums of their scores, results by these sums over the length penalty. The
/// search of an utterance ends when none of its hypotheses can overtake its worst result any more: no log-probability is
/// above 0, so that a hypothesis can gain no more than the length bonus of the tokens it may still write, and the
/// penalty of the longest of texts.
package struct BeamSearch {
    package let options: SearchOptions
    private var scorers: [any Scorer]
    private let weights: [Double]

    /// One text.
    package struct Result: Sendable {
        package var tokens: [Int32] = []
        /// Over the length penalty.
        package var score = 0.0
        /// The sum of each scorer's log-probabilities, unweighted.
        package var parts: [Double] = []
        /// For each token the encoder step that was attended to most, if a scorer attends.
        package var steps: [Int] = []
        package var attention: [[Float]] = []
        package var isCut = false
    }

    /// - Parameter scorers: each with its factor, above 0, in the score.
    package init(options: SearchOptions, scorers: [(scorer: any Scorer, weight: Double)]) {
        precondition(!scorers.isEmpty && scorers.allSatisfy { $0.weight > 0 }, "scorers need factors above 0")
        self.options = options
        self.scorers = scorers.map(\.scorer)
        weights = scorers.map(\.weight)
    }

    /// - Parameter limits: most tokens of each utterance.
    /// - Returns: for each utterance up to `count` texts, the best first.
    package consuming func callAsFunction(
        limits: [Int], count: Int, keepsAttention: Bool = false, on tape: Tape
    ) -> [[Result]] {
        var utterances = limits.map {
            UtteranceSearch(limit: $0, count: count, options: options, weights: weights, keepsAttention: keepsAttention)
        }
        var rows = limits.count
        while rows > 0 {
            let parts = scorers.indices.map { scorers[$0].scores(on: tape) }
            let step = StepScores(
                parts: parts, weights: weights, lengthBonus: options.lengthBonus,
                attention: scorers.lazy.compactMap(\.attention).first, on: tape)
            var continuations = Continuations()
            var row = 0
            for index in utterances.indices where !utterances[index].isDone {
                row = utterances[index].extend(from: row, step, into: &continuations)
            }
            rows = continuations.parents.count
            if rows > 0 { for index in scorers.indices { scorers[index].advance(to: continuations, on: tape) } }
        }
        return utterances.map(\.results)
    }
}

/// What the scorers say of one step.
private struct StepScores {
    /// `[rows, symbols]` each.
    let parts: [Tensor]
    /// `[rows, symbols]`: the weighted sum, less the length bonus where the text ends.
    let sums: Tensor
    /// `[rows, time]`, and the place of each row's largest weight.
    let attention: Tensor?
    let steps: [Int32]

    init(parts: [Tensor], weights: [Double], lengthBonus: Double, attention: Tensor?, on tape: Tape) {
        self.parts = parts
        sums = tape.copy(parts[0])
        sums.multiply(by: Float(weights[0]))
        for (part, weight) in zip(parts, weights).dropFirst() { sums.add(part, scale: Float(weight)) }
        let (rows, symbols) = (sums.shape[0], sums.shape[1])
        for row in 0..<rows { sums.pointer[row * symbols + Vocabulary.end] -= Float(lengthBonus) }
        self.attention = attention
        steps =
            attention.map { attention in
                [Int32](unsafeUninitializedCapacity: attention.shape[0]) { places, count in
                    count = attention.shape[0]
                    if let base = places.baseAddress {
                        let time = Int64(attention.shape[1])
                        steno_row_maxima(Int64(count), time, time, attention.pointer, base)
                    }
                }
            } ?? []
    }
}

/// The search of one utterance: its hypotheses at hand, all tokens that they are made of, and its results.
private struct UtteranceSearch {
    /// One token of the tree of hypotheses.
    private struct Node {
        let parent: Int
        let token: Int32
        let step: Int32
    }

    private struct Hypothesis {
        /// The last token's node, -1 before the first.
        var node: Int
        var score: Double
        var parts: [Double]
        var repetition: RepetitionGuard
    }

    /// A continuation that may be kept.
    private struct Candidate {
        let hypothesis: Int
        let token: Int32
        let score: Double
        let parts: [Double]
    }

    private let limit: Int
    private let minimum: Int
    private let count: Int
    private let options: SearchOptions
    private let weights: [Double]
    private let keepsAttention: Bool
    private var hypotheses: [Hypothesis]
    /// Tokens of each hypothesis at hand.
    private var length = 0
    private var nodes: [Node] = []
    private var attention: [[Float]] = []
    private(set) var results: [BeamSearch.Result] = []

    init(limit: Int, count: Int, options: SearchOptions, weights: [Double], keepsAttention: Bool) {
        precondition(count >= 1, "at least one text")
        self.limit = limit
        minimum = min(options.minimumTokens, limit)
        self.count = count
        self.options = options
        self.weights = weights
        self.keepsAttention = keepsAttention
        hypotheses = [
            Hypothesis(node: -1, score: 0, parts: weights.map { _ in 0 }, repetition: RepetitionGuard())
        ]
    }

    var isDone: Bool { hypotheses.isEmpty }

    /// One step of the hypotheses, whose rows begin with `first`. Returns the row after them.
    mutating func extend(from first: Int, _ step: StepScores, into continuations: inout Continuations) -> Int {
        let next = first + hypotheses.count
        var kept: [Candidate] = []
        var rank = 0
        let candidates = candidates(from: first, step).filter {
            length >= minimum || $0.token != Int32(Vocabulary.end)
        }
        for candidate in candidates {
            if options.margin > 0 && candidate.score < candidates[0].score - options.margin { break }
            if candidate.token == Int32(Vocabulary.end) {
                if rank < options.beam { finish(candidate, isCut: false) }
            } else if !isAllowed(candidate) {
                continue
            } else if kept.count < options.beam && length < limit {
                kept.append(candidate)
            }
            rank += 1
        }
        if let worst = results.last, results.count == count {
            kept.removeAll { bound(of: $0) <= worst.score }
        }
        if kept.isEmpty && results.isEmpty {
            for hypothesis in hypotheses.indices { finish(unfinished(hypothesis), isCut: true) }
        }
        hypotheses = kept.map { candidate in
            var hypothesis = hypotheses[candidate.hypothesis]
            let row = first + candidate.hypothesis
            nodes.append(
                Node(
                    parent: hypothesis.node, token: candidate.token, step: step.steps.isEmpty ? 0 : step.steps[row]))
            if keepsAttention { attention.append(step.attention?[row].values ?? []) }
            hypothesis.node = nodes.count - 1
            (hypothesis.score, hypothesis.parts) = (candidate.score, candidate.parts)
            if options.repetitions > 0 { hypothesis.repetition.add(candidate.token) }
            continuations.parents.append(row)
            continuations.tokens.append(candidate.token)
            return hypothesis
        }
        length += 1
        return next
    }

    /// What no text that begins with a candidate scores more than.
    private func bound(of candidate: Candidate) -> Double {
        let sum = candidate.score + max(0, options.lengthBonus) * Double(limit - length - 1)
        return options.score(sum, tokens: sum < 0 ? limit : length + 1)
    }

    /// The best continuations in descending order: enough that `beam` of them do not end.
    private func candidates(from first: Int, _ step: StepScores) -> [Candidate] {
        // Blank, padding and start, which no text contains, come before the end.
        let (symbols, end) = (step.sums.shape.columns, Vocabulary.end)
        let columns = symbols - end
        let best = hypotheses.reduce(-Double.infinity) { max($0, $1.score) }
        let offsets = hypotheses.map { Float($0.score - best + options.lengthBonus) }
        let wanted = min(2 * options.beam + 2, hypotheses.count * columns)
        var found: Int64 = 0
        let places = withUnsafeTemporaryAllocation(of: Float.self, capacity: max(wanted, 1)) { values in
            [Int32](unsafeUninitializedCapacity: wanted) { places, initialized in
                if let values = values.baseAddress, let base = places.baseAddress {
                    steno_best_candidates(
                        Int64(hypotheses.count), Int64(columns), Int64(symbols),
                        step.sums.pointer + first * symbols + end, offsets, Int64(wanted), values, base, &found)
                }
                initialized = Int(found)
            }
        }
        return places.map { place in
            let (hypothesis, token) = (Int(place) / columns, Int(place) % columns + end)
            let parts = zip(hypotheses[hypothesis].parts, step.parts).map {
                $0 + Double($1.pointer[(first + hypothesis) * symbols + token])
            }
            let tokens = length + (token == end ? 0 : 1)
            return Candidate(
                hypothesis: hypothesis, token: Int32(token), score: score(parts, tokens: tokens), parts: parts)
        }
    }

    private func score(_ parts: [Double], tokens: Int) -> Double {
        zip(parts, weights).reduce(options.lengthBonus * Double(tokens)) { $0 + $1.0 * $1.1 }
    }

    private func isAllowed(_ candidate: Candidate) -> Bool {
        options.repetitions == 0
            || hypotheses[candidate.hypothesis].repetition.repetitions(adding: candidate.token) <= options.repetitions
    }

    private func unfinished(_ index: Int) -> Candidate {
        let hypothesis = hypotheses[index]
        return Candidate(
            hypothesis: index, token: Int32(Vocabulary.end), score: hypothesis.score, parts: hypothesis.parts)
    }

    /// Adds a result if it is one of the best.
    private mutating func finish(_ candidate: Candidate, isCut: Bool) {
        let score = options.score(candidate.score, tokens: length)
        if let worst = results.last, results.count == count, score <= worst.score { return }
        var result = BeamSearch.Result()
        (result.score, result.parts, result.isCut) = (score, candidate.parts, isCut)
        var node = hypotheses[candidate.hypothesis].node
        while node >= 0 {
            result.tokens.append(nodes[node].token)
            result.steps.append(Int(nodes[node].step))
            if keepsAttention { result.attention.append(attention[node]) }
            node = nodes[node].parent
        }
        result.tokens.reverse()
        result.steps.reverse()
        result.attention.reverse()
        let place = results.firstIndex { $0.score < result.score } ?? results.count
        results.insert(result, at: place)
        if results.count > count { results.removeLast() }
    }
}
