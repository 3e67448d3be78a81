import StenoTensor

/// An affine map of the innermost axis.
package struct Linear: Sendable {
    package enum Start: Sendable {
        /// Within ±1/√in, as PyTorch's.
        case uniform
        /// Within ±√(6 / (in + out)) (Glorot, Bengio 2010).
        case glorot
    }

    package let weight: Parameter
    package let bias: Parameter?

    package init(
        _ layout: inout Layout, _ name: String, from inputs: Int, to outputs: Int, bias: Bool = true,
        start: Start = .uniform
    ) {
        let square =
            switch start {
            case .uniform: 1 / Float(inputs)
            case .glorot: 6 / Float(inputs + outputs)
            }
        weight = layout.add("\(name).weight", [inputs, outputs], start: .uniform(bound: square.squareRoot()))
        self.bias = bias ? layout.add("\(name).bias", [outputs], start: .zeros) : nil
    }

    package func callAsFunction(_ x: Variable, on tape: Tape) -> Variable {
        tape.linear(x, weight: tape.parameter(weight), bias: bias.map(tape.parameter))
    }

    /// With an activation after it, of maps that have a bias.
    package func callAsFunction(_ x: Variable, activation: Activation, on tape: Tape) -> Variable {
        guard let bias else { preconditionFailure("an activation without a bias before it") }
        return tape.linear(x, weight: tape.parameter(weight), bias: tape.parameter(bias), activation: activation)
    }
}
