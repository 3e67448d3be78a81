import Foundation
import StenoEvaluation
import Testing

/// What `Goldens/jiwer_errors.py` wrote.
struct JiwerCase: Decodable, Sendable, CustomTestStringConvertible {
    struct Unit: Decodable, Sendable {
        let rate: Double
        let hits: Int
        let substitutions: Int
        let deletions: Int
        let insertions: Int
        /// Runs of equal steps, one list a sentence.
        let alignments: [[Run]]?

        var counts: ErrorCounts {
            ErrorCounts(hits: hits, substitutions: substitutions, deletions: deletions, insertions: insertions)
        }
    }

    /// `["substitute", reference start, reference end, hypothesis start, hypothesis end]`
    struct Run: Decodable, Equatable, Sendable {
        let kind: String
        var reference: Range<Int>
        var hypothesis: Range<Int>

        init(kind: String, reference: Range<Int>, hypothesis: Range<Int>) {
            self.kind = kind
            self.reference = reference
            self.hypothesis = hypothesis
        }

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            kind = try list.decode(String.self)
            reference = try list.decode(Int.self)..<list.decode(Int.self)
            hypothesis = try list.decode(Int.self)..<list.decode(Int.self)
        }
    }

    let name: String
    let references: [String]
    let hypotheses: [String]
    let words: Unit
    let characters: Unit

    var testDescription: String { name }

    static func all() throws -> [JiwerCase] {
        let url = try #require(Bundle.module.url(forResource: "jiwer", withExtension: "json", subdirectory: "Goldens"))
        return try JSONDecoder().decode([JiwerCase].self, from: Data(contentsOf: url))
    }
}

@Suite struct JiwerParityTests {
    @Test(arguments: try JiwerCase.all())
    func wordErrorsEqualJiwers(_ golden: JiwerCase) {
        let rate = ErrorRate(unit: .words, references: golden.references, hypotheses: golden.hypotheses)
        #expect(rate.total == golden.words.counts)
        #expect(rate.rate == golden.words.rate)
    }

    @Test(arguments: try JiwerCase.all())
    func characterErrorsEqualJiwers(_ golden: JiwerCase) {
        let rate = ErrorRate(unit: .characters, references: golden.references, hypotheses: golden.hypotheses)
        #expect(rate.total == golden.characters.counts)
        #expect(rate.rate == golden.characters.rate)
    }

    @Test(arguments: try JiwerCase.all())
    func alignmentsEqualJiwers(_ golden: JiwerCase) {
        for (unit, expected) in [(TextUnit.words, golden.words), (.characters, golden.characters)] {
            guard let alignments = expected.alignments else { continue }
            for (index, alignment) in alignments.enumerated() {
                let found = unit.align(reference: golden.references[index], hypothesis: golden.hypotheses[index])
                #expect(runs(of: found) == alignment, "sentence \(index), \(unit)")
            }
        }
    }

    /// Neighbouring steps of one kind joined, as jiwer lists them.
    private func runs(of alignment: Alignment) -> [JiwerCase.Run] {
        var runs: [JiwerCase.Run] = []
        var (reference, hypothesis) = (0, 0)
        for step in alignment.steps {
            let (kind, referenceStep, hypothesisStep) =
                switch step {
                case .hit: ("equal", 1, 1)
                case .substitution: ("substitute", 1, 1)
                case .deletion: ("delete", 1, 0)
                case .insertion: ("insert", 0, 1)
                }
            let first = (reference, hypothesis)
            reference += referenceStep
            hypothesis += hypothesisStep
            if let last = runs.last, last.kind == kind {
                runs[runs.count - 1].reference = last.reference.lowerBound..<reference
                runs[runs.count - 1].hypothesis = last.hypothesis.lowerBound..<hypothesis
            } else {
                runs.append(
                    JiwerCase.Run(kind: kind, reference: first.0..<reference, hypothesis: first.1..<hypothesis))
            }
        }
        return runs
    }
}
