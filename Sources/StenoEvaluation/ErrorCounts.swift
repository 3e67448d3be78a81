/// How often the elements of references were recognised, replaced, left out, and how many were added.
package struct ErrorCounts: CorpusCounts, Codable {
    package var hits: Int
    package var substitutions: Int
    package var deletions: Int
    package var insertions: Int

    package init() {
        self.init(hits: 0)
    }

    package init(hits: Int = 0, substitutions: Int = 0, deletions: Int = 0, insertions: Int = 0) {
        self.hits = hits
        self.substitutions = substitutions
        self.deletions = deletions
        self.insertions = insertions
    }

    package var errors: Int { substitutions + deletions + insertions }

    package var referenceLength: Int { hits + substitutions + deletions }

    package var hypothesisLength: Int { hits + substitutions + insertions }

    /// Errors divided by the length of the references: 0.25 is 25 %; above 1 when much is added.
    ///
    /// When all references are empty it is the number of insertions, as jiwer has it.
    package var rate: Double {
        referenceLength == 0 ? Double(insertions) : Double(errors) / Double(referenceLength)
    }

    package static func += (total: inout ErrorCounts, more: ErrorCounts) {
        total.hits += more.hits
        total.substitutions += more.substitutions
        total.deletions += more.deletions
        total.insertions += more.insertions
    }
}
