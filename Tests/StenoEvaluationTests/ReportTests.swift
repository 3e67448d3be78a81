import Foundation
import StenoEvaluation
import Testing

@Suite struct ReportTests {
    @Test func rateOfEmptyReferencesIsTheNumberOfInsertions() {
        #expect(ErrorRate(unit: .words, references: [""], hypotheses: ["a b"]).rate == 2)
        #expect(ErrorRate(unit: .words, references: [], hypotheses: []).rate == 0)
    }

    @Test func intervalOfEqualUtterancesIsThatRate() {
        let utterances = [ErrorCounts](repeating: ErrorCounts(hits: 3, substitutions: 1), count: 20)
        let interval = ConfidenceInterval(utterances: utterances)
        #expect(interval.lower == 0.25 && interval.upper == 0.25)
    }

    @Test func intervalHoldsTheRateAndNarrowsWithMoreUtterances() {
        func interval(_ count: Int) -> ConfidenceInterval {
            ConfidenceInterval(utterances: (0..<count).map { ErrorCounts(hits: 8, deletions: $0 % 4) }, seed: 3)
        }
        let rate = 1.5 / 9.5
        let (few, many) = (interval(20), interval(2000))
        #expect(few.lower < rate && rate < few.upper)
        #expect(many.lower < rate && rate < many.upper)
        #expect(many.upper - many.lower < (few.upper - few.lower) / 5)
    }

    @Test func sameSeedGivesSameInterval() {
        let utterances = (0..<50).map { ErrorCounts(hits: 5 + $0 * 7 % 11, insertions: $0 % 3) }
        let first = ConfidenceInterval(utterances: utterances, seed: 1)
        #expect(first == ConfidenceInterval(utterances: utterances, seed: 1))
        #expect(first != ConfidenceInterval(utterances: utterances, seed: 2))
    }

    @Test func intervalOfNothingIsZero() {
        let interval = ConfidenceInterval(utterances: [])
        #expect(interval.lower == 0 && interval.upper == 0)
    }

    @Test func reportNamesItsFiguresAsDocumented() throws {
        let report = TranscriptionReport(
            references: ["a stately ship", "sailed"], hypotheses: ["a lately ship", "sailed"], audioSeconds: 3,
            wallSeconds: 0.5)
        #expect(report.utterances == 2 && report.utterancesWithErrors == 1)
        #expect(report.words == 4 && report.wer == 25)
        #expect(report.characters == 20 && report.cer == 10)
        let data = try JSONEncoder().encode(report)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        for key in ["utterances", "words", "wer", "cer", "audio_seconds", "wall_seconds"] {
            #expect(object[key] != nil, "\(key)")
        }
        #expect(try JSONDecoder().decode(TranscriptionReport.self, from: data) == report)
    }
}

@Suite struct AlignedDifferencesTests {
    @Test func wordsStandAboveEachOther() {
        let differences = AlignedDifferences(
            reference: "a stately ship sailed off", hypothesis: "a lately ship has sailed", unit: .words)
        #expect(
            differences.description == """
                REF: a stately ship *** sailed off
                HYP: a lately  ship has sailed ***
                       S            I          D
                """)
    }

    @Test func charactersStandAboveEachOther() {
        let differences = AlignedDifferences(reference: "ship", hypothesis: "shop!", unit: .characters)
        #expect(differences.reference == "ship*")
        #expect(differences.hypothesis == "shop!")
        #expect(differences.marks == "  S I")
    }

    @Test func wideCharactersTakeTwoColumns() {
        let differences = AlignedDifferences(reference: "天气 好", hypothesis: "好", unit: .words)
        #expect(differences.description == "REF: 天气 好\nHYP: **** 好\n     D")
    }

    @Test func longLinesAreWrappedToTheWidth() {
        let text = (0..<20).map { "word\($0)" }.joined(separator: " ")
        let differences = AlignedDifferences(reference: text, hypothesis: "", unit: .words, width: 40)
        let lines = differences.description.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.count <= 40 })
        #expect(differences.reference == text)
    }

    @Test func nothingAgainstNothing() {
        #expect(AlignedDifferences(reference: "", hypothesis: "", unit: .words).description == "REF:\nHYP:\n")
    }
}
