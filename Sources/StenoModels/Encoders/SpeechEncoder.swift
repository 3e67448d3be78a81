import StenoTensor

/// Convolutional subsampling, a projection and a stack of bidirectional GRU layers.
package struct SpeechEncoder: Sendable {
    package let subsampling: ConvolutionalSubsampling
    private let input: Linear
    private let inputNorm: LayerNorm?
    private let layers: [RecurrentLayer]
    private let norms: [LayerNorm]
    private let dropout: Float
    /// Width of the states.
    package var depth: Int { 2 * (layers.last?.units ?? 0) }

    package init(_ layout: inout Layout, options: EncoderOptions, bins: Int) {
        subsampling = ConvolutionalSubsampling(
            &layout, "encoder.subsampling", bins: bins, channels: options.channels, factor: options.subsampling)
        input = Linear(&layout, "encoder.input", from: subsampling.width, to: options.input)
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
        dropout = options.dropout
    }

    /// - Parameter frames: `[batch, time, bins]`.
    package func callAsFunction(_ frames: Variable, lengths: [Int], on tape: Tape) -> Encoded {
        var (x, lengths) = subsampling(frames, lengths: lengths, on: tape)
        x = input(x, on: tape)
        if let inputNorm { x = inputNorm(x, on: tape) }
        for (index, layer) in layers.enumerated() {
            x = layer(tape.dropout(x, rate: dropout), lengths: lengths, on: tape).outputs
            if !norms.isEmpty { x = norms[index](x, on: tape) }
        }
        return Encoded(states: tape.dropout(x, rate: dropout), lengths: lengths)
    }
}
