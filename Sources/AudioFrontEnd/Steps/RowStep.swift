/// What is done to frames as they come. Rows go in as they are made, and what they complete comes out.
protocol RowStep: Sendable {
    mutating func push(_ rows: Features) -> Features
    /// What was still to come when the signal ends; the step is then at the start of another signal.
    mutating func finish() -> Features
}

/// Steps one after the other.
extension [any RowStep] {
    mutating func push(_ rows: Features) -> Features {
        var rows = rows
        for index in indices { rows = self[index].push(rows) }
        return rows
    }

    /// What comes of the last rows and of the end of the signal.
    mutating func finish(after rows: Features) -> Features {
        var rows = rows
        for index in indices {
            if rows.frames > 0 { rows = self[index].push(rows) }
            let more = self[index].finish()
            if rows.frames > 0 { rows.append(more) } else { rows = more }
        }
        return rows
    }
}

/// The rows that a step still needs.
struct RowHistory: Sendable {
    let bins: Int
    /// The first row that is kept, counted from the signal's first.
    private(set) var first = 0
    private(set) var values: [Float] = []

    init(bins: Int) { self.bins = bins }

    /// Rows so far.
    var end: Int { first + values.count / bins }

    mutating func append(_ rows: Features) { values += rows.values }

    /// Lets go of rows before `row`, now and then.
    mutating func drop(before row: Int) {
        let rows = min(row, end) - first
        guard rows > 0, rows * bins >= values.count / 2 else { return }
        values.removeFirst(rows * bins)
        first += rows
    }
}
