import StenoTensor

/// What energies see of earlier steps: filters over their attention, and how those enter.
private struct LocationFilters: Sendable {
    let filters: Parameter
    let weight: Parameter
}

/// Additive attention of a decoder's states over an encoder's; see `Tape.additiveAttention`.
package struct AdditiveAttention: Sendable {
    private let key: Linear
    private let queryWeight: Parameter, queryBias: Parameter
    private let energy: Parameter
    private let location: LocationFilters?

    /// - Parameter depth: width of the encoder's states.
    package init(_ layout: inout Layout, _ name: String, options: DecoderOptions, depth: Int) {
        let (units, width) = (options.units, options.attention)
        key = Linear(&layout, "\(name).key", from: depth, to: width, bias: false)
        queryWeight = layout.add(
            "\(name).query.weight", [units, width], start: .uniform(bound: 1 / Float(units).squareRoot()))
        queryBias = layout.add("\(name).query.bias", [width], start: .zeros)
        energy = layout.add("\(name).energy", [width], start: .uniform(bound: 1 / Float(width).squareRoot()))
        let (size, filters) = (options.locationWidth, options.locationFilters)
        location =
            filters == 0
            ? nil
            : LocationFilters(
                filters: layout.add(
                    "\(name).location.filters", [size, filters],
                    start: .uniform(bound: 1 / Float(size).squareRoot())),
                weight: layout.add(
                    "\(name).location.weight", [filters, width],
                    start: .uniform(bound: 1 / Float(filters).squareRoot())))
    }

    /// What every step attends to; once an utterance.
    package func memory(_ encoded: Encoded, on tape: Tape) -> AttentionMemory {
        AttentionMemory(keys: key(encoded.states, on: tape), values: encoded.states, lengths: encoded.lengths)
    }

    /// Attention of `states` (`[batch, steps, units]`) that are all known.
    package func callAsFunction(
        _ states: Variable, lengths: [Int], memory: AttentionMemory, on tape: Tape
    ) -> (contexts: Variable, attention: Tensor) {
        tape.additiveAttention(
            queries: queries(states, on: tape), lengths: lengths, memory: memory, energy: tape.parameter(energy))
    }

    /// Attention of one step's `states` (`[rows, units]`), each row's utterance in `memory` being its owner.
    package func step(
        _ states: Tensor, memory: AttentionMemory, owners: [Int], on tape: Tape
    ) -> (contexts: Tensor, attention: Tensor) {
        tape.additiveAttentionStep(
            queries: queries(Variable(constant: states), on: tape).value, memory: memory, owners: owners,
            energy: tape.parameter(energy))
    }

    private func queries(_ states: Variable, on tape: Tape) -> Variable {
        tape.linear(states, weight: tape.parameter(queryWeight), bias: tape.parameter(queryBias))
    }

    /// With the weights of the recurrent layer that it is part of.
    func weights(
        context: Parameter, recurrent: Parameter, bias: Parameter, on tape: Tape
    ) -> AttentionDecoderWeights {
        AttentionDecoderWeights(
            queryWeight: tape.parameter(queryWeight), queryBias: tape.parameter(queryBias),
            energy: tape.parameter(energy), contextWeight: tape.parameter(context),
            recurrentWeight: tape.parameter(recurrent), recurrentBias: tape.parameter(bias),
            location: location.map {
                LocationWeights(
                    filters: tape.parameter($0.filters), weight: tape.parameter($0.weight), isCumulative: true)
            })
    }
}
