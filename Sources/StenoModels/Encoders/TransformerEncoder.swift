import StenoTensor

/// A stack of self-attention and feed-forward layers, norms first (Vaswani et al. 2017; Xiong et al. 2020).
package struct TransformerEncoder: SequenceEncoder {
    private struct Layer: Sendable {
        let attention: SelfAttention
        let feedForward: FeedForward
    }

    private let positions: Positions
    private let layers: [Layer]
    private let norm: LayerNorm
    private let dropout: Float
    package let depth: Int

    package init(_ layout: inout Layout, options: ModelOptions) {
        let (width, transformer, dropout) = (options.encoder.units, options.transformer, options.encoder.dropout)
        positions = Positions(&layout, "encoder.positions", options: transformer, width: width)
        layers = (0..<options.encoder.layers).map { index in
            let name = "encoder.layers.\(index)"
            return Layer(
                attention: SelfAttention(
                    &layout, "\(name).attention", width: width, heads: transformer.heads, isCausal: false,
                    dropout: dropout),
                feedForward: FeedForward(
                    &layout, "\(name).feedForward", width: width, options: transformer, dropout: dropout))
        }
        norm = LayerNorm(&layout, "encoder.norm", width: width)
        self.dropout = dropout
        depth = width
    }

    package func callAsFunction(_ x: Variable, lengths: [Int], on tape: Tape) -> Encoded {
        var x = tape.dropout(positions(x, on: tape), rate: dropout)
        for layer in layers {
            x = layer.feedForward(layer.attention(x, lengths: lengths, on: tape), on: tape)
        }
        return Encoded(states: norm(x, on: tape), lengths: lengths, last: nil)
    }
}
