import StenoModels
import StenoTensor
import StenoText

/// The most likely next token at each step, for a batch at once.
package struct GreedySearch: Sendable {
    package struct Result: Sendable {
        /// Without start and end.
        package var tokens: [Int32] = []
        /// Natural log-probability of the tokens, the end included.
        package var logProbability = 0.0
        /// For each token the attention over the encoder's steps, if asked for.
        package var attention: [[Float]] = []
        /// The end was not reached within the steps allowed.
        package var isCut = false
    }

    package init() {}

    /// - Parameters:
    ///   - memory: of `memory.lengths.count` utterances.
    ///   - limits: most tokens of each utterance.
    package func callAsFunction(
        _ memory: AttentionMemory, decoder: AttentionDecoder, limits: [Int], keepsAttention: Bool = false, on tape: Tape
    ) -> [Result] {
        var results = [Result](repeating: Result(), count: limits.count)
        var owners = limits.indices.filter { memory.lengths[$0] > 0 }
        var tokens = [Int32](repeating: Int32(Vocabulary.start), count: owners.count)
        var state = decoder.initialState(rows: owners.count, on: tape)
        while !owners.isEmpty {
            let step = decoder.step(tokens, state: state, memory: memory, owners: owners, on: tape)
            let scores = tape.logSoftmax(step.logits)
            var kept: [Int] = []
            for (row, owner) in owners.enumerated() {
                let (token, score) = best(scores[row])
                results[owner].logProbability += Double(score)
                if token == Int32(Vocabulary.end) { continue }
                if results[owner].tokens.count == limits[owner] {
                    results[owner].isCut = true
                    continue
                }
                results[owner].tokens.append(token)
                if keepsAttention { results[owner].attention.append(step.attention[row].values) }
                kept.append(row)
            }
            state = tape.rows(kept, of: step.state)
            tokens = kept.map { results[owners[$0]].tokens.last ?? 0 }
            owners = kept.map { owners[$0] }
        }
        return results
    }

    /// The best token that may be written: not the blank, not the start.
    private func best(_ scores: Tensor) -> (token: Int32, score: Float) {
        var (token, score) = (Vocabulary.end, -Float.infinity)
        for candidate in Vocabulary.end..<scores.count where scores.pointer[candidate] > score {
            (token, score) = (candidate, scores.pointer[candidate])
        }
        return (Int32(token), score)
    }
}

extension Tape {
    /// The rows of `tensor` (outermost axis) with these numbers, in this order.
    package func rows(_ numbers: [Int], of tensor: Tensor) -> Tensor {
        let inner = tensor.count / max(tensor.shape[0], 1)
        let result = self.tensor(Shape([numbers.count] + tensor.shape.extents.dropFirst()))
        for (row, number) in numbers.enumerated() {
            (result.pointer + row * inner).update(from: tensor.pointer + number * inner, count: inner)
        }
        return result
    }
}

/// The most likely symbol of each frame, repeats and blanks taken out (Graves et al. 2006, best path decoding).
package func bestPath(_ logits: Tensor, lengths: [Int]) -> [[Int32]] {
    lengths.enumerated().map { item, length in
        var tokens: [Int32] = []
        var last = Vocabulary.blank
        for t in 0..<length {
            let row = logits[item][t]
            var symbol = 0
            for candidate in 1..<row.count where row.pointer[candidate] > row.pointer[symbol] { symbol = candidate }
            if symbol != last && symbol != Vocabulary.blank { tokens.append(Int32(symbol)) }
            last = symbol
        }
        return tokens
    }
}
