import StenoEvaluation
import Testing

@Suite struct AlignmentTests {
    @Test func distanceIsThatOfTheTextbook() {
        for seed in 0..<300 {
            var random = SplitMix64(seed: UInt64(seed))
            let reference = sequence(upTo: 150, alphabet: 1 + seed % 5, &random)
            let hypothesis = sequence(upTo: 150, alphabet: 1 + seed % 5, &random)
            let alignment = Alignment(reference: reference, hypothesis: hypothesis)
            #expect(alignment.counts.errors == textbookDistance(reference, hypothesis))
            expectCovers(alignment, reference, hypothesis)
        }
    }

    @Test func halvingKeepsTheDistance() {
        for seed in 0..<100 {
            var random = SplitMix64(seed: UInt64(1000 + seed))
            let reference = sequence(upTo: 300, alphabet: 4, &random)
            let hypothesis = sequence(upTo: 300, alphabet: 4, &random)
            let alignment = Alignment(
                referenceNumbers: reference, hypothesisNumbers: hypothesis, largestMatrixWords: 8)
            #expect(alignment.counts.errors == textbookDistance(reference, hypothesis))
            expectCovers(alignment, reference, hypothesis)
        }
    }

    @Test func anHourOfCharactersIsAligned() {
        var random = SplitMix64(seed: 5)
        let reference = (0..<50_000).map { _ in Int.random(in: 0..<28, using: &random) }
        var hypothesis = reference
        for index in stride(from: 0, to: 50_000, by: 10) { hypothesis[index] = 99 }
        let counts = Alignment(reference: reference, hypothesis: hypothesis).counts
        #expect(counts == ErrorCounts(hits: 45_000, substitutions: 5_000))
    }

    @Test func sequencesOfWhichOneIsEmpty() {
        #expect(Alignment(reference: [Int](), hypothesis: []).steps.isEmpty)
        #expect(Alignment(reference: ["a", "b"], hypothesis: []).counts == ErrorCounts(deletions: 2))
        #expect(Alignment(reference: [], hypothesis: ["a"]).steps == [.insertion(hypothesis: 0)])
    }

    private func sequence(upTo length: Int, alphabet: Int, _ random: inout SplitMix64) -> [Int] {
        (0..<Int.random(in: 0...length, using: &random)).map { _ in Int.random(in: 0..<alphabet, using: &random) }
    }

    private func textbookDistance(_ reference: [Int], _ hypothesis: [Int]) -> Int {
        var row = Array(0...hypothesis.count)
        for (index, element) in reference.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in hypothesis.indices {
                let cost = min(
                    row[column] + 1, row[column + 1] + 1, diagonal + (element == hypothesis[column] ? 0 : 1))
                diagonal = row[column + 1]
                row[column + 1] = cost
            }
        }
        return row[hypothesis.count]
    }

    /// Every element once, in order, and hits only where elements are equal.
    private func expectCovers(_ alignment: Alignment, _ reference: [Int], _ hypothesis: [Int]) {
        var (nextReference, nextHypothesis) = (0, 0)
        for step in alignment.steps {
            switch step {
            case .hit(let index, let other), .substitution(let index, let other):
                #expect(index == nextReference && other == nextHypothesis)
                if case .hit = step {
                    #expect(reference[index] == hypothesis[other])
                } else {
                    #expect(reference[index] != hypothesis[other])
                }
                nextReference += 1
                nextHypothesis += 1
            case .deletion(let index):
                #expect(index == nextReference)
                nextReference += 1
            case .insertion(let other):
                #expect(other == nextHypothesis)
                nextHypothesis += 1
            }
        }
        #expect(nextReference == reference.count && nextHypothesis == hypothesis.count)
    }
}
