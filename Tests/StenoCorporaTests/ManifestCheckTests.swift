import StenoText
import StenoTraining
import Testing

@Suite struct ManifestCheckTests {
    private struct Missing: Error, CustomStringConvertible {
        let description = "no such file"
    }

    private func problems(
        _ entries: ManifestEntry..., vocabulary: Vocabulary? = nil, seconds: [String: Double] = ["a.wav": 2]
    ) -> [String] {
        ManifestCheck(Manifest(entries: entries), vocabulary: vocabulary) { path in
            guard let seconds = seconds[path] else { throw Missing() }
            return seconds
        }.problems.map(\.description)
    }

    private func entry(
        _ audio: String = "a.wav", start: Double = 0, seconds: Double = 2, text: String = "so it is"
    ) -> ManifestEntry {
        ManifestEntry(id: "u", audioPath: audio, startSeconds: start, durationSeconds: seconds, text: text)
    }

    @Test func goodUtterancesHaveNoProblems() {
        #expect(problems(entry(), vocabulary: .englishSpeech) == [])
        #expect(problems(entry(seconds: 2.05)) == [])
    }

    @Test func everyProblemIsNamed() {
        #expect(problems(entry("b.wav")) == ["u: no such file"])
        #expect(problems(entry(seconds: 3)) == ["u: expected 3.0 s of audio, found 2.0 s"])
        #expect(problems(entry(seconds: 0)) == ["u: expected a duration of more than 0 s"])
        #expect(problems(entry(text: "")) == ["u: expected a transcript, found none"])
        #expect(
            problems(entry(text: String(repeating: "a", count: 200)))
                == ["u: 100.0 characters a second are more than anyone speaks"])
        #expect(
            problems(entry(text: "So 2!"), vocabulary: .englishSpeech) == ["u: the vocabulary lacks “!”, “2”, “S”"])
    }

    @Test func partsOfAFileAreHeldAgainstItsEndOnly() {
        #expect(problems(entry(seconds: 1), entry(start: 1, seconds: 1)) == [])
        #expect(problems(entry(start: 1.5, seconds: 1)) == ["u: expected 1.0 s of audio, found 2.0 s"])
    }

    @Test func totalsAreThoseOfEachCorpus() {
        let manifest = Manifest(
            entries: [("x", "ann", "one two"), ("x", "ann", "three"), ("x", "bob", ""), ("y", "", "é")].map {
                ManifestEntry(
                    id: "u", audioPath: "a", durationSeconds: 1.5, speaker: $0.1, corpus: $0.0, text: $0.2)
            })
        let check = ManifestCheck(manifest) { _ in 1.5 }
        #expect(check.totals["x"]?.utterances == 3)
        #expect(check.totals["x"]?.seconds == 4.5)
        #expect(check.totals["x"]?.words == 3)
        #expect(check.totals["x"]?.speakers == 2)
        #expect(check.totals["y"]?.speakers == 0)
        #expect(check.characters["e"] == 3)
        #expect(check.characters["é"] == 1)
    }
}
