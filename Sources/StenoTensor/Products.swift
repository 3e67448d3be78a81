import CKernels

/// What the factors of matrix products are rounded to. Sums and everything between products are single precision.
package enum Precision: String, Codable, CaseIterable, Sendable {
    case float32
    /// Eight bits of mantissa, the exponents of single precision; needs AVX-512 with avx512_bf16.
    case bfloat16

    /// Whether the processor has it and no cap forbids it.
    package var isAvailable: Bool { self == .float32 || steno_has_bfloat16() != 0 }
}

/// A right factor of many products, prepared once for those of one tape.
package struct Factor {
    /// The factor itself, or a copy whose rows stand together.
    fileprivate let matrix: Matrix
    /// What holds that copy, or the factor in bfloat16.
    fileprivate let storage: Storage?
}

/// How a tape multiplies matrices: in which precision, and with room from which pool.
package struct Products: Sendable {
    package let precision: Precision
    private let pool: Pool

    init(precision: Precision, pool: Pool) {
        precondition(precision.isAvailable, "\(precision) is not available")
        (self.precision, self.pool) = (precision, pool)
    }

    /// `c = a b + beta c`; `c` is stored as it is.
    package func callAsFunction(_ a: Matrix, _ b: Matrix, beta: Float = 0, into c: Matrix) {
        switch precision {
        case .float32: product(a, b, beta: beta, into: c)
        case .bfloat16: rounded(a, b, packed: nil, beta: beta, into: c)
        }
    }

    package func callAsFunction(_ a: Matrix, _ b: Factor, beta: Float = 0, into c: Matrix) {
        switch precision {
        case .float32: product(a, b.matrix, beta: beta, into: c)
        case .bfloat16: rounded(a, b.matrix, packed: b.storage, beta: beta, into: c)
        }
    }

    /// A matrix in the form in which it is multiplied fastest, for products of few rows that have it in common.
    package func factor(_ matrix: Matrix) -> Factor {
        let (rows, columns) = (Int64(matrix.rows), Int64(matrix.columns))
        switch precision {
        case .float32:
            guard matrix.isTransposed else { return Factor(matrix: matrix, storage: nil) }
            precondition(matrix.stride == matrix.rows, "columns \(matrix.stride) apart")
            let copy = pool.storage(count: matrix.rows * matrix.columns)
            steno_transpose(columns, rows, matrix.pointer, copy.pointer)
            return Factor(matrix: Matrix(copy.pointer, rows: matrix.rows, columns: matrix.columns), storage: copy)
        case .bfloat16:
            let packed = pool.storage(count: Int(steno_bfloat16_factor_words(columns, rows)))
            steno_bfloat16_factor(
                matrix.isTransposed ? 1 : 0, columns, rows, matrix.pointer, Int64(matrix.stride), packed.pointer)
            return Factor(matrix: matrix, storage: packed)
        }
    }

    private func rounded(_ a: Matrix, _ b: Matrix, packed: Storage?, beta: Float, into c: Matrix) {
        checkExtents(a, b, c)
        let (rows, columns, inner) = (Int64(c.rows), Int64(c.columns), Int64(a.columns))
        let scratch = pool.storage(
            count: Int(steno_bfloat16_scratch_words(columns, inner, packed == nil ? 0 : 1)))
        steno_bfloat16_product(
            a.isTransposed ? 1 : 0, b.isTransposed ? 1 : 0, rows, columns, inner, a.pointer, Int64(a.stride),
            b.pointer, Int64(b.stride), packed?.pointer, beta, c.pointer, Int64(c.stride), scratch.pointer)
    }
}
