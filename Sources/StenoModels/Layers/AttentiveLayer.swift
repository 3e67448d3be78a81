import StenoTensor

/// A recurrent layer that attends at each step and reads what it attended to; see `Tape.attentionDecoder`.
package struct AttentiveLayer: Sendable {
    private let kind: RecurrentKind
    private let input: Linear
    private let attention: AdditiveAttention
    private let contextWeight: Parameter
    private let recurrentWeight: Parameter, recurrentBias: Parameter

    /// - Parameters:
    ///   - inputs: width of what it reads beside.
    ///   - depth: width of the encoder's states.
    package init(_ layout: inout Layout, options: DecoderOptions, inputs: Int, depth: Int) {
        kind = options.cell
        let (units, gates) = (options.units, options.cell.gateCount)
        input = Linear(&layout, "decoder.cell.input", from: inputs, to: gates * units)
        attention = AdditiveAttention(&layout, "decoder.attention", options: options, depth: depth)
        contextWeight = layout.add(
            "decoder.cell.context.weight", [depth, gates * units],
            start: .uniform(bound: (6 / Float(depth + units)).squareRoot()))
        recurrentWeight = layout.add("decoder.cell.recurrent.weight", [units, gates * units], start: .orthogonal)
        recurrentBias = layout.add("decoder.cell.recurrent.bias", [gates * units], start: .zeros)
    }

    package func memory(_ encoded: Encoded, on tape: Tape) -> AttentionMemory { attention.memory(encoded, on: tape) }

    /// - Parameters:
    ///   - x: `[batch, steps, inputs]`.
    ///   - initial: `[batch, units]` for each state of the cell.
    package func callAsFunction(
        _ x: Variable, lengths: [Int], initial: [Variable], memory: AttentionMemory, on tape: Tape
    ) -> (states: Variable, contexts: Variable, attention: Tensor) {
        tape.attentionDecoder(
            kind, gates: input(x, on: tape), lengths: lengths, initial: initial, memory: memory,
            weights: weights(on: tape))
    }

    /// One step for search.
    ///
    /// - Parameters:
    ///   - x: `[rows, inputs]`.
    ///   - states: `[rows, units]` for each state of the cell; then, after the first step and with location features,
    ///     the sum of earlier attention.
    /// - Returns: the next states in this form, contexts `[rows, depth]`, and attention weights `[rows, time]`.
    package func step(
        _ x: Tensor, states: [Tensor], memory: AttentionMemory, owners: [Int], on tape: Tape
    ) -> (states: [Tensor], contexts: Tensor, attention: Tensor) {
        let weights = weights(on: tape)
        let seen = states.dropFirst(kind.stateCount).first
        let (next, contexts, attention) = tape.attentionDecoderStep(
            kind, gates: input(Variable(constant: x), on: tape).value, states: Array(states.prefix(kind.stateCount)),
            memory: memory, owners: owners, weights: weights, alignment: seen)
        let alignment = weights.location?.alignment(after: attention, earlier: seen, on: tape)
        return (next + (alignment.map { [$0] } ?? []), contexts, attention)
    }

    private func weights(on tape: Tape) -> AttentionDecoderWeights {
        attention.weights(context: contextWeight, recurrent: recurrentWeight, bias: recurrentBias, on: tape)
    }
}
