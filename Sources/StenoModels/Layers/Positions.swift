import StenoTensor

/// What tells a Transformer where a step stands.
///
/// Sinusoidal positions are added to `√width x` (Vaswani et al. 2017, section 3.4 and 3.5), learned ones to `x` itself.
package struct Positions: Sendable {
    private enum Kind: Sendable {
        case sinusoidal(SinusoidalPositions)
        case learned(Embedding, longest: Int)
    }

    private let kind: Kind

    package init(_ layout: inout Layout, _ name: String, options: TransformerOptions, width: Int) {
        switch options.positions {
        case .sinusoidal: kind = .sinusoidal(SinusoidalPositions(width: width))
        case .learned:
            kind = .learned(
                Embedding(&layout, name, symbols: options.longest, width: width), longest: options.longest)
        }
    }

    /// - Parameters:
    ///   - x: `[batch, time, width]`.
    ///   - offset: the number of its first step.
    package func callAsFunction(_ x: Variable, offset: Int = 0, on tape: Tape) -> Variable {
        switch kind {
        case .sinusoidal(let positions):
            return tape.positioned(x, by: positions, scale: Float(positions.width).squareRoot(), offset: offset)
        case .learned(let table, let longest):
            let (batch, time) = (x.shape[0], x.shape[1])
            let places = (0..<time).map { Int32(min(offset + $0, longest - 1)) }
            let rows = table((0..<batch).flatMap { _ in places }, batch: batch, on: tape)
            return tape.sum(x, rows)
        }
    }
}
