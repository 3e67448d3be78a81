/// A named place for trainable numbers in a model's `Layout`.
package struct Parameter: Hashable, Sendable {
    package let index: Int
    package let shape: Shape
}

/// The names and shapes of a model's parameters in the order in which its layers declared them, and how each starts.
package struct Layout: Sendable {
    package enum Start: Sendable {
        case zeros, ones
        /// Uniform in ±bound.
        case uniform(bound: Float)
        /// A square matrix with orthonormal rows for each block of columns.
        case orthogonal
    }

    package struct Entry: Sendable {
        package let name: String
        package let shape: Shape
        package let start: Start
        /// Weights and embeddings; biases and gains are not decayed.
        package var isMatrix: Bool { shape.rank > 1 }
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    package mutating func add(_ name: String, _ shape: Shape, start: Start) -> Parameter {
        precondition(!entries.contains { $0.name == name }, "parameter \(name) is declared twice")
        entries.append(Entry(name: name, shape: shape, start: start))
        return Parameter(index: entries.count - 1, shape: shape)
    }

    package var count: Int { entries.reduce(0) { $0 + $1.shape.count } }
}

/// One number for every place of a layout, in one flat block: a model's weights, their gradients, Adam's moments.
package struct Weights: Sendable {
    package let layout: Layout
    package let flat: Tensor
    /// Views into `flat`, by parameter index.
    package let tensors: [Tensor]

    package init(zeros layout: Layout) {
        self.layout = layout
        let flat = Tensor(zeros: [layout.count])
        self.flat = flat
        var offset = 0
        self.tensors = layout.entries.map { entry in
            defer { offset += entry.shape.count }
            return Tensor(shape: entry.shape, storage: flat.storage, offset: offset)
        }
    }

    /// Random starting weights; the same seed gives the same numbers.
    package init(_ layout: Layout, seed: UInt64) {
        self.init(zeros: layout)
        for (index, entry) in layout.entries.enumerated() {
            var random = RandomStream(key: mixed(seed, UInt64(index)))
            let tensor = tensors[index]
            switch entry.start {
            case .zeros: break
            case .ones: tensor.pointer.update(repeating: 1, count: tensor.count)
            case .uniform(let bound):
                for i in 0..<tensor.count { tensor.pointer[i] = random.uniform(in: -bound...bound) }
            case .orthogonal: fillOrthogonal(tensor, &random)
            }
        }
    }

    package subscript(parameter: Parameter) -> Tensor { tensors[parameter.index] }

    package func copy() -> Weights {
        let result = Weights(zeros: layout)
        result.flat.copyValues(from: flat)
        return result
    }
}

/// Fills each `[n, n]` block of columns of `[n, k n]` with an orthogonal matrix (Gram-Schmidt on normal numbers).
private func fillOrthogonal(_ tensor: Tensor, _ random: inout RandomStream) {
    let (n, columns) = (tensor.shape[0], tensor.shape[1])
    for block in stride(from: 0, to: columns, by: n) {
        let width = min(n, columns - block)
        var rows: [[Float]] = []
        while rows.count < n {
            var row = (0..<width).map { _ in random.normal() }
            if rows.count < width {
                for other in rows {
                    let dot = zip(row, other).reduce(Float(0)) { $0 + $1.0 * $1.1 }
                    for i in 0..<width { row[i] -= dot * other[i] }
                }
            }
            let norm = row.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
            guard norm > 1e-3 else { continue }
            rows.append(row.map { $0 / norm })
        }
        for (i, row) in rows.enumerated() { for j in 0..<width { tensor.pointer[i * columns + block + j] = row[j] } }
    }
}
