import CKernels

extension Tape {
    /// Cross-entropy of softmax(logits) against targets, with label smoothing.
    ///
    ///     loss = scale · Σ_rows [(1 - s) (-log p[target]) + s · mean_c (-log p[c])]
    ///
    /// Szegedy et al. 2016 for the smoothing. Rows whose target is `ignored` (padding) count nothing.
    ///
    /// - Parameters:
    ///   - logits: `[..., symbols]`.
    ///   - targets: one a row.
    ///   - scale: what the sum is multiplied by; 1 / (targets of the whole batch) makes it the batch's mean.
    ///   - inPlace: on the way back the gradient takes the place of the logits, which nothing else may read by then.
    /// - Returns: the scalar loss.
    package func crossEntropy(
        _ logits: Variable, targets: [Int32], ignored: Int32, smoothing: Float, scale: Float, inPlace: Bool = false
    ) -> Variable {
        let (rows, columns) = (logits.shape.rows, logits.shape.columns)
        precondition(targets.count == rows, "\(targets.count) targets for \(logits.shape)")
        precondition(targets.allSatisfy { $0 == ignored || ($0 >= 0 && $0 < columns) }, "a target is no symbol")
        let (losses, totals) = (tensor([rows]), tensor([rows]))
        steno_cross_entropy(
            Int64(rows), Int64(columns), logits.value.pointer, targets, ignored, smoothing, losses.pointer,
            totals.pointer)
        let loss = tensor([])
        loss.pointer[0] = Float(losses.values.reduce(0.0) { $0 + Double($1) }) * scale
        return record(loss, from: [logits]) { [unowned self] d in
            let gradient = inPlace ? logits.value : tensor(logits.shape)
            steno_cross_entropy_backward(
                Int64(rows), Int64(columns), logits.value.pointer, targets, ignored, smoothing, d.scalar * scale,
                totals.pointer, gradient.pointer)
            accumulate(gradient, into: logits)
        }
    }

    /// log softmax over the innermost axis, outside any gradient.
    package func logSoftmax(_ x: Tensor) -> Tensor {
        let y = tensor(x.shape)
        steno_log_softmax(Int64(x.shape.rows), Int64(x.shape.columns), x.pointer, y.pointer)
        return y
    }
}
