import CKernels

extension Tape {
    /// Affine map of the innermost axis: `y = x W + b`.
    ///
    /// - Parameters:
    ///   - x: `[..., in]`.
    ///   - weight: `[in, out]`. PyTorch keeps the transpose; this way round small products run at full speed.
    ///   - bias: `[out]`, or none.
    /// - Returns: `[..., out]`.
    package func linear(_ x: Variable, weight: Variable, bias: Variable? = nil) -> Variable {
        let y = tensor(x.shape.replacingColumns(weight.shape.columns))
        spreadProduct(Matrix(x.value), Matrix(weight.value), into: Matrix(y))
        if let bias { steno_add_bias(Int64(y.shape.rows), Int64(y.shape.columns), bias.value.pointer, y.pointer) }
        return record(y, from: [x, weight] + (bias.map { [$0] } ?? [])) { [unowned self] dy in
            if x.needsGradient {
                let dx = tensor(x.shape)
                product(Matrix(dy), Matrix(weight.value).transposed, into: Matrix(dx))
                accumulate(dx, into: x)
            }
            if let dw = gradientSum(weight) {
                product(Matrix(x.value).transposed, Matrix(dy), beta: 1, into: Matrix(dw))
            }
            if let bias, let db = gradientSum(bias) { addColumnSums(of: Matrix(dy), to: db.pointer) }
        }
    }
}

/// Adds the sum of a matrix's rows to `sums`.
func addColumnSums(of matrix: Matrix, to sums: UnsafeMutablePointer<Float>) {
    steno_sum_rows(Int64(matrix.rows), Int64(matrix.columns), Int64(matrix.stride), matrix.pointer, sums)
}
