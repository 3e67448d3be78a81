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

    /// The error rate of items that have several right answers each (``AnswerGroups``).
    ///
    /// - Precondition: as many hypotheses as lists of answers.
    package init(unit: TextUnit, answers: [[String]], hypotheses: [String]) {
        precondition(answers.count == hypotheses.count, "as many hypotheses as lists of answers")
        self.init(unit: unit)
        for (answers, hypothesis) in zip(answers, hypotheses) {
            add(answers: answers, hypothesis: hypothesis)
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

    /// Counts one more item, held against that one of its right answers from which it differs by the fewest errors; of
    /// those the longest, so that the order of the answers does not matter.
    ///
    /// What equals any of them has no error. The rate is least errors over the lengths of the answers held against:
    /// with phonemes between spaces and ``TextUnit/words`` it is the phoneme error rate of pronunciations, and the share
    /// of ``utterancesWithErrors`` their word error rate.
    package mutating func add(answers: [String], hypothesis: String) {
        let nearest = answers.map { unit.align(reference: $0, hypothesis: hypothesis).counts }.min {
            ($0.errors, $1.referenceLength) < ($1.errors, $0.referenceLength)
        }
        guard let nearest else { preconditionFailure("at least one answer") }
        utterances.append(nearest)
        total += nearest
    }

    /// 0.25 is 25 %.
    package var rate: Double { total.rate }

    /// The number of utterances with at least one error.
    package var utterancesWithErrors: Int {
        utterances.reduce(0) { $0 + ($1.errors > 0 ? 1 : 0) }
    }
}
