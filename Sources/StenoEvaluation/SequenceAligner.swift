/// Finds the cheapest alignment of two sequences of small whole numbers, 64 cells of the distance matrix at a time.
///
/// A column of the matrix (all reference positions, one hypothesis position) is kept as two bit vectors that say where
/// the distance rises (`positive`) or falls (`negative`) by one from a reference position to the next. One column
/// follows from the last by a dozen word operations for 64 reference positions.
///
/// Myers 1999, "A fast bit-vector algorithm for approximate string matching based on dynamic programming", in the form
/// of Hyyrö 2003, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances". Where all columns
/// together would be too large, the hypothesis is halved where Hirschberg 1975, "A linear space algorithm for
/// computing maximal common subsequences", says.
struct SequenceAligner {
    private let reference: [Int]
    private let hypothesis: [Int]
    private let largestMatrixWords: Int
    private var steps: [EditStep] = []

    init(reference: [Int], hypothesis: [Int], largestMatrixWords: Int) {
        self.reference = reference
        self.hypothesis = hypothesis
        self.largestMatrixWords = largestMatrixWords
    }

    mutating func align() -> [EditStep] {
        steps = []
        steps.reserveCapacity(max(reference.count, hypothesis.count))
        align(reference.indices, hypothesis.indices)
        return steps
    }

    /// Appends the steps for a part of the reference against a part of the hypothesis.
    private mutating func align(_ wholeReference: Range<Int>, _ wholeHypothesis: Range<Int>) {
        var first = (wholeReference.lowerBound, wholeHypothesis.lowerBound)
        var end = (wholeReference.upperBound, wholeHypothesis.upperBound)
        while first.0 < end.0, first.1 < end.1, reference[first.0] == hypothesis[first.1] {
            steps.append(.hit(reference: first.0, hypothesis: first.1))
            first = (first.0 + 1, first.1 + 1)
        }
        while first.0 < end.0, first.1 < end.1, reference[end.0 - 1] == hypothesis[end.1 - 1] {
            end = (end.0 - 1, end.1 - 1)
        }
        let referencePart = first.0..<end.0
        let hypothesisPart = first.1..<end.1
        let words = (referencePart.count + 63) / 64
        if referencePart.isEmpty {
            steps.append(contentsOf: hypothesisPart.map { .insertion(hypothesis: $0) })
        } else if hypothesisPart.isEmpty {
            steps.append(contentsOf: referencePart.map { .deletion(reference: $0) })
        } else if 2 * words * hypothesisPart.count <= largestMatrixWords || hypothesisPart.count < 2 {
            trace(referencePart, hypothesisPart)
        } else {
            let middle = (hypothesisPart.lowerBound + hypothesisPart.upperBound) / 2
            let split = cheapestSplit(referencePart, hypothesisPart, middle: middle)
            align(referencePart.lowerBound..<split, hypothesisPart.lowerBound..<middle)
            align(split..<referencePart.upperBound, middle..<hypothesisPart.upperBound)
        }
        for offset in 0..<(wholeReference.upperBound - end.0) {
            steps.append(.hit(reference: end.0 + offset, hypothesis: end.1 + offset))
        }
    }

    /// Computes all columns, then walks back from the end.
    private mutating func trace(_ referencePart: Range<Int>, _ hypothesisPart: Range<Int>) {
        var columns = DistanceColumns(pattern: reference[referencePart])
        let words = columns.words
        var positive: [UInt64] = []
        var negative: [UInt64] = []
        positive.reserveCapacity(words * hypothesisPart.count)
        negative.reserveCapacity(words * hypothesisPart.count)
        for position in hypothesisPart {
            columns.advance(by: hypothesis[position])
            positive.append(contentsOf: columns.positive)
            negative.append(contentsOf: columns.negative)
        }
        func isSet(_ bits: [UInt64], row: Int, column: Int) -> Bool {
            bits[column * words + row / 64] >> UInt64(row % 64) & 1 == 1
        }

        var backward: [EditStep] = []
        var row = referencePart.count
        var column = hypothesisPart.count
        while row > 0, column > 0 {
            let here = (referencePart.lowerBound + row - 1, hypothesisPart.lowerBound + column - 1)
            if isSet(positive, row: row - 1, column: column - 1) {
                backward.append(.deletion(reference: here.0))
                row -= 1
            } else if column > 1, isSet(negative, row: row - 1, column: column - 2) {
                // One column to the left costs one less than the diagonal: only an insertion is cheapest.
                backward.append(.insertion(hypothesis: here.1))
                column -= 1
            } else {
                backward.append(
                    reference[here.0] == hypothesis[here.1]
                        ? .hit(reference: here.0, hypothesis: here.1)
                        : .substitution(reference: here.0, hypothesis: here.1))
                row -= 1
                column -= 1
            }
        }
        while row > 0 {
            row -= 1
            backward.append(.deletion(reference: referencePart.lowerBound + row))
        }
        while column > 0 {
            column -= 1
            backward.append(.insertion(hypothesis: hypothesisPart.lowerBound + column))
        }
        steps.append(contentsOf: backward.reversed())
    }

    /// Where the reference is best cut when the hypothesis is cut at `middle`; the first of equally good places.
    private func cheapestSplit(_ referencePart: Range<Int>, _ hypothesisPart: Range<Int>, middle: Int) -> Int {
        var head = DistanceColumns(pattern: reference[referencePart])
        for position in hypothesisPart.lowerBound..<middle { head.advance(by: hypothesis[position]) }
        let headCosts = head.distances()
        var tail = DistanceColumns(pattern: ArraySlice(reference[referencePart].reversed()))
        for position in (middle..<hypothesisPart.upperBound).reversed() { tail.advance(by: hypothesis[position]) }
        let tailCosts = tail.distances()

        var best = 0
        var bestCost = Int.max
        for cut in 0...referencePart.count {
            let cost = headCosts[cut] + tailCosts[referencePart.count - cut]
            if cost < bestCost {
                best = cut
                bestCost = cost
            }
        }
        return referencePart.lowerBound + best
    }
}
