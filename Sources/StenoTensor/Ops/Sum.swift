import CKernels

extension Tape {
    /// Element-wise sum of two values of one shape: a residual connection.
    package func sum(_ a: Variable, _ b: Variable) -> Variable {
        precondition(a.shape == b.shape, "sum of \(a.shape) and \(b.shape)")
        let y = tensor(a.shape)
        steno_sum(Int64(y.count), a.value.pointer, b.value.pointer, y.pointer)
        return record(y, from: [a, b]) { [unowned self] dy in
            if b.needsGradient { accumulate(a.needsGradient ? copy(dy) : dy, into: b) }
            accumulate(dy, into: a)
        }
    }

    /// `Σ weight · loss` of scalars.
    package func weightedSum(_ losses: [(loss: Variable, weight: Float)]) -> Variable {
        let y = tensor([])
        y.pointer[0] = losses.reduce(0) { $0 + $1.weight * $1.loss.value.scalar }
        return record(y, from: losses.map(\.loss)) { [unowned self] dy in
            for (loss, weight) in losses {
                let d = tensor([])
                d.pointer[0] = dy.scalar * weight
                accumulate(d, into: loss)
            }
        }
    }

    /// The same numbers under another shape.
    package func reshape(_ x: Variable, _ shape: Shape) -> Variable {
        record(x.value.reshaped(shape), from: [x]) { [unowned self] dy in accumulate(dy.reshaped(x.shape), into: x) }
    }

    /// `[..., a]` and `[..., b]` side by side as `[..., a + b]`.
    package func concatenate(_ a: Variable, _ b: Variable) -> Variable {
        let (rows, left, right) = (a.shape.rows, a.shape.columns, b.shape.columns)
        precondition(b.shape.rows == rows, "concatenation of \(a.shape) and \(b.shape)")
        let y = tensor(a.shape.replacingColumns(left + right))
        for row in 0..<rows {
            let target = y.pointer + row * (left + right)
            target.update(from: a.value.pointer + row * left, count: left)
            (target + left).update(from: b.value.pointer + row * right, count: right)
        }
        return record(y, from: [a, b]) { [unowned self] dy in
            let (da, db) = (tensor(a.shape), tensor(b.shape))
            for row in 0..<rows {
                let source = dy.pointer + row * (left + right)
                (da.pointer + row * left).update(from: source, count: left)
                (db.pointer + row * right).update(from: source + left, count: right)
            }
            accumulate(da, into: a)
            accumulate(db, into: b)
        }
    }

    /// Parts `[parts, rows, columns]` side by side: `[rows, parts * columns]`.
    package func joined(_ x: Variable) -> Variable {
        let (parts, rows, columns) = (x.shape[0], x.shape[1], x.shape[2])
        func each(_ body: (_ apart: Int, _ together: Int) -> Void) {
            for part in 0..<parts {
                for row in 0..<rows { body((part * rows + row) * columns, (row * parts + part) * columns) }
            }
        }
        let y = tensor([rows, parts * columns])
        each { (y.pointer + $1).update(from: x.value.pointer + $0, count: columns) }
        return record(y, from: [x]) { [unowned self] dy in
            let dx = tensor(x.shape)
            each { (dx.pointer + $0).update(from: dy.pointer + $1, count: columns) }
            accumulate(dx, into: x)
        }
    }
}
