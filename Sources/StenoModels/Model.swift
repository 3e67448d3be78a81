import StenoTensor

/// The structure of a model: an encoder, a CTC head on its states (of audio), and a decoder that attends to them. The
/// numbers live apart, in `Weights` of this model's `layout`.
package struct Model: Sendable {
    package let options: ModelOptions
    package let layout: Layout
    package let encoder: RecurrentEncoder
    private let ctc: Linear?
    package let decoder: AttentionDecoder
    package let source: SourceKind
    /// Size of the vocabulary that it writes, the blank included.
    package let symbols: Int

    package init(options: ModelOptions, source: SourceKind, symbols: Int) {
        var layout = Layout()
        encoder = RecurrentEncoder(&layout, options: options.encoder, source: source)
        ctc = source.allowsCTC ? Linear(&layout, "ctc", from: encoder.depth, to: symbols) : nil
        decoder = AttentionDecoder(&layout, options: options.decoder, depth: encoder.depth, symbols: symbols)
        self.options = options
        self.layout = layout
        self.source = source
        self.symbols = symbols
    }

    package func encode(_ source: Source, on tape: Tape) -> Encoded { encoder(source, on: tape) }

    /// Whether there is a CTC head.
    package var hasCTC: Bool { ctc != nil }

    /// The CTC head's logits `[batch, time, symbols]`, of models that have one.
    package func ctc(_ encoded: Encoded, on tape: Tape) -> Variable {
        guard let ctc else { preconditionFailure("a model of \(source) has no CTC head") }
        return ctc(encoded.states, on: tape)
    }
}
