import StenoTensor

/// A stack of bidirectional GRU layers over what the front end makes of the source: subsampled frames or embedded
/// tokens, projected to one width.
package struct RecurrentEncoder: Sendable {
    private enum FrontEnd: Sendable {
        case frames(ConvolutionalSubsampling, Linear)
        case tokens(Embedding)
    }

    private let frontEnd: FrontEnd
    private let inputNorm: LayerNorm?
    private let layers: [RecurrentLayer]
    private let norms: [LayerNorm]
    private let dropout: Float
    /// Width of the states.
    package let depth: Int

    package init(_ layout: inout Layout, options: EncoderOptions, source: SourceKind) {
        switch source {
        case .frames(let bins):
            let subsampling = ConvolutionalSubsampling(
                &layout, "encoder.subsampling", bins: bins, channels: options.channels, factor: options.subsampling)
            let input = Linear(&layout, "encoder.input", from: subsampling.width, to: options.input)
            frontEnd = .frames(subsampling, input)
        case .tokens(let symbols):
            frontEnd = .tokens(Embedding(&layout, "encoder.embedding", symbols: symbols, width: options.input))
        }
        inputNorm = options.normalised ? LayerNorm(&layout, "encoder.input.norm", width: options.input) : nil
        var (layers, norms): ([RecurrentLayer], [LayerNorm]) = ([], [])
        var width = options.input
        for index in 0..<options.layers {
            layers.append(
                RecurrentLayer(
                    &layout, "encoder.layers.\(index)", inputs: width, units: options.units, bidirectional: true))
            width = 2 * options.units
            if options.normalised { norms.append(LayerNorm(&layout, "encoder.layers.\(index).norm", width: width)) }
        }
        self.layers = layers
        self.norms = norms
        depth = width
        dropout = options.dropout
    }

    package func callAsFunction(_ source: Source, on tape: Tape) -> Encoded {
        var (x, lengths) = input(source, on: tape)
        if let inputNorm { x = inputNorm(x, on: tape) }
        var last = x
        for (index, layer) in layers.enumerated() {
            (x, last) = layer(tape.dropout(x, rate: dropout), lengths: lengths, on: tape)
            if !norms.isEmpty { x = norms[index](x, on: tape) }
        }
        return Encoded(states: tape.dropout(x, rate: dropout), lengths: lengths, last: tape.joined(last))
    }

    private func input(_ source: Source, on tape: Tape) -> (Variable, lengths: [Int]) {
        switch (source, frontEnd) {
        case (.frames(let frames, let lengths), .frames(let subsampling, let input)):
            let (x, shorter) = subsampling(Variable(constant: frames), lengths: lengths, on: tape)
            return (input(x, on: tape), shorter)
        case (.tokens(let tokens, let lengths), .tokens(let embedding)):
            return (embedding(tokens, batch: lengths.count, on: tape), lengths)
        default:
            preconditionFailure("a source of the other kind")
        }
    }

    /// Steps that a source of `length` frames or tokens is encoded to.
    package func steps(of length: Int) -> Int {
        switch frontEnd {
        case .frames(let subsampling, _): subsampling.outputLength(length)
        case .tokens: length
        }
    }

    /// Frames or tokens of one step.
    package var stepLength: Int {
        switch frontEnd {
        case .frames(let subsampling, _): subsampling.factor
        case .tokens: 1
        }
    }
}
