import StenoTensor

/// A stack of bidirectional recurrent layers.
package struct RecurrentEncoder: SequenceEncoder {
    private let inputNorm: LayerNorm?
    private let layers: [RecurrentLayer]
    private let norms: [LayerNorm]
    private let residual: Bool
    private let dropout: Float
    package let depth: Int

    package init(_ layout: inout Layout, options: EncoderOptions) {
        inputNorm = options.normalised ? LayerNorm(&layout, "encoder.input.norm", width: options.input) : nil
        var (layers, norms): ([RecurrentLayer], [LayerNorm]) = ([], [])
        var width = options.input
        for index in 0..<options.layers {
            layers.append(
                RecurrentLayer(
                    &layout, "encoder.layers.\(index)", options.cell, inputs: width, units: options.units,
                    bidirectional: true))
            width = 2 * options.units
            if options.normalised { norms.append(LayerNorm(&layout, "encoder.layers.\(index).norm", width: width)) }
        }
        self.layers = layers
        self.norms = norms
        residual = options.residual
        depth = width
        dropout = options.dropout
    }

    package func callAsFunction(_ x: Variable, lengths: [Int], on tape: Tape) -> Encoded {
        var x = inputNorm.map { $0(x, on: tape) } ?? x
        var last: Variable?
        for (index, layer) in layers.enumerated() {
            let below = x
            let (outputs, lasts) = layer(tape.dropout(x, rate: dropout), lengths: lengths, on: tape)
            (x, last) = (outputs, tape.joined(lasts[0]))
            if residual && below.shape == x.shape { x = tape.sum(below, x) }
            if !norms.isEmpty { x = norms[index](x, on: tape) }
        }
        return Encoded(states: tape.dropout(x, rate: dropout), lengths: lengths, last: last)
    }
}
