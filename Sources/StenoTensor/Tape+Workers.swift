extension Tape {
    /// Runs a few independent pieces of one operation, on several cores if the tape was given workers.
    package func parallel(_ count: Int, _ body: @escaping (Int) -> Void) {
        guard let workers, count > 1 else {
            for index in 0..<count { body(index) }
            return
        }
        struct Body: @unchecked Sendable { let run: (Int) -> Void }  // pieces write disjoint tensors
        let shared = Body(run: body)
        workers.run(jobs: count) { shared.run($0) }
    }

    /// `c = a b + beta c`, the columns spread over the workers.
    func spreadProduct(_ a: Matrix, _ b: Matrix, beta: Float = 0, into c: Matrix) {
        let blocks = columnBlocks(c.columns)
        parallel(blocks.count) { [product] in
            product(a, b.columns(blocks[$0]), beta: beta, into: c.columns(blocks[$0]))
        }
    }

    /// Columns of a product cut into a block a worker, none of them narrower than 64 unless there is but one: then every
    /// sum is made as it is in the whole, to the same bits, where the right factor is not transposed, and within
    /// rounding where it is.
    func columnBlocks(_ columns: Int) -> [Range<Int>] {
        let (vectors, pieces) = (max(columns / 64, 1), workers?.count ?? 1)
        let width = (vectors + pieces - 1) / pieces * 64
        return stride(from: 0, to: max(vectors * 64, 1), by: width).map { first in
            first..<(first + width >= vectors * 64 ? columns : first + width)
        }
    }
}
