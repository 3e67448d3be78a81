import StenoText

/// One language of Mozilla Common Voice: `SPLIT.tsv` with a header line, and `clips/`.
///
/// The columns `client_id`, `path` and `sentence` are used; there is no quoting. Ardila et al. 2020, "Common Voice: a
/// massively-multilingual speech corpus".
package struct CommonVoiceImporter: CorpusImporter {
    package static let name = "commonvoice"
    let directory: String
    let split: String
    let normalisation: TextNormalisation

    /// - Parameters:
    ///   - directory: the folder of the language, such as `cv-corpus-17.0-2024-03-15/en`.
    ///   - split: the list to read, such as `train`, `dev`, `test` or `validated`.
    package init(directory: String, split: String = "train", normalisation: TextNormalisation = .speech) {
        self.directory = directory
        self.split = split
        self.normalisation = normalisation
    }

    package func entries(measuring duration: (String) throws -> Double) throws(CorpusError) -> ImportedCorpus {
        let folder = try CorpusDirectory(directory)
        let list = split + ".tsv"
        guard folder.exists(list) else { throw .notFound(path: directory, expected: "a file \(list)") }
        let lines = try folder.lines(of: list)
        let listPath = folder.absolute(list)
        guard let header = lines.first else { throw .notFound(path: listPath, expected: "a header line") }
        let columns = header.text.fields(separatedBy: "\t")
        func column(_ name: String) throws(CorpusError) -> Int {
            guard let index = columns.firstIndex(of: name) else {
                throw .badLine(
                    path: listPath, line: header.number, expected: "a column “\(name)”", found: header.text)
            }
            return index
        }
        let (speaker, path, sentence) = (try column("client_id"), try column("path"), try column("sentence"))

        var corpus = ImportedCorpus()
        for line in lines.dropFirst() {
            let fields = line.text.fields(separatedBy: "\t")
            guard fields.count == columns.count else {
                throw .badLine(
                    path: listPath, line: line.number, expected: "\(columns.count) fields between tabs",
                    found: line.text)
            }
            // Lists before 2019 have no file extension.
            let clip = AudioFile.isAudio(fields[path]) ? fields[path] : fields[path] + ".mp3"
            corpus.add(
                ManifestEntry(
                    id: "\(Self.name)-\(clip.stem)", audioPath: folder.absolute("clips/" + clip), durationSeconds: 0,
                    speaker: "\(Self.name)-\(fields[speaker])", corpus: Self.name,
                    text: normalisation(fields[sentence])),
                measuring: duration)
        }
        return corpus
    }
}
