import CKernels

extension Tape {
    /// Rows of a table, one a token.
    ///
    /// - Parameters:
    ///   - tokens: `[batch, time]` in row-major order, each within the table.
    ///   - table: `[symbols, width]`.
    /// - Returns: `[batch, time, width]`.
    package func embedding(_ tokens: [Int32], batch: Int, table: Variable) -> Variable {
        let width = table.shape.columns
        let y = tensor([batch, tokens.count / max(batch, 1), width])
        for (row, token) in tokens.enumerated() {
            precondition(token >= 0 && Int(token) < table.shape[0], "token \(token) is outside the table")
            (y.pointer + row * width).update(from: table.value.pointer + Int(token) * width, count: width)
        }
        return record(y, from: [table]) { [unowned self] dy in
            guard let sum = gradientSum(table) else { return }
            for (row, token) in tokens.enumerated() {
                steno_add(Int64(width), dy.pointer + row * width, sum.pointer + Int(token) * width)
            }
        }
    }
}
