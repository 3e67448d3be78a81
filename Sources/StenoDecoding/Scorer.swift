import StenoTensor

/// One source of scores in a search: it gives the log-probability of every next token of every hypothesis at hand,
/// given a state of its own, and follows the search to the continuations that are kept.
///
/// Hypotheses are rows; those of one utterance stand together. A scorer starts with one row for each utterance that it
/// was made for, of the hypothesis without tokens.
package protocol Scorer {
    /// Natural log-probabilities `[rows, symbols]` of each next token. Over a whole text, its end included, they sum to
    /// the log-probability of the text; none is above 0, but for noise in a search that draws.
    mutating func scores(on tape: Tape) -> Tensor

    /// Replaces the hypotheses by continuations of them, after `scores`.
    mutating func advance(to continuations: Continuations, on tape: Tape)

    /// Weights `[rows, time]` of the encoder's steps behind the scores just given, if the scorer has such.
    var attention: Tensor? { get }
}

extension Scorer {
    package var attention: Tensor? { nil }
}

/// The hypotheses of the next step: row `i` is the present row `parents[i]` with `tokens[i]` added. Parents of one
/// utterance's rows are rows of that utterance; utterances keep their order.
package struct Continuations {
    package var parents: [Int] = []
    package var tokens: [Int32] = []

    package init() {}
}
