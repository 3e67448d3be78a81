import StenoTensor

/// A table with one row a token.
package struct Embedding: Sendable {
    package let table: Parameter

    package init(_ layout: inout Layout, _ name: String, symbols: Int, width: Int) {
        table = layout.add("\(name).table", [symbols, width], start: .uniform(bound: 1 / Float(width).squareRoot()))
    }

    /// - Parameter tokens: `[batch, time]`, row-major.
    /// - Returns: `[batch, time, width]`.
    package func callAsFunction(_ tokens: [Int32], batch: Int, on tape: Tape) -> Variable {
        tape.embedding(tokens, batch: batch, table: tape.parameter(table))
    }
}
