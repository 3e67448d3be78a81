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

    /// CTC needs a source that is longer than the target.
    var allowsCTC: Bool {
        switch self {
        case .frames: true
        case .tokens: false
        }
    }
}
