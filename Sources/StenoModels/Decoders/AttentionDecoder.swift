import StenoTensor

/// What a decoder carries from step to step: tensors whose outermost axis is the hypotheses, for search to reorder.
package struct DecoderState {
    package let tensors: [Tensor]

    /// The states of the hypotheses with these numbers, in this order.
    package func rows(_ numbers: [Int], on tape: Tape) -> DecoderState {
        DecoderState(tensors: tensors.map { tape.rows(numbers, of: $0) })
    }
}

/// A GRU decoder with additive attention and a readout of state and context (Bahdanau, Cho, Bengio 2015).
package struct AttentionDecoder: Sendable {
    private let bridge: Linear?
    private let embedding: Embedding
    private let inputGates: Linear
    private let key: Linear
    private let queryWeight: Parameter, queryBias: Parameter
    private let energy: Parameter
    private let location: (filters: Parameter, weight: Parameter)?
    private let contextWeight: Parameter
    private let recurrentWeight: Parameter, recurrentBias: Parameter
    private let readout: Linear
    private let output: Linear
    private let dropout: Float
    package let units: Int
    package let symbols: Int

    package init(_ layout: inout Layout, options: DecoderOptions, depth: Int, symbols: Int) {
        units = options.units
        self.symbols = symbols
        dropout = options.dropout
        bridge = options.bridge ? Linear(&layout, "decoder.bridge", from: depth, to: units) : nil
        embedding = Embedding(&layout, "decoder.embedding", symbols: symbols, width: options.embedding)
        inputGates = Linear(&layout, "decoder.cell.input", from: options.embedding, to: 3 * units)
        key = Linear(&layout, "decoder.attention.key", from: depth, to: options.attention, bias: false)
        queryWeight = layout.add(
            "decoder.attention.query.weight", [units, options.attention],
            start: .uniform(bound: 1 / Float(units).squareRoot()))
        queryBias = layout.add("decoder.attention.query.bias", [options.attention], start: .zeros)
        energy = layout.add(
            "decoder.attention.energy", [options.attention],
            start: .uniform(bound: 1 / Float(options.attention).squareRoot()))
        if options.locationFilters > 0 {
            let size = options.locationWidth
            location = (
                layout.add(
                    "decoder.attention.location.filters", [size, options.locationFilters],
                    start: .uniform(bound: 1 / Float(size).squareRoot())),
                layout.add(
                    "decoder.attention.location.weight", [options.locationFilters, options.attention],
                    start: .uniform(bound: 1 / Float(options.locationFilters).squareRoot()))
            )
        } else {
            location = nil
        }
        contextWeight = layout.add(
            "decoder.cell.context.weight", [depth, 3 * units],
            start: .uniform(bound: (6 / Float(depth + units)).squareRoot()))
        recurrentWeight = layout.add("decoder.cell.recurrent.weight", [units, 3 * units], start: .orthogonal)
        recurrentBias = layout.add("decoder.cell.recurrent.bias", [3 * units], start: .zeros)
        readout = Linear(&layout, "decoder.readout", from: units + depth, to: options.readout)
        output = Linear(&layout, "decoder.output", from: options.readout, to: symbols)
    }

    /// What every step attends to; once an utterance.
    package func memory(_ encoded: Encoded, on tape: Tape) -> AttentionMemory {
        AttentionMemory(
            keys: key(encoded.states, on: tape), values: encoded.states, lengths: encoded.lengths,
            initial: bridge.map { tape.tanh($0(encoded.last, on: tape)) })
    }

    /// Teacher forcing over all steps.
    ///
    /// - Parameters:
    ///   - inputs: `[batch, steps]`, each the token before the one to be predicted.
    ///   - lengths: valid steps of each output.
    /// - Returns: logits `[batch, steps, symbols]` and attention weights `[batch, steps, time]`.
    package func callAsFunction(
        inputs: [Int32], lengths: [Int], memory: AttentionMemory, on tape: Tape
    ) -> (logits: Variable, attention: Tensor) {
        let batch = lengths.count
        let embedded = tape.dropout(embedding(inputs, batch: batch, on: tape), rate: dropout)
        let initial = memory.initial ?? Variable(constant: tape.zeros([batch, units]))
        let (states, contexts, attention) = tape.attentionDecoder(
            gates: inputGates(embedded, on: tape), lengths: lengths, initial: initial, memory: memory,
            weights: weights(on: tape))
        return (logits(states, contexts, on: tape), attention)
    }

    /// The state before the first token, for one hypothesis of each of these utterances of `memory`.
    package func initialState(_ memory: AttentionMemory, items: [Int], on tape: Tape) -> DecoderState {
        DecoderState(tensors: [
            memory.initial.map { tape.rows(items, of: $0.value) } ?? tape.zeros([items.count, units])
        ])
    }

    /// One step of `rows` hypotheses.
    ///
    /// - Parameters:
    ///   - tokens: the last token of each hypothesis.
    ///   - owners: the utterance in `memory` that each hypothesis belongs to.
    /// - Returns: logits `[rows, symbols]`, the next states, and attention weights `[rows, time]`.
    package func step(
        _ tokens: [Int32], state: DecoderState, memory: AttentionMemory, owners: [Int], on tape: Tape
    ) -> (logits: Tensor, state: DecoderState, attention: Tensor) {
        let rows = tokens.count
        let gates = inputGates(embedding(tokens, batch: rows, on: tape), on: tape)
        let weights = weights(on: tape)
        let seen = state.tensors.dropFirst().first
        let (next, context, attention) = tape.attentionDecoderStep(
            gates: gates.value.reshaped([rows, 3 * units]), state: state.tensors[0], memory: memory, owners: owners,
            weights: weights, alignment: seen)
        let result = logits(Variable(constant: next), Variable(constant: context), on: tape)
        let alignment = weights.location?.alignment(after: attention, earlier: seen, on: tape)
        return (result.value, DecoderState(tensors: [next] + (alignment.map { [$0] } ?? [])), attention)
    }

    private func logits(_ states: Variable, _ contexts: Variable, on tape: Tape) -> Variable {
        let hidden = tape.tanh(readout(tape.concatenate(states, contexts), on: tape))
        return output(tape.dropout(hidden, rate: dropout), on: tape)
    }

    private func weights(on tape: Tape) -> AttentionDecoderWeights {
        AttentionDecoderWeights(
            queryWeight: tape.parameter(queryWeight), queryBias: tape.parameter(queryBias),
            energy: tape.parameter(energy), contextWeight: tape.parameter(contextWeight),
            recurrentWeight: tape.parameter(recurrentWeight), recurrentBias: tape.parameter(recurrentBias),
            location: location.map {
                LocationWeights(
                    filters: tape.parameter($0.filters), weight: tape.parameter($0.weight), isCumulative: true)
            })
    }
}
