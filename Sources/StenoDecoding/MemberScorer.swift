import StenoTensor

/// A scorer of another model than the search's first: it works on a tape of that model's weights.
struct MemberScorer<Base: Scorer>: Scorer {
    private let tape: Tape
    private var base: Base

    init(_ tape: Tape, scorer: (Tape) -> Base) {
        self.tape = tape
        base = scorer(tape)
    }

    mutating func scores(on _: Tape) -> Tensor { base.scores(on: tape) }

    mutating func advance(to continuations: Continuations, on _: Tape) { base.advance(to: continuations, on: tape) }

    var attention: Tensor? { base.attention }
}
