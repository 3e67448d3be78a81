import CKernels
import Glibc

/// Sinusoidal positions, which tell a model without recurrence where a step stands.
///
///     p[t, 2i] = sin(t / 10000^(2i / width))      p[t, 2i + 1] = cos(t / 10000^(2i / width))
///
/// Vaswani et al. 2017, section 3.5.
package struct SinusoidalPositions: Sendable {
    /// Radians a step, one for each two columns.
    fileprivate let rates: [Double]
    package let width: Int

    package init(width: Int) {
        self.width = width
        rates = (0..<(width + 1) / 2).map { pow(10_000, -2 * Double($0) / Double(width)) }
    }
}

extension Tape {
    /// `scale x[t] + p[offset + t]`.
    ///
    /// - Parameter x: `[batch, time, width]`, its first step being number `offset`.
    package func positioned(
        _ x: Variable, by positions: SinusoidalPositions, scale: Float = 1, offset: Int = 0
    ) -> Variable {
        let (batch, time, width) = (x.shape[0], x.shape[1], x.shape[2])
        precondition(width == positions.width && offset >= 0, "positions of \(positions.width) for \(x.shape)")
        let y = tensor(x.shape)
        if batch > 0 {
            steno_positions(
                Int64(batch), Int64(time), Int64(width), Int64(offset), scale, positions.rates, x.value.pointer,
                y.pointer)
        }
        return record(y, from: [x]) { [unowned self] dy in
            dy.multiply(by: scale)
            accumulate(dy, into: x)
        }
    }
}
