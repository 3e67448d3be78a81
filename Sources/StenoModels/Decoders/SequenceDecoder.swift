import StenoTensor

/// What writes tokens, each given those before it, from what an encoder made of a source.
///
/// Nothing is kept between calls: what every step reads of the source is a `DecoderMemory`, made once; what one step
/// hands to the next is a `DecoderState`.
package protocol SequenceDecoder: Sendable {
    /// What every step reads of the source; once an utterance.
    func memory(_ encoded: Encoded, on tape: Tape) -> DecoderMemory

    /// Teacher forcing over all steps.
    ///
    /// - Parameters:
    ///   - inputs: `[batch, steps]`, each the token before the one to be predicted.
    ///   - lengths: valid steps of each output.
    /// - Returns: logits `[batch, steps, symbols]`.
    func callAsFunction(inputs: [Int32], lengths: [Int], memory: DecoderMemory, on tape: Tape) -> Variable

    /// The state before the first token, for one hypothesis of each of these utterances of `memory`.
    func initialState(_ memory: DecoderMemory, items: [Int], on tape: Tape) -> DecoderState

    /// One step of some hypotheses.
    ///
    /// - Parameters:
    ///   - tokens: `[rows]`, the last token of each hypothesis.
    ///   - owners: the utterance in `memory` that each hypothesis belongs to.
    func step(
        _ tokens: [Int32], state: DecoderState, memory: DecoderMemory, owners: [Int], on tape: Tape
    ) -> DecoderStep
}

/// What a decoder reads of the source at every step.
package struct DecoderMemory {
    /// What the states attend to, of decoders with additive attention.
    package let attention: AttentionMemory?
    /// `[batch, units]` each: what recurrent states begin with.
    package let initial: [Variable]
    /// `[batch, time, 2 width]`: keys and values for each layer of a Transformer.
    package let projections: [Variable]
    /// Valid steps of each utterance.
    package let lengths: [Int]

    package init(
        attention: AttentionMemory? = nil, initial: [Variable] = [], projections: [Variable] = [], lengths: [Int]
    ) {
        self.attention = attention
        self.initial = initial
        self.projections = projections
        self.lengths = lengths
    }
}

/// What a decoder carries from step to step, for search to reorder.
package struct DecoderState {
    /// Recurrent states `[rows, units]`, and what location features see `[rows, time]`; rows are hypotheses.
    package var tensors: [Tensor] = []
    /// What each layer of a Transformer has seen.
    package var caches: [KeyValueCache] = []

    /// The states of the hypotheses with these numbers, in this order.
    package func rows(_ numbers: [Int], on tape: Tape) -> DecoderState {
        DecoderState(
            tensors: tensors.map { tape.rows(numbers, of: $0) }, caches: caches.map { $0.rows(numbers, on: tape) })
    }
}

/// What one step of a decoder gives.
package struct DecoderStep {
    /// `[rows, symbols]`.
    package let logits: Tensor
    package let state: DecoderState
    /// Weights `[rows, time]` of the encoder's steps, of decoders that attend.
    package let attention: Tensor?
}
