import StenoTensor

/// Attention of a decoder's steps to an encoder's states, pre-norm and with a residual; see `SelfAttention`.
package struct CrossAttention: Sendable {
    private let norm: LayerNorm
    private let query: Linear
    /// Keys and values at once.
    private let memory: Linear
    private let output: Linear
    private let heads: Int
    private let dropout: Float

    /// - Parameter depth: width of the encoder's states.
    package init(
        _ layout: inout Layout, _ name: String, width: Int, depth: Int, heads: Int, dropout: Float
    ) {
        norm = LayerNorm(&layout, "\(name).norm", width: width)
        query = Linear(&layout, "\(name).query", from: width, to: width, start: .glorot)
        memory = Linear(&layout, "\(name).memory", from: depth, to: 2 * width, start: .glorot)
        output = Linear(&layout, "\(name).output", from: width, to: width, start: .glorot)
        (self.heads, self.dropout) = (heads, dropout)
    }

    /// Keys and values `[batch, time, 2 width]`; once an utterance.
    package func memory(_ states: Variable, on tape: Tape) -> Variable { memory(states, on: tape) }

    /// - Parameters:
    ///   - x: `[batch, steps, width]`, of which `lengths` are valid.
    ///   - memory: keys and values, of which `memoryLengths` are valid.
    package func callAsFunction(
        _ x: Variable, lengths: [Int], memory: Variable, memoryLengths: [Int], on tape: Tape
    ) -> Variable {
        let queries = query(norm(x, on: tape), on: tape)
        let (attended, _) = tape.multiHeadAttention(
            queries: Columns(queries), keys: memory.part(0, of: 2), values: memory.part(1, of: 2), heads: heads,
            lengths: memoryLengths, queryLengths: lengths)
        return tape.residual(x, output(attended, on: tape), dropout: dropout)
    }

    /// One step, `x`: `[rows, width]`, each row's utterance in `memory` being its owner.
    ///
    /// - Returns: as `x`, and if wanted the weights `[rows, time]`, the mean over heads.
    package func step(
        _ x: Variable, memory: Variable, memoryLengths: [Int], owners: [Int], keepsWeights: Bool, on tape: Tape
    ) -> (Variable, weights: Tensor?) {
        let queries = query(norm(x, on: tape), on: tape)
        let (attended, weights) = tape.crossAttentionStep(
            queries.value, memory: memory.value, owners: owners, lengths: memoryLengths, heads: heads,
            keepsWeights: keepsWeights)
        return (tape.sum(x, output(Variable(constant: attended), on: tape)), weights)
    }
}
