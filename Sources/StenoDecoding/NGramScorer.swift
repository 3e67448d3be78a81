import CKernels
import StenoTensor
import StenoText

/// An n-gram model of the texts: it does not look at the utterances.
package struct NGramScorer: Scorer {
    private let model: NGramModel
    /// `[rows, order]`, see `ngram.c`.
    private var contexts: [Int32]

    /// - Parameter rows: utterances to search in.
    package init(_ model: NGramModel, rows: Int) {
        self.model = model
        let empty = (0..<model.order).map { Int32($0 == 0 ? 0 : -1) }
        contexts = empty
        step([Int32](repeating: 0, count: rows), [Int32](repeating: Int32(Vocabulary.start), count: rows))
    }

    package mutating func scores(on tape: Tape) -> Tensor {
        let rows = contexts.count / model.order
        let scores = tape.tensor([rows, model.symbols])
        steno_ngram_scores(
            Int64(rows), Int64(model.symbols), Int64(model.order), Int64(model.rests.count), model.first,
            model.trie.tokens, model.shares, model.rests, contexts, scores.pointer)
        return scores
    }

    package mutating func advance(to continuations: Continuations, on tape: Tape) {
        step(continuations.parents.map { Int32($0) }, continuations.tokens)
    }

    private mutating func step(_ parents: [Int32], _ tokens: [Int32]) {
        var next = [Int32](repeating: 0, count: parents.count * model.order)
        steno_ngram_advance(
            Int64(parents.count), Int64(model.order), Int64(model.rests.count), model.first, model.trie.tokens,
            contexts, parents, tokens, &next)
        contexts = next
    }
}
