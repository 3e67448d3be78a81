/// One step of the cheapest way from a reference to a hypothesis. Positions are indices into the two sequences.
package enum EditStep: Equatable, Sendable {
    case hit(reference: Int, hypothesis: Int)
    case substitution(reference: Int, hypothesis: Int)
    case deletion(reference: Int)
    case insertion(hypothesis: Int)
}

/// The cheapest alignment of two sequences by Levenshtein distance (every edit costs 1).
///
/// Of the cheapest alignments always the same one is taken: equal ends are matched first, and the way back from the end
/// prefers a deletion to a substitution to an insertion to a hit. RapidFuzz, and so jiwer, decides alike, so that the
/// counts of each kind of edit are theirs too (for sequences whose product of lengths is below about 4 million, where
/// RapidFuzz begins to split; the distance is the same for all).
package struct Alignment: Equatable, Sendable {
    /// In order of both sequences; every element of either appears in exactly one step.
    package let steps: [EditStep]

    package init(steps: [EditStep]) {
        self.steps = steps
    }

    /// Aligns sequences of any values that can be compared, such as words or Unicode scalars.
    ///
    /// Time is O(NM / 64). Memory is 2 bits a cell up to 32 MB, beyond which the problem is halved first, so an hour of
    /// text needs no more than that.
    package init<Element: Hashable>(reference: [Element], hypothesis: [Element]) {
        var number = Numbering<Element>()
        self.init(
            referenceNumbers: reference.map { number($0) }, hypothesisNumbers: hypothesis.map { number($0) },
            largestMatrixWords: 4 << 20)
    }

    /// As above for elements already numbered from 0 without large gaps; `largestMatrixWords` bounds the memory of one
    /// piece in words of 8 bytes (tests lower it).
    package init(referenceNumbers: [Int], hypothesisNumbers: [Int], largestMatrixWords: Int) {
        var aligner = SequenceAligner(
            reference: referenceNumbers, hypothesis: hypothesisNumbers, largestMatrixWords: largestMatrixWords)
        self.steps = aligner.align()
    }

    package var counts: ErrorCounts {
        var counts = ErrorCounts()
        for step in steps {
            switch step {
            case .hit: counts.hits += 1
            case .substitution: counts.substitutions += 1
            case .deletion: counts.deletions += 1
            case .insertion: counts.insertions += 1
            }
        }
        return counts
    }
}
