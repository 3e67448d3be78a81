import CKernels
import StenoModels
import StenoTensor

/// Adam with decoupled weight decay of matrices, over flat weights in fixed pieces, so that any number of workers gives
/// the same bits. Kingma, Ba 2015; Loshchilov, Hutter 2019.
package struct Adam: Sendable {
    package let moment: Weights
    package let variance: Weights
    private let options: OptimiserOptions
    private let pieces: [(offset: Int, count: Int, isDecayed: Bool)]

    package init(_ layout: Layout, options: OptimiserOptions) {
        moment = Weights(zeros: layout)
        variance = Weights(zeros: layout)
        self.options = options
        var pieces: [(offset: Int, count: Int, isDecayed: Bool)] = []
        var offset = 0
        for entry in layout.entries {
            let end = offset + entry.shape.count
            while offset < end {
                let count = min(1 << 16, end - offset)
                pieces.append((offset, count, entry.isMatrix))
                offset += count
            }
        }
        self.pieces = pieces
    }

    /// The norm of a gradient, summed piece by piece in a fixed order.
    package func norm(of gradient: Weights, workers: Workers) -> Double {
        let squares = Tensor(zeros: [2 * pieces.count])  // room for doubles
        let sums = UnsafeMutableRawPointer(squares.pointer).assumingMemoryBound(to: Double.self)
        forEachPiece(workers) { [pieces] index in
            let piece = pieces[index]
            steno_sum_of_squares(
                Int64(piece.count), gradient.flat.pointer + piece.offset,
                UnsafeMutableRawPointer(squares.pointer).assumingMemoryBound(to: Double.self) + index)
        }
        return (0..<pieces.count).reduce(0.0) { $0 + sums[$1] }.squareRoot()
    }

    /// - Parameters:
    ///   - step: from 1.
    ///   - scale: factor of the gradient, from clipping.
    package func update(
        _ weights: Weights, gradient: Weights, step: Int, rate: Double, scale: Float, workers: Workers
    ) {
        let corrections = [options.beta1, options.beta2].map { Float(1 - pow(Double($0), step)) }
        forEachPiece(workers) { [self] index in
            let (offset, count, isDecayed) = pieces[index]
            steno_adam(
                Int64(count), Float(rate), options.beta1, options.beta2, options.epsilon,
                isDecayed ? options.decay : 0, corrections[0], corrections[1], scale, gradient.flat.pointer + offset,
                moment.flat.pointer + offset, variance.flat.pointer + offset, weights.flat.pointer + offset)
        }
    }

    private func forEachPiece(_ workers: Workers, _ body: @escaping @Sendable (Int) -> Void) {
        workers.run(jobs: pieces.count, body)
    }
}

private func pow(_ base: Double, _ exponent: Int) -> Double {
    var (result, base, exponent) = (1.0, base, exponent)
    while exponent > 0 {
        if exponent & 1 == 1 { result *= base }
        base *= base
        exponent >>= 1
    }
    return result
}
