import StenoTensor

/// A stack of causal self-attention, attention to the encoder's states and feed-forward layers, norms first (Vaswani et
/// al. 2017; Xiong et al. 2020).
package struct TransformerDecoder: SequenceDecoder {
    private struct Layer: Sendable {
        let attention: SelfAttention
        let cross: CrossAttention
        let feedForward: FeedForward
    }

    private let embedding: Embedding
    private let positions: Positions
    private let layers: [Layer]
    private let norm: LayerNorm
    private let output: OutputLayer
    private let dropout: Float

    /// - Parameters:
    ///   - depth: width of the encoder's states.
    ///   - shared: the embedding of both sides, if there is one.
    package init(_ layout: inout Layout, options: ModelOptions, depth: Int, symbols: Int, shared: Embedding?) {
        let (width, transformer, dropout) = (options.decoder.units, options.transformer, options.decoder.dropout)
        embedding = shared ?? Embedding(&layout, "decoder.embedding", symbols: symbols, width: width)
        positions = Positions(&layout, "decoder.positions", options: transformer, width: width)
        layers = (0..<options.decoder.layers).map { index in
            let name = "decoder.layers.\(index)"
            return Layer(
                attention: SelfAttention(
                    &layout, "\(name).attention", width: width, heads: transformer.heads, isCausal: true,
                    dropout: dropout),
                cross: CrossAttention(
                    &layout, "\(name).cross", width: width, depth: depth, heads: transformer.heads, dropout: dropout),
                feedForward: FeedForward(
                    &layout, "\(name).feedForward", width: width, options: transformer, dropout: dropout))
        }
        norm = LayerNorm(&layout, "decoder.norm", width: width)
        output = OutputLayer(
            &layout, "decoder.output", from: width, to: symbols, tied: options.tied == .none ? nil : embedding)
        self.dropout = dropout
    }

    package func memory(_ encoded: Encoded, on tape: Tape) -> DecoderMemory {
        DecoderMemory(
            projections: layers.map { $0.cross.memory(encoded.states, on: tape) }, lengths: encoded.lengths)
    }

    package func callAsFunction(
        inputs: [Int32], lengths: [Int], memory: DecoderMemory, on tape: Tape
    ) -> Variable {
        let embedded = embedding(inputs, batch: lengths.count, on: tape)
        var x = tape.dropout(positions(embedded, on: tape), rate: dropout)
        for (layer, projection) in zip(layers, memory.projections) {
            x = layer.attention(x, lengths: lengths, on: tape)
            x = layer.cross(x, lengths: lengths, memory: projection, memoryLengths: memory.lengths, on: tape)
            x = layer.feedForward(x, on: tape)
        }
        return output(norm(x, on: tape), on: tape)
    }

    package func initialState(_ memory: DecoderMemory, items: [Int], on tape: Tape) -> DecoderState {
        DecoderState(caches: layers.map { _ in KeyValueCache() })
    }

    /// The attention is that of the last layer, the mean over its heads.
    package func step(
        _ tokens: [Int32], state: DecoderState, memory: DecoderMemory, owners: [Int], on tape: Tape
    ) -> DecoderStep {
        let placed = positions(
            embedding(tokens, batch: tokens.count, on: tape), offset: state.caches[0].count, on: tape)
        var (x, caches, weights) = (
            tape.reshape(placed, [tokens.count, placed.shape.columns]), state.caches, Tensor?.none
        )
        for (index, layer) in layers.enumerated() {
            x = layer.attention.step(x, cache: &caches[index], on: tape)
            (x, weights) = layer.cross.step(
                x, memory: memory.projections[index], memoryLengths: memory.lengths, owners: owners,
                keepsWeights: index == layers.count - 1, on: tape)
            x = layer.feedForward(x, on: tape)
        }
        return DecoderStep(
            logits: output(norm(x, on: tape), on: tape).value, state: DecoderState(caches: caches), attention: weights)
    }
}
