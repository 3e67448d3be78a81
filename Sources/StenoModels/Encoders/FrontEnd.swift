import StenoTensor

/// Makes steps of one width of any source: subsampled and projected frames, or embedded tokens.
package struct FrontEnd: Sendable {
    private enum Kind: Sendable {
        case frames(ConvolutionalSubsampling, Linear)
        case tokens(Embedding)
    }

    private let kind: Kind

    /// - Parameter shared: the decoder's embedding, where tokens of both sides have one.
    package init(_ layout: inout Layout, options: EncoderOptions, width: Int, source: SourceKind, shared: Embedding?) {
        switch source {
        case .frames(let bins):
            let subsampling = ConvolutionalSubsampling(
                &layout, "encoder.subsampling", bins: bins, channels: options.channels, factor: options.subsampling)
            kind = .frames(subsampling, Linear(&layout, "encoder.input", from: subsampling.width, to: width))
        case .tokens(let symbols):
            kind = .tokens(shared ?? Embedding(&layout, "encoder.embedding", symbols: symbols, width: width))
        }
    }

    /// - Returns: `[batch, time, width]` and the valid steps of each utterance.
    package func callAsFunction(_ source: Source, on tape: Tape) -> (Variable, lengths: [Int]) {
        switch (source, kind) {
        case (.frames(let frames, let lengths), .frames(let subsampling, let projection)):
            let (x, shorter) = subsampling(Variable(constant: frames), lengths: lengths, on: tape)
            return (projection(x, on: tape), shorter)
        case (.tokens(let tokens, let lengths), .tokens(let embedding)):
            return (embedding(tokens, batch: lengths.count, on: tape), lengths)
        default:
            preconditionFailure("a source of the other kind")
        }
    }

    /// Steps that a source of `length` frames or tokens becomes.
    package func steps(of length: Int) -> Int {
        switch kind {
        case .frames(let subsampling, _): subsampling.outputLength(length)
        case .tokens: length
        }
    }

    /// Frames or tokens of one step.
    package var stepLength: Int {
        switch kind {
        case .frames(let subsampling, _): subsampling.factor
        case .tokens: 1
        }
    }
}
