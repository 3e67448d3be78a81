import StenoTensor

/// The structure of a model: an encoder, a CTC head on its states, and a decoder that attends to them. The numbers
/// live apart, in `Weights` of this model's `layout`.
package struct Model: Sendable {
    package let options: ModelOptions
    package let layout: Layout
    package let encoder: SpeechEncoder
    package let ctc: Linear
    package let decoder: AttentionDecoder
    package let symbols: Int
    package let bins: Int

    /// - Parameters:
    ///   - symbols: size of the vocabulary, the blank included.
    ///   - bins: numbers of one feature frame.
    package init(options: ModelOptions, symbols: Int, bins: Int) {
        var layout = Layout()
        encoder = SpeechEncoder(&layout, options: options.encoder, bins: bins)
        ctc = Linear(&layout, "ctc", from: encoder.depth, to: symbols)
        decoder = AttentionDecoder(&layout, options: options.decoder, depth: encoder.depth, symbols: symbols)
        self.options = options
        self.layout = layout
        self.symbols = symbols
        self.bins = bins
    }

    package func encode(_ source: Source, on tape: Tape) -> Encoded {
        switch source {
        case .frames(let frames, let lengths):
            encoder(Variable(constant: frames), lengths: lengths, on: tape)
        case .tokens:
            preconditionFailure("this encoder reads frames")
        }
    }
}
