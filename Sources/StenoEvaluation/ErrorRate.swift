/// The error rate of a corpus: edits over all utterances divided by the length of all references.
///
/// With ``TextUnit/words`` it is the word error rate (WER), with ``TextUnit/characters`` the character error rate
/// (CER); both equal jiwer's `wer` and `cer` on the same lists.
package struct ErrorRate: Equatable, Sendable {
    package let unit: TextUnit
    /// One for each utterance, in the order given.
    package private(set) var utterances: [ErrorCounts] = []
    package private(set) var total = ErrorCounts()

    package init(unit: TextUnit) {
        self.unit = unit
    }

    /// The error rate of the pairs given.
    ///
    /// - Precondition: as many hypotheses as references.
    package init(unit: TextUnit, references: [String], hypotheses: [String]) {
        precondition(references.count == hypotheses.count, "as many hypotheses as references")
        self.init(unit: unit)
        for (reference, hypothesis) in zip(references, hypotheses) {
            add(reference: reference, hypothesis: hypothesis)
        }
    }

    /// Counts one more utterance and returns its alignment.
    @discardableResult
    package mutating func add(reference: String, hypothesis: String) -> Alignment {
        let alignment = unit.align(reference: reference, hypothesis: hypothesis)
        utterances.append(alignment.counts)
        total += alignment.counts
        return alignment
    }

    /// 0.25 is 25 %.
    package var rate: Double { total.rate }

    /// The number of utterances with at least one error.
    package var utterancesWithErrors: Int {
        utterances.reduce(0) { $0 + ($1.errors > 0 ? 1 : 0) }
    }
}
