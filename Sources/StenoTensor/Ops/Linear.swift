import CKernels

extension Tape {
    /// Affine map of the innermost axis, and what may follow it: `y = f(x W + b)`.
    ///
    /// - Parameters:
    ///   - x: `[..., in]`.
    ///   - weight: `[in, out]`. PyTorch keeps the transpose; this way round small products run at full speed.
    ///   - bias: `[out]`, or none.
    /// - Returns: `[..., out]`.
    package func linear(_ x: Variable, weight: Variable, bias: Variable? = nil) -> Variable {
        let y = affine(x.value, Matrix(weight.value), bias: bias)
        return record(y, from: [x, weight] + (bias.map { [$0] } ?? [])) { [unowned self] dy in
            if let bias, let db = gradientSum(bias) { addColumnSums(of: Matrix(dy), to: db.pointer) }
            productBackward(x, weight: weight, dy: dy)
        }
    }

    /// The same with an activation, in the bias's pass.
    package func linear(_ x: Variable, weight: Variable, bias: Variable, activation: Activation) -> Variable {
        let z = tensor(x.shape.replacingColumns(weight.shape.columns))
        spreadProduct(Matrix(x.value), Matrix(weight.value), into: Matrix(z))
        let (rows, columns, b) = (Int64(z.shape.rows), Int64(z.shape.columns), bias.value.pointer)
        let y: Tensor
        switch activation {
        case .relu:
            y = z
            steno_bias_relu(rows, columns, b, y.pointer)
        case .gelu:
            y = tensor(z.shape)
            steno_bias_gelu(rows, columns, b, z.pointer, y.pointer)
        }
        return record(y, from: [x, weight, bias]) { [unowned self] dy in
            let db = gradientSum(bias) ?? zeros(bias.shape)
            switch activation {
            case .relu: steno_bias_relu_backward(rows, columns, z.pointer, dy.pointer, db.pointer)
            case .gelu: steno_bias_gelu_backward(rows, columns, z.pointer, dy.pointer, db.pointer)
            }
            productBackward(x, weight: weight, dy: dy)
        }
    }

    /// `y = x Wᵀ + b`: the output layer that has its weight in common with an embedding (Press, Wolf 2017).
    ///
    /// - Parameters:
    ///   - x: `[..., in]`.
    ///   - transposedWeight: `[out, in]`.
    ///   - bias: `[out]`, or none.
    /// - Returns: `[..., out]`.
    package func linear(_ x: Variable, transposedWeight weight: Variable, bias: Variable? = nil) -> Variable {
        let y = affine(x.value, Matrix(weight.value).transposed, bias: bias)
        return record(y, from: [x, weight] + (bias.map { [$0] } ?? [])) { [unowned self] dy in
            if let bias, let db = gradientSum(bias) { addColumnSums(of: Matrix(dy), to: db.pointer) }
            if x.needsGradient {
                let dx = tensor(x.shape)
                product(Matrix(dy), Matrix(weight.value), into: Matrix(dx))
                accumulate(dx, into: x)
            }
            if let dw = gradientSum(weight) {
                product(Matrix(dy).transposed, Matrix(x.value), beta: 1, into: Matrix(dw))
            }
        }
    }

    private func affine(_ x: Tensor, _ weight: Matrix, bias: Variable?) -> Tensor {
        let y = tensor(x.shape.replacingColumns(weight.columns))
        spreadProduct(Matrix(x), weight, into: Matrix(y))
        if let bias { steno_add_bias(Int64(y.shape.rows), Int64(y.shape.columns), bias.value.pointer, y.pointer) }
        return y
    }

    /// The gradients of `x W`.
    private func productBackward(_ x: Variable, weight: Variable, dy: Tensor) {
        if x.needsGradient {
            let dx = tensor(x.shape)
            product(Matrix(dy), Matrix(weight.value).transposed, into: Matrix(dx))
            accumulate(dx, into: x)
        }
        if let dw = gradientSum(weight) {
            product(Matrix(x.value).transposed, Matrix(dy), beta: 1, into: Matrix(dw))
        }
    }
}

/// Adds the sum of a matrix's rows to `sums`.
func addColumnSums(of matrix: Matrix, to sums: UnsafeMutablePointer<Float>) {
    steno_sum_rows(Int64(matrix.rows), Int64(matrix.columns), Int64(matrix.stride), matrix.pointer, sums)
}
