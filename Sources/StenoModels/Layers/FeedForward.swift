import StenoTensor

/// Two affine maps with an activation between them, pre-norm and with a residual:
///
///     y = x + dropout(W_2 dropout(f(W_1 norm(x) + b_1)) + b_2)
///
/// Vaswani et al. 2017, section 3.3.
package struct FeedForward: Sendable {
    private let norm: LayerNorm
    private let hidden: Linear
    private let output: Linear
    private let activation: Activation
    private let dropout: Float

    package init(
        _ layout: inout Layout, _ name: String, width: Int, options: TransformerOptions, dropout: Float
    ) {
        norm = LayerNorm(&layout, "\(name).norm", width: width)
        hidden = Linear(&layout, "\(name).hidden", from: width, to: options.feedForward, start: .glorot)
        output = Linear(&layout, "\(name).output", from: options.feedForward, to: width, start: .glorot)
        activation = options.activation
        self.dropout = dropout
    }

    /// `x`, the result: `[..., width]`.
    package func callAsFunction(_ x: Variable, on tape: Tape) -> Variable {
        let inner = hidden(norm(x, on: tape), activation: activation, on: tape)
        return tape.residual(x, output(tape.dropout(inner, rate: dropout), on: tape), dropout: dropout)
    }
}
