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
}
