import StenoTensor

/// A GRU or LSTM layer in one or two directions.
package struct RecurrentLayer: Sendable {
    /// The parameters of one direction; see `RecurrentDirection` for shapes.
    private struct Direction: Sendable {
        let inputWeight: Parameter, recurrentWeight: Parameter, inputBias: Parameter, recurrentBias: Parameter

        init(_ layout: inout Layout, _ name: String, gates: Int, inputs: Int, units: Int) {
            let bound = (6 / Float(inputs + units)).squareRoot()  // Glorot, Bengio 2010
            inputWeight = layout.add("\(name).input.weight", [inputs, gates * units], start: .uniform(bound: bound))
            recurrentWeight = layout.add("\(name).recurrent.weight", [units, gates * units], start: .orthogonal)
            inputBias = layout.add("\(name).input.bias", [gates * units], start: .zeros)
            recurrentBias = layout.add("\(name).recurrent.bias", [gates * units], start: .zeros)
        }

        func on(_ tape: Tape, isReversed: Bool) -> RecurrentDirection {
            RecurrentDirection(
                inputWeight: tape.parameter(inputWeight), recurrentWeight: tape.parameter(recurrentWeight),
                inputBias: tape.parameter(inputBias), recurrentBias: tape.parameter(recurrentBias),
                isReversed: isReversed)
        }
    }

    package let kind: RecurrentKind
    package let units: Int
    private let directions: [Direction]

    package init(
        _ layout: inout Layout, _ name: String, _ kind: RecurrentKind, inputs: Int, units: Int, bidirectional: Bool
    ) {
        (self.kind, self.units) = (kind, units)
        directions = (bidirectional ? ["forward", "backward"] : ["forward"]).map {
            Direction(&layout, "\(name).\($0)", gates: kind.gateCount, inputs: inputs, units: units)
        }
    }

    /// - Parameters:
    ///   - x: `[batch, time, inputs]`.
    ///   - initial: `[directions, batch, units]` for each state, zeros if none.
    /// - Returns: `[batch, time, directions * units]` and of each state the last one of each direction,
    ///   `[directions, batch, units]`.
    package func callAsFunction(
        _ x: Variable, lengths: [Int], initial: [Variable] = [], on tape: Tape
    ) -> (outputs: Variable, last: [Variable]) {
        tape.recurrent(
            kind, x, lengths: lengths,
            directions: directions.enumerated().map { $1.on(tape, isReversed: $0 == 1) }, initial: initial)
    }

    /// One step of a layer in one direction, for search.
    ///
    /// - Parameters:
    ///   - x: `[rows, inputs]`.
    ///   - states: `[rows, units]` for each state; the first of those returned is the output.
    package func step(_ x: Tensor, states: [Tensor], on tape: Tape) -> [Tensor] {
        let direction = directions[0].on(tape, isReversed: false)
        let gates = tape.linear(Variable(constant: x), weight: direction.inputWeight, bias: direction.inputBias)
        return tape.recurrentStep(
            kind, gates: gates.value, states: states, weight: direction.recurrentWeight.value,
            bias: direction.recurrentBias.value)
    }
}
