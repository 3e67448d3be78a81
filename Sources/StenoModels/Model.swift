import StenoTensor

/// The structure of a model: front end and encoder, a CTC head on the encoder's states (of audio), and a decoder. The
/// numbers live apart, in `Weights` of this model's `layout`.
package struct Model: Sendable {
    package let options: ModelOptions
    package let layout: Layout
    private let frontEnd: FrontEnd
    private let encoder: any SequenceEncoder
    private let ctc: Linear?
    package let decoder: any SequenceDecoder
    package let source: SourceKind
    /// Size of the vocabulary that it writes, the blank included.
    package let symbols: Int

    /// - Precondition: `options.complaint` is nil, and with tied embeddings of both sides there are as many symbols to
    ///   read as to write.
    package init(options: ModelOptions, source: SourceKind, symbols: Int) {
        var layout = Layout()
        let width = options.architecture == .transformer ? options.encoder.units : options.encoder.input
        let shared: Embedding?
        if options.tied == .all {
            precondition(source == .tokens(symbols: symbols), "one table for \(source) and \(symbols) symbols")
            shared = Embedding(&layout, "embedding", symbols: symbols, width: width)
        } else {
            shared = nil
        }
        frontEnd = FrontEnd(&layout, options: options.encoder, width: width, source: source, shared: shared)
        switch options.architecture {
        case .recurrent, .attention: encoder = RecurrentEncoder(&layout, options: options.encoder)
        case .transformer: encoder = TransformerEncoder(&layout, options: options)
        }
        let depth = encoder.depth
        ctc = source.allowsCTC ? Linear(&layout, "ctc", from: depth, to: symbols) : nil
        switch options.architecture {
        case .recurrent, .attention:
            decoder = RecurrentDecoder(&layout, options: options, depth: depth, symbols: symbols, shared: shared)
        case .transformer:
            decoder = TransformerDecoder(&layout, options: options, depth: depth, symbols: symbols, shared: shared)
        }
        self.options = options
        self.layout = layout
        self.source = source
        self.symbols = symbols
    }

    package func encode(_ source: Source, on tape: Tape) -> Encoded {
        let (x, lengths) = frontEnd(source, on: tape)
        return encoder(x, lengths: lengths, on: tape)
    }

    /// Encoder steps of a source of `length` frames or tokens.
    package func steps(of length: Int) -> Int { frontEnd.steps(of: length) }

    /// Frames or tokens of one encoder step.
    package var stepLength: Int { frontEnd.stepLength }

    /// Whether there is a CTC head.
    package var hasCTC: Bool { ctc != nil }

    /// The CTC head's logits `[batch, time, symbols]`, of models that have one.
    package func ctc(_ encoded: Encoded, on tape: Tape) -> Variable {
        guard let ctc else { preconditionFailure("a model of \(source) has no CTC head") }
        return ctc(encoded.states, on: tape)
    }
}
