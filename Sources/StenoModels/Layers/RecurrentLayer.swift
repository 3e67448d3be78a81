import StenoTensor

/// A GRU layer in one or two directions.
package struct RecurrentLayer: Sendable {
    /// The parameters of one direction; see `RecurrentDirection` for shapes.
    package struct Direction: Sendable {
        package let inputWeight: Parameter, recurrentWeight: Parameter, inputBias: Parameter, recurrentBias: Parameter

        init(_ layout: inout Layout, _ name: String, inputs: Int, units: Int) {
            let bound = (6 / Float(inputs + units)).squareRoot()  // Glorot, Bengio 2010
            inputWeight = layout.add("\(name).input.weight", [inputs, 3 * units], start: .uniform(bound: bound))
            recurrentWeight = layout.add("\(name).recurrent.weight", [units, 3 * units], start: .orthogonal)
            inputBias = layout.add("\(name).input.bias", [3 * units], start: .zeros)
            recurrentBias = layout.add("\(name).recurrent.bias", [3 * units], start: .zeros)
        }
    }

    package let directions: [Direction]
    package let units: Int

    package init(_ layout: inout Layout, _ name: String, inputs: Int, units: Int, bidirectional: Bool) {
        self.units = units
        directions = (bidirectional ? ["forward", "backward"] : ["forward"]).map {
            Direction(&layout, "\(name).\($0)", inputs: inputs, units: units)
        }
    }

    /// - Parameters:
    ///   - x: `[batch, time, inputs]`.
    ///   - initial: `[directions, batch, units]`, zeros if none.
    /// - Returns: `[batch, time, directions * units]` and each direction's last state.
    package func callAsFunction(
        _ x: Variable, lengths: [Int], initial: Variable? = nil, on tape: Tape
    ) -> (outputs: Variable, last: Variable) {
        tape.gru(
            x, lengths: lengths,
            directions: directions.enumerated().map { index, direction in
                RecurrentDirection(
                    inputWeight: tape.parameter(direction.inputWeight),
                    recurrentWeight: tape.parameter(direction.recurrentWeight),
                    inputBias: tape.parameter(direction.inputBias),
                    recurrentBias: tape.parameter(direction.recurrentBias), isReversed: index == 1)
            }, initial: initial)
    }
}
