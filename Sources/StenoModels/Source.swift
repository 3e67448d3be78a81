import StenoTensor

/// What a model reads: the one place where speech and text differ.
package enum Source {
    /// Features `[batch, time, bins]` and each utterance's frames.
    case frames(Tensor, lengths: [Int])
    /// Token ids `[batch, time]`, row-major, and each sentence's tokens.
    case tokens([Int32], lengths: [Int])
}

/// The kind of source that a model is built for.
package enum SourceKind: Hashable, Sendable {
    case frames(bins: Int)
    case tokens(symbols: Int)
}

/// What an encoder gives: states `[batch, time, depth]` with each utterance's valid steps.
package struct Encoded {
    package let states: Variable
    package let lengths: [Int]

    package init(states: Variable, lengths: [Int]) { (self.states, self.lengths) = (states, lengths) }
}
