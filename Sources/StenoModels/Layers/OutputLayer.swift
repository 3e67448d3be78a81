import StenoTensor

/// Logits of all symbols: an affine map of its own, or one by the embedding's table (Press, Wolf 2017, "Using the
/// output embedding to improve language models").
package struct OutputLayer: Sendable {
    private enum Kind: Sendable {
        case own(Linear)
        case tied(Embedding, bias: Parameter)
    }

    private let kind: Kind

    package init(_ layout: inout Layout, _ name: String, from inputs: Int, to symbols: Int, tied: Embedding?) {
        if let tied {
            kind = .tied(tied, bias: layout.add("\(name).bias", [symbols], start: .zeros))
        } else {
            kind = .own(Linear(&layout, name, from: inputs, to: symbols))
        }
    }

    /// `[..., inputs]` to `[..., symbols]`.
    package func callAsFunction(_ x: Variable, on tape: Tape) -> Variable {
        switch kind {
        case .own(let linear): linear(x, on: tape)
        case .tied(let embedding, let bias):
            tape.linear(x, transposedWeight: tape.parameter(embedding.table), bias: tape.parameter(bias))
        }
    }
}
