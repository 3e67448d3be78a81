import StenoText

/// The CSTR VCTK Corpus (Yamagishi, Veaux, MacDonald 2019): `txt/SPEAKER/SPEAKER_NUMBER.txt` and a folder of audio.
///
/// In version 0.92 the audio is `wav48_silence_trimmed/SPEAKER/SPEAKER_NUMBER_mic1.flac` (and `_mic2`, not used); before
/// it was `wav48/SPEAKER/SPEAKER_NUMBER.wav`. Recordings without a transcript (speaker p315) are set aside.
package struct VCTKImporter: CorpusImporter {
    package static let name = "vctk"
    let directory: String
    let normalisation: TextNormalisation

    package init(directory: String, normalisation: TextNormalisation = .speech) {
        self.directory = directory
        self.normalisation = normalisation
    }

    package func entries(measuring duration: (String) throws -> Double) throws(CorpusError) -> ImportedCorpus {
        let folder = try CorpusDirectory(directory)
        guard let audioFolder = ["wav48_silence_trimmed", "wav48"].first(where: folder.exists) else {
            throw .notFound(path: directory, expected: "a folder wav48_silence_trimmed or wav48")
        }
        let recordings = try folder.files().filter {
            $0.hasPrefix(audioFolder + "/") && AudioFile.isAudio($0) && !$0.stem.hasSuffix("_mic2")
        }
        guard !recordings.isEmpty else { throw .notFound(path: folder.absolute(audioFolder), expected: "audio files") }
        var corpus = ImportedCorpus()
        for recording in recordings {
            var id = recording.stem
            if id.hasSuffix("_mic1") { id.removeLast(5) }
            let speaker = id.prefix { $0 != "_" }
            let transcript = "txt/\(speaker)/\(id).txt"
            guard folder.exists(transcript) else {
                corpus.skip(id, "no transcript \(folder.absolute(transcript))")
                continue
            }
            corpus.add(
                ManifestEntry(
                    id: "\(Self.name)-\(id)", audioPath: folder.absolute(recording), durationSeconds: 0,
                    speaker: "\(Self.name)-\(speaker)", corpus: Self.name,
                    text: normalisation(try folder.text(of: transcript))),
                measuring: duration)
        }
        return corpus
    }
}
