import CKernels
import StenoTensor

/// Gumbel noise: the best token of a beam of one by log-probability and noise together is one drawn by its probability
/// (Gumbel 1954; Kool, van Hoof, Welling 2019, "Stochastic beams and where to find them", 2.2). Times a factor it is
/// drawn at that temperature.
struct NoiseScorer: Scorer {
    private let symbols: Int
    /// Of each row, from which its next numbers come.
    private var keys: [UInt64]

    /// - Parameter seeds: of each utterance to search in, on which alone it depends what is drawn.
    init(seeds: [UInt64], symbols: Int) {
        self.symbols = symbols
        keys = seeds.map { mixed($0, 0) }
    }

    func scores(on tape: Tape) -> Tensor {
        let scores = tape.tensor([keys.count, symbols])
        for (row, key) in keys.enumerated() { steno_gumbel(Int64(symbols), key, scores[row].pointer) }
        return scores
    }

    mutating func advance(to continuations: Continuations, on tape: Tape) {
        keys = zip(continuations.parents, continuations.tokens).map { mixed(keys[$0], UInt64($1)) }
    }
}
