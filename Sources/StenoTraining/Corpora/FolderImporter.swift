import StenoText

/// A plain folder of audio, each file with its transcript beside it under the same name with `.txt` or `.lab`.
///
/// Folders within it are looked into; the name of the innermost is taken as the speaker. The id of an utterance is its
/// path without extension, with `-` for `/`.
package struct FolderImporter: CorpusImporter {
    package static let name = "folder"
    let directory: String
    let corpusName: String
    let normalisation: TextNormalisation

    /// - Parameter corpusName: what is written in the column `corpus`.
    package init(directory: String, corpusName: String = Self.name, normalisation: TextNormalisation = .speech) {
        self.directory = directory
        self.corpusName = corpusName
        self.normalisation = normalisation
    }

    package func entries(measuring duration: (String) throws -> Double) throws(CorpusError) -> ImportedCorpus {
        let folder = try CorpusDirectory(directory)
        let recordings = try folder.files().filter(AudioFile.isAudio)
        guard !recordings.isEmpty else { throw .notFound(path: directory, expected: "audio files") }
        var corpus = ImportedCorpus()
        for recording in recordings {
            let id = recording.withoutExtension.split(separator: "/").joined(separator: "-")
            let transcripts = [".txt", ".lab"].map { recording.withoutExtension + $0 }
            guard let transcript = transcripts.first(where: folder.exists) else {
                corpus.skip(id, "no transcript \(transcripts[0]) or \(transcripts[1])")
                continue
            }
            let speaker = recording.split(separator: "/").dropLast().last.map { String($0) } ?? ""
            corpus.add(
                ManifestEntry(
                    id: id, audioPath: folder.absolute(recording), durationSeconds: 0, speaker: speaker,
                    corpus: corpusName, text: normalisation(try folder.text(of: transcript))),
                measuring: duration)
        }
        return corpus
    }
}
