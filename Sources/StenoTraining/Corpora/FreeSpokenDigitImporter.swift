/// The Free Spoken Digit Dataset (Z. Jackson and others): `recordings/DIGIT_SPEAKER_TAKE.wav`.
///
/// Its official test split is takes 0 to 4 of every digit and speaker; the rest is for training.
package struct FreeSpokenDigitImporter: CorpusImporter {
    package enum Split: String, CaseIterable, Sendable {
        case all
        case train
        case test
    }

    package static let name = "fsdd"
    private static let words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    let directory: String
    let split: Split

    package init(directory: String, split: Split = .all) {
        self.directory = directory
        self.split = split
    }

    package func entries(measuring duration: (String) throws -> Double) throws(CorpusError) -> ImportedCorpus {
        let folder = try CorpusDirectory(directory)
        let recordings = try folder.files().filter { $0.hasPrefix("recordings/") && AudioFile.isAudio($0) }
        guard !recordings.isEmpty else {
            throw .notFound(path: directory, expected: "audio in a folder recordings")
        }
        var corpus = ImportedCorpus()
        for recording in recordings {
            let parts = recording.stem.split(separator: "_")
            guard parts.count == 3, let digit = Int(parts[0]), Self.words.indices.contains(digit),
                let take = Int(parts[2])
            else {
                corpus.skip(recording.stem, "expected a name of the form DIGIT_SPEAKER_TAKE")
                continue
            }
            guard split == .all || (split == .test) == (take < 5) else { continue }
            corpus.add(
                ManifestEntry(
                    id: "\(Self.name)-\(digit)-\(parts[1])-\(take)", audioPath: folder.absolute(recording),
                    durationSeconds: 0, speaker: "\(Self.name)-\(parts[1])", corpus: Self.name,
                    text: Self.words[digit]),
                measuring: duration)
        }
        return corpus
    }
}
