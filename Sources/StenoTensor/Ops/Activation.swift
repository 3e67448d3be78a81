import CKernels

/// What a layer does to each number of its product.
package enum Activation: String, Codable, CaseIterable, Sendable {
    /// max(x, 0)
    case relu
    /// x Φ(x), Φ being the normal distribution (Hendrycks, Gimpel 2016), exactly and not by its tanh approximation.
    case gelu
}

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

    /// x Φ(x), element by element; see `Activation.gelu`.
    package func gelu(_ x: Variable) -> Variable {
        let y = tensor(x.shape)
        steno_gelu(Int64(y.count), x.value.pointer, y.pointer)
        return record(y, from: [x]) { [unowned self] dy in
            steno_gelu_backward(Int64(dy.count), x.value.pointer, dy.pointer)
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
