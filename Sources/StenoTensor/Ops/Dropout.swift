import CKernels

extension Tape {
    /// Sets each element to 0 with probability `rate` and divides the rest by `1 - rate`; outside training, nothing.
    ///
    /// Srivastava et al. 2014. The mask is not kept: it is drawn again, by counter, on the way back.
    package func dropout(_ x: Variable, rate: Float) -> Variable {
        precondition(rate >= 0 && rate < 1, "a dropout rate of \(rate)")
        guard let key = nextRandomKey(), rate > 0 else { return x }
        let y = tensor(x.shape)
        steno_dropout(Int64(y.count), key, rate, x.value.pointer, y.pointer)
        return record(y, from: [x]) { [unowned self] dy in
            let dx = tensor(x.shape)
            steno_dropout(Int64(dx.count), key, rate, dy.pointer, dx.pointer)
            accumulate(dx, into: x)
        }
    }

    /// `x + dropout(branch)` in one pass: a residual connection (He et al. 2016), `x` being what bypasses the branch.
    package func residual(_ x: Variable, _ branch: Variable, dropout rate: Float = 0) -> Variable {
        precondition(rate >= 0 && rate < 1, "a dropout rate of \(rate)")
        precondition(x.shape == branch.shape, "sum of \(x.shape) and \(branch.shape)")
        guard let key = nextRandomKey(), rate > 0 else { return sum(x, branch) }
        let y = tensor(x.shape)
        steno_dropout_sum(Int64(y.count), key, rate, x.value.pointer, branch.value.pointer, y.pointer)
        return record(y, from: [x, branch]) { [unowned self] dy in
            if branch.needsGradient {
                let d = tensor(branch.shape)
                steno_dropout(Int64(d.count), key, rate, dy.pointer, d.pointer)
                accumulate(d, into: branch)
            }
            accumulate(dy, into: x)
        }
    }
}
