import StenoModels
import StenoTensor

/// The most likely next token of the attention decoder at each step: `Search` with a beam of one, for a memory that is
/// already there.
package struct GreedySearch: Sendable {
    package init() {}

    /// - Parameters:
    ///   - memory: of `memory.lengths.count` utterances.
    ///   - limits: most tokens of each utterance.
    package func callAsFunction(
        _ memory: AttentionMemory, decoder: AttentionDecoder, limits: [Int], keepsAttention: Bool = false, on tape: Tape
    ) -> [Hypothesis] {
        let items = memory.lengths.indices.filter { memory.lengths[$0] > 0 }
        let scorer = AttentionScorer(decoder, memory: memory, items: items, on: tape)
        let found = BeamSearch(options: .greedy, scorers: [(scorer, 1)])(
            limits: items.map { limits[$0] }, count: 1, keepsAttention: keepsAttention, on: tape)
        var results = [Hypothesis](repeating: Hypothesis(), count: limits.count)
        for (item, texts) in zip(items, found) {
            for text in texts {
                results[item] = Hypothesis(
                    tokens: text.tokens, score: text.score, attentionLogProbability: text.parts.first,
                    steps: text.steps, attention: text.attention, isCut: text.isCut)
            }
        }
        return results
    }
}
