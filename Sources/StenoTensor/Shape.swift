/// The extents of a dense row-major array, outermost first.
package struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    package let extents: [Int]

    package init(_ extents: [Int]) {
        precondition(extents.allSatisfy { $0 >= 0 }, "an extent is negative: \(extents)")
        self.extents = extents
    }

    package init(arrayLiteral extents: Int...) { self.init(extents) }

    package var rank: Int { extents.count }
    /// Number of elements: 1 for rank 0.
    package var count: Int { extents.reduce(1, *) }
    /// The innermost extent, 1 for rank 0.
    package var columns: Int { extents.last ?? 1 }
    /// The number of innermost rows: all other extents multiplied.
    package var rows: Int { extents.dropLast().reduce(1, *) }

    package subscript(axis: Int) -> Int { extents[axis] }
    package var description: String { "[" + extents.map(String.init).joined(separator: ", ") + "]" }

    /// The same shape with another innermost extent.
    package func replacingColumns(_ columns: Int) -> Shape { Shape(extents.dropLast() + [columns]) }
}
