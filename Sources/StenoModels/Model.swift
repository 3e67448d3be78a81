import StenoTensor

/// The structure of a model: an encoder, a CTC head on its states, and a decoder that attends to them. The numbers
/// live apart, in `Weights` of this model's `layout`.
package struct Model: Sendable {
    package let options: ModelOptions
    package let layout: Layout
    package let encoder: RecurrentEncoder
    package let ctc: Linear
    package let decoder: AttentionDecoder
    package let source: SourceKind
    /// Size of the vocabulary that it writes, the blank included.
    package let symbols: Int

    package init(options: ModelOptions, source: SourceKind, symbols: Int) {
        var layout = Layout()
        encoder = RecurrentEncoder(&layout, options: options.encoder, source: source)
        ctc = Linear(&layout, "ctc", from: encoder.depth, to: symbols)
        decoder = AttentionDecoder(&layout, options: options.decoder, depth: encoder.depth, symbols: symbols)
        self.options = options
        self.layout = layout
        self.source = source
        self.symbols = symbols
    }

    package func encode(_ source: Source, on tape: Tape) -> Encoded { encoder(source, on: tape) }
}
