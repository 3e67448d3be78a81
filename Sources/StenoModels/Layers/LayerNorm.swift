import StenoTensor

/// Layer normalisation of the innermost axis with a learned gain and bias.
package struct LayerNorm: Sendable {
    package let gain: Parameter
    package let bias: Parameter

    package init(_ layout: inout Layout, _ name: String, width: Int) {
        gain = layout.add("\(name).gain", [width], start: .ones)
        bias = layout.add("\(name).bias", [width], start: .zeros)
    }

    package func callAsFunction(_ x: Variable, on tape: Tape) -> Variable {
        tape.layerNorm(x, gain: tape.parameter(gain), bias: tape.parameter(bias))
    }
}
