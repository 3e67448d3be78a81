import StenoModels
import StenoTensor
import StenoText

/// The decoder: all hypotheses of all utterances are one batch.
package struct DecoderScorer: Scorer {
    private let decoder: any SequenceDecoder
    private let memory: DecoderMemory
    private var owners: [Int]
    private var tokens: [Int32]
    private var state: DecoderState
    package private(set) var attention: Tensor?

    /// - Parameter items: the utterances of `memory` to search in.
    package init(_ decoder: any SequenceDecoder, memory: DecoderMemory, items: [Int], on tape: Tape) {
        self.decoder = decoder
        self.memory = memory
        owners = items
        tokens = items.map { _ in Int32(Vocabulary.start) }
        state = decoder.initialState(memory, items: items, on: tape)
    }

    package mutating func scores(on tape: Tape) -> Tensor {
        let step = decoder.step(tokens, state: state, memory: memory, owners: owners, on: tape)
        (state, attention) = (step.state, step.attention)
        return tape.logSoftmax(step.logits)
    }

    package mutating func advance(to continuations: Continuations, on tape: Tape) {
        state = state.rows(continuations.parents, on: tape)
        owners = continuations.parents.map { owners[$0] }
        tokens = continuations.tokens
        attention = nil
    }
}
