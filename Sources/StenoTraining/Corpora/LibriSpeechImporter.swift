import StenoText

/// LibriSpeech and corpora of its form: `SUBSET/SPEAKER/CHAPTER/SPEAKER-CHAPTER.trans.txt`, audio beside.
///
/// A line of a `.trans.txt` file is `SPEAKER-CHAPTER-NUMBER TRANSCRIPT`. The folder may be one subset (`dev-clean`) or
/// hold several. Panayotov et al. 2015, "Librispeech: an ASR corpus based on public domain audio books".
package struct LibriSpeechImporter: CorpusImporter {
    package static let name = "librispeech"
    let directory: String
    let normalisation: TextNormalisation

    package init(directory: String, normalisation: TextNormalisation = .speech) {
        self.directory = directory
        self.normalisation = normalisation
    }

    package func entries(measuring duration: (String) throws -> Double) throws(CorpusError) -> ImportedCorpus {
        let folder = try CorpusDirectory(directory)
        let files = try folder.files()
        let transcripts = files.filter { $0.hasSuffix(".trans.txt") }
        guard !transcripts.isEmpty else {
            throw .notFound(path: directory, expected: "transcripts named SPEAKER-CHAPTER.trans.txt")
        }
        var audio: [String: String] = [:]
        for file in files where AudioFile.isAudio(file) { audio[file.withoutExtension] = file }

        var corpus = ImportedCorpus()
        for transcript in transcripts {
            let chapter = transcript.split(separator: "/").dropLast().joined(separator: "/")
            for line in try folder.lines(of: transcript) {
                let parts = line.text.split(separator: " ", maxSplits: 1)
                guard parts.count == 2, let speaker = parts[0].split(separator: "-").first else {
                    throw .badLine(
                        path: folder.absolute(transcript), line: line.number, expected: "an id and a transcript",
                        found: line.text)
                }
                let id = String(parts[0])
                guard let file = audio[chapter.isEmpty ? id : chapter + "/" + id] else {
                    corpus.skip(id, "no audio beside \(folder.absolute(transcript))")
                    continue
                }
                corpus.add(
                    ManifestEntry(
                        id: "\(Self.name)-\(id)", audioPath: folder.absolute(file), durationSeconds: 0,
                        speaker: "\(Self.name)-\(speaker)", corpus: Self.name, text: normalisation(String(parts[1]))),
                    measuring: duration)
            }
        }
        return corpus
    }
}
