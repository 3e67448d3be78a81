import StenoTensor

/// An affine map of the innermost axis.
package struct Linear: Sendable {
    package let weight: Parameter
    package let bias: Parameter?

    /// Uniform starting weights within ±1/√in, as PyTorch's.
    package init(_ layout: inout Layout, _ name: String, from inputs: Int, to outputs: Int, bias: Bool = true) {
        let bound = 1 / Float(inputs).squareRoot()
        weight = layout.add("\(name).weight", [inputs, outputs], start: .uniform(bound: bound))
        self.bias = bias ? layout.add("\(name).bias", [outputs], start: .zeros) : nil
    }

    package func callAsFunction(_ x: Variable, on tape: Tape) -> Variable {
        tape.linear(x, weight: tape.parameter(weight), bias: bias.map(tape.parameter))
    }
}
