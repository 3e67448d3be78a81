import CKernels

/// A dense row-major array of single-precision numbers: a shape and a part of a storage.
///
/// Copies share the storage. Only the operation that makes a tensor writes it; afterwards it is read.
package struct Tensor: Sendable {
    package let shape: Shape
    package let storage: Storage
    package let offset: Int

    package init(shape: Shape, storage: Storage, offset: Int = 0) {
        precondition(offset >= 0 && offset + shape.count <= storage.capacity, "\(shape) does not fit its storage")
        (self.shape, self.storage, self.offset) = (shape, storage, offset)
    }

    /// Numbers of one's own, from `values` in row-major order.
    package init(_ values: [Float], shape: Shape) {
        precondition(values.count == shape.count, "\(values.count) values for \(shape)")
        self.init(shape: shape, storage: Storage(capacity: shape.count))
        values.withUnsafeBufferPointer { if let base = $0.baseAddress { pointer.update(from: base, count: $0.count) } }
    }

    /// Zeros of one's own.
    package init(zeros shape: Shape) {
        self.init(shape: shape, storage: Storage(capacity: shape.count))
        clear()
    }

    package var count: Int { shape.count }
    package var pointer: UnsafeMutablePointer<Float> { storage.pointer + offset }
    package var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    /// The only number of a tensor of one.
    package var scalar: Float {
        precondition(count == 1, "\(shape) is not a scalar")
        return pointer[0]
    }

    /// The same numbers under another shape of the same count.
    package func reshaped(_ shape: Shape) -> Tensor {
        precondition(shape.count == count, "\(self.shape) cannot become \(shape)")
        return Tensor(shape: shape, storage: storage, offset: offset)
    }

    /// Entry `index` of the outermost axis, sharing storage.
    package subscript(index: Int) -> Tensor {
        precondition(index >= 0 && index < shape[0], "index \(index) of \(shape)")
        let inner = Shape(Array(shape.extents.dropFirst()))
        return Tensor(shape: inner, storage: storage, offset: offset + index * inner.count)
    }

    package func clear() { pointer.update(repeating: 0, count: count) }

    /// Sum of the squares of all numbers, in double precision across blocks.
    package var sumOfSquares: Double {
        var result = 0.0
        steno_sum_of_squares(Int64(count), pointer, &result)
        return result
    }

    package func copyValues(from other: Tensor) {
        precondition(other.count == count, "\(other.shape) into \(shape)")
        pointer.update(from: other.pointer, count: count)
    }

    /// Adds `other` times `scale`.
    package func add(_ other: Tensor, scale: Float = 1) {
        precondition(other.count == count, "\(other.shape) onto \(shape)")
        steno_scaled_add(Int64(count), scale, other.pointer, pointer)
    }

    package func multiply(by factor: Float) { steno_scale(Int64(count), factor, pointer) }
}

/// A matrix inside a storage: what a product reads or writes. `stride` is the distance between rows as stored.
package struct Matrix {
    package let pointer: UnsafeMutablePointer<Float>
    package let rows: Int
    package let columns: Int
    package let stride: Int
    /// The storage holds the transpose.
    package let isTransposed: Bool

    package init(
        _ pointer: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil, isTransposed: Bool = false
    ) {
        self.pointer = pointer
        self.rows = rows
        self.columns = columns
        self.stride = stride ?? columns
        self.isTransposed = isTransposed
    }

    /// All rows of `tensor` under its innermost extent.
    package init(_ tensor: Tensor) {
        self.init(tensor.pointer, rows: tensor.shape.rows, columns: tensor.shape.columns)
    }

    package var transposed: Matrix {
        Matrix(pointer, rows: columns, columns: rows, stride: stride, isTransposed: !isTransposed)
    }

    /// Some of its columns.
    package func columns(_ range: Range<Int>) -> Matrix {
        Matrix(
            pointer + range.lowerBound * (isTransposed ? stride : 1), rows: rows, columns: range.count, stride: stride,
            isTransposed: isTransposed)
    }
}

/// `c = a b + beta c` in single precision; `c` is stored as it is.
package func product(_ a: Matrix, _ b: Matrix, beta: Float = 0, into c: Matrix) {
    checkExtents(a, b, c)
    let status = steno_product(
        a.isTransposed ? 1 : 0, b.isTransposed ? 1 : 0, Int64(c.rows), Int64(c.columns), Int64(a.columns), a.pointer,
        Int64(a.stride), b.pointer, Int64(b.stride), beta, c.pointer, Int64(c.stride))
    precondition(status == 0, "oneDNN refused a product with status \(status)")
}

func checkExtents(_ a: Matrix, _ b: Matrix, _ c: Matrix) {
    precondition(
        a.columns == b.rows && c.rows == a.rows && c.columns == b.columns && !c.isTransposed,
        "product of \(a.rows)x\(a.columns) and \(b.rows)x\(b.columns) into \(c.rows)x\(c.columns)")
}
