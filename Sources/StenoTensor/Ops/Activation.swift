import CKernels

extension Tape {
    /// max(x, 0), element by element.
    package func relu(_ x: Variable) -> Variable {
        let y = copy(x.value)
        steno_relu(Int64(y.count), y.pointer)
        return record(y, from: [x]) { [unowned self] dy in
            steno_relu_backward(Int64(y.count), y.pointer, dy.pointer)
            accumulate(dy, into: x)
        }
    }

    /// tanh(x), element by element.
    package func tanh(_ x: Variable) -> Variable {
        let y = copy(x.value)
        steno_tanh(Int64(y.count), y.pointer)
        return record(y, from: [x]) { [unowned self] dy in
            steno_tanh_backward(Int64(y.count), y.pointer, dy.pointer)
            accumulate(dy, into: x)
        }
    }
}
