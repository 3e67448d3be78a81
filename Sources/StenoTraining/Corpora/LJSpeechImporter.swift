import StenoText

/// The LJ Speech Dataset (K. Ito, L. Johnson 2017): `metadata.csv` and `wavs/ID.wav`, one speaker.
///
/// A line is `ID|transcript|transcript with numbers and abbreviations written out`; the last is taken.
package struct LJSpeechImporter: CorpusImporter {
    package static let name = "ljspeech"
    let directory: String
    let normalisation: TextNormalisation

    package init(directory: String, normalisation: TextNormalisation = .speech) {
        self.directory = directory
        self.normalisation = normalisation
    }

    package func entries(measuring duration: (String) throws -> Double) throws(CorpusError) -> ImportedCorpus {
        let folder = try CorpusDirectory(directory)
        let list = "metadata.csv"
        guard folder.exists(list) else { throw .notFound(path: directory, expected: "a file metadata.csv") }
        var corpus = ImportedCorpus()
        for line in try folder.lines(of: list) {
            let fields = line.text.fields(separatedBy: "|")
            guard fields.count == 3 else {
                throw .badLine(
                    path: folder.absolute(list), line: line.number, expected: "three fields between “|”",
                    found: line.text)
            }
            corpus.add(
                ManifestEntry(
                    id: "\(Self.name)-\(fields[0])", audioPath: folder.absolute("wavs/\(fields[0]).wav"),
                    durationSeconds: 0, speaker: Self.name, corpus: Self.name, text: normalisation(fields[2])),
                measuring: duration)
        }
        return corpus
    }
}
