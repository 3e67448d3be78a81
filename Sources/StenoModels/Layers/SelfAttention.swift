import StenoTensor

/// Attention of a sequence to itself, pre-norm and with a residual:
///
///     y = x + dropout(W_o attention(W (norm x)))
///
/// Vaswani et al. 2017, section 3.2; the norm's place as in Xiong et al. 2020, "On layer normalization in the
/// Transformer architecture".
package struct SelfAttention: Sendable {
    private let norm: LayerNorm
    /// Queries, keys and values at once.
    private let input: Linear
    private let output: Linear
    private let heads: Int
    private let isCausal: Bool
    private let dropout: Float

    package init(
        _ layout: inout Layout, _ name: String, width: Int, heads: Int, isCausal: Bool, dropout: Float
    ) {
        norm = LayerNorm(&layout, "\(name).norm", width: width)
        input = Linear(&layout, "\(name).input", from: width, to: 3 * width, start: .glorot)
        output = Linear(&layout, "\(name).output", from: width, to: width, start: .glorot)
        (self.heads, self.isCausal, self.dropout) = (heads, isCausal, dropout)
    }

    /// `x`, the result: `[batch, time, width]`, of which `lengths` are valid.
    package func callAsFunction(_ x: Variable, lengths: [Int], on tape: Tape) -> Variable {
        let projected = input(norm(x, on: tape), on: tape)
        let (attended, _) = tape.multiHeadAttention(
            queries: projected.part(0, of: 3), keys: projected.part(1, of: 3), values: projected.part(2, of: 3),
            heads: heads, lengths: lengths, queryLengths: lengths, isCausal: isCausal)
        return tape.residual(x, output(attended, on: tape), dropout: dropout)
    }

    /// One step, `x`: `[rows, width]`; it is added to the cache.
    package func step(_ x: Variable, cache: inout KeyValueCache, on tape: Tape) -> Variable {
        let projected = input(norm(x, on: tape), on: tape)
        let attended = tape.selfAttentionStep(projected.value, cache: &cache, heads: heads)
        return tape.sum(x, output(Variable(constant: attended), on: tape))
    }
}
