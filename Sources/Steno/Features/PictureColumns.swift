import AudioFrontEnd

/// A recording as a bounded number of columns, however long it is: the means of so many frames each. Where columns get
/// too many, each two become one.
struct PictureColumns {
    let rows: Int
    /// Frames up to now, and of a column.
    private(set) var frames = 0
    private(set) var framesTogether = 1
    /// `[columns, rows]`, the last one perhaps of fewer frames than the others.
    private var sums: [Float] = []

    /// Twice this many columns become this many.
    private static let columnsAtLeast = 960

    init(rows: Int) { self.rows = rows }

    var count: Int { (frames + framesTogether - 1) / framesTogether }

    mutating func add(_ features: Features) {
        precondition(features.bins == rows, "\(features.bins) bins for \(rows) rows")
        for frame in 0..<features.frames {
            if frames == 2 * Self.columnsAtLeast * framesTogether { halve() }
            if frames % framesTogether == 0 { sums.append(contentsOf: repeatElement(0, count: rows)) }
            let start = sums.count - rows
            for row in 0..<rows { sums[start + row] += features.values[frame * rows + row] }
            frames += 1
        }
    }

    /// `[columns, rows]`
    var means: [Float] {
        var means = sums
        for column in 0..<count {
            let together = min(framesTogether, frames - column * framesTogether)
            for row in 0..<rows { means[column * rows + row] /= Float(together) }
        }
        return means
    }

    private mutating func halve() {
        for column in 0..<Self.columnsAtLeast {
            for row in 0..<rows {
                sums[column * rows + row] = sums[2 * column * rows + row] + sums[(2 * column + 1) * rows + row]
            }
        }
        sums.removeLast(sums.count / 2)
        framesTogether *= 2
    }
}
