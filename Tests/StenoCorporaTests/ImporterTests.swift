import Foundation
import StenoText
import StenoTraining
import Testing

@Suite struct ImporterTests {
    /// A file's length in seconds is here what is written in it.
    private func measure(_ path: String) throws -> Double {
        struct NoAudio: Error, CustomStringConvertible {
            var description: String { "no audio" }
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), let seconds = Double(text) else {
            throw NoAudio()
        }
        return seconds
    }

    /// Lays out files, imports them, and gives the entries with paths relative to the folder.
    private func imported(
        _ files: [String: String], _ importer: (String) -> any CorpusImporter
    ) throws -> ImportedCorpus {
        var corpus = ImportedCorpus()
        try withTemporaryDirectory { folder in
            try write(files, below: folder)
            corpus = try importer(folder).entries(measuring: measure)
            for index in corpus.manifest.entries.indices {
                corpus.manifest.entries[index].audioPath.trimPrefix(folder + "/")
            }
        }
        return corpus
    }

    private func error(
        _ files: [String: String], _ importer: (String) -> any CorpusImporter
    ) throws -> String {
        var text = ""
        try withTemporaryDirectory { folder in
            try write(files, below: folder)
            let error = try #require(throws: CorpusError.self) { try importer(folder).entries(measuring: measure) }
            text = error.description.replacingOccurrences(of: folder, with: "DIR")
        }
        return text
    }

    @Test func libriSpeech() throws {
        let files = [
            "dev-clean/84/121/84-121.trans.txt":
                "84-121-0000 GO DO YOU HEAR\n84-121-0001 BUT'S IN\n84-121-0002 NO AUDIO\n",
            "dev-clean/84/121/84-121-0000.flac": "2.5",
            "dev-clean/84/121/84-121-0001.flac": "3",
        ]
        let corpus = try imported(files) { LibriSpeechImporter(directory: $0) }
        #expect(
            corpus.manifest.entries == [
                ManifestEntry(
                    id: "librispeech-84-121-0000", audioPath: "dev-clean/84/121/84-121-0000.flac",
                    durationSeconds: 2.5, speaker: "librispeech-84", corpus: "librispeech", text: "go do you hear"),
                ManifestEntry(
                    id: "librispeech-84-121-0001", audioPath: "dev-clean/84/121/84-121-0001.flac",
                    durationSeconds: 3, speaker: "librispeech-84", corpus: "librispeech", text: "but's in"),
            ])
        #expect(corpus.skipped.map(\.id) == ["84-121-0002"])

        // The folder of a chapter alone serves as well.
        let chapter = try imported(files) { LibriSpeechImporter(directory: $0 + "/dev-clean/84/121") }
        #expect(chapter.manifest.entries.count == 2)
    }

    @Test func ljSpeech() throws {
        let corpus = try imported([
            "metadata.csv": "LJ001-0001|In 1450,|In fourteen fifty,\nLJ001-0002|\"so\"|\"so\"\n",
            "wavs/LJ001-0001.wav": "1", "wavs/LJ001-0002.wav": "2",
        ]) { LJSpeechImporter(directory: $0) }
        #expect(corpus.manifest.entries.map(\.text) == ["in fourteen fifty", "so"])
        #expect(corpus.manifest.entries.map(\.id) == ["ljspeech-LJ001-0001", "ljspeech-LJ001-0002"])
        #expect(corpus.manifest.entries.map(\.audioPath) == ["wavs/LJ001-0001.wav", "wavs/LJ001-0002.wav"])
    }

    @Test func commonVoice() throws {
        let corpus = try imported([
            "dev.tsv": "client_id\tpath\tsentence_id\tsentence\nc1\tcv_en_1.mp3\tx\tIt’s “so”.\nc2\tcv_en_2\ty\tYes\n",
            "clips/cv_en_1.mp3": "1", "clips/cv_en_2.mp3": "2",
        ]) { CommonVoiceImporter(directory: $0, split: "dev") }
        #expect(corpus.manifest.entries.map(\.text) == ["it's so", "yes"])
        #expect(corpus.manifest.entries.map(\.id) == ["commonvoice-cv_en_1", "commonvoice-cv_en_2"])
        #expect(corpus.manifest.entries.map(\.speaker) == ["commonvoice-c1", "commonvoice-c2"])
    }

    @Test(arguments: [("wav48_silence_trimmed", "_mic1.flac"), ("wav48", ".wav")])
    func vctk(folder: String, ending: String) throws {
        let corpus = try imported([
            "txt/p225/p225_001.txt": "Please call Stella.\n",
            "\(folder)/p225/p225_001\(ending)": "2", "\(folder)/p225/p225_001_mic2.flac": "2",
            "\(folder)/p315/p315_001\(ending)": "2", "\(folder)/log.txt": "",
        ]) { VCTKImporter(directory: $0) }
        #expect(
            corpus.manifest.entries == [
                ManifestEntry(
                    id: "vctk-p225_001", audioPath: "\(folder)/p225/p225_001\(ending)", durationSeconds: 2,
                    speaker: "vctk-p225", corpus: "vctk", text: "please call stella")
            ])
        #expect(corpus.skipped.map(\.id) == ["p315_001"])
    }

    @Test func freeSpokenDigits() throws {
        let files = [
            "recordings/0_george_4.wav": "0.5", "recordings/7_george_5.wav": "0.25", "recordings/x.wav": "1",
            "README.md": "",
        ]
        let all = try imported(files) { FreeSpokenDigitImporter(directory: $0) }
        #expect(all.manifest.entries.map(\.text) == ["zero", "seven"])
        #expect(all.manifest.entries.map(\.id) == ["fsdd-0-george-4", "fsdd-7-george-5"])
        #expect(all.skipped.map(\.id) == ["x"])
        let test = try imported(files) { FreeSpokenDigitImporter(directory: $0, split: .test) }
        #expect(test.manifest.entries.map(\.text) == ["zero"])
        let train = try imported(files) { FreeSpokenDigitImporter(directory: $0, split: .train) }
        #expect(train.manifest.entries.map(\.text) == ["seven"])
    }

    @Test func kaldiWithoutSegments() throws {
        let corpus = try imported([
            "wav.scp": "u1 wav/one file.wav\nu2 wav/2.wav \n", "text": "u1 HELLO THERE\nu2\nu3 NOT IN WAV SCP\n",
            "utt2spk": "u1 ann\n", "wav/one file.wav": "1", "wav/2.wav": "2",
        ]) { KaldiImporter(directory: $0, corpusName: "mine") }
        #expect(
            corpus.manifest.entries == [
                ManifestEntry(
                    id: "u1", audioPath: "wav/one file.wav", durationSeconds: 1, speaker: "ann", corpus: "mine",
                    text: "hello there"),
                ManifestEntry(id: "u2", audioPath: "wav/2.wav", durationSeconds: 2, corpus: "mine", text: ""),
            ])
        #expect(corpus.skipped.map(\.id) == ["u3"])
    }

    @Test func kaldiWithSegments() throws {
        let corpus = try imported([
            "wav.scp": "r r.wav\n", "text": "u1 ONE\nu2 TWO\nu3 TOO LATE\nu4 NOWHERE\n", "r.wav": "10",
            "segments": "u1 r 0 4.5\nu2 r 5.5 -1\nu3 r 9 12\n",
        ]) { KaldiImporter(directory: $0) }
        #expect(corpus.manifest.entries.map(\.startSeconds) == [0, 5.5])
        #expect(corpus.manifest.entries.map(\.durationSeconds) == [4.5, 4.5])
        #expect(corpus.skipped.map(\.id) == ["u3", "u4"])
    }

    @Test func plainFolders() throws {
        let corpus = try imported([
            "ann/1.wav": "1", "ann/1.txt": "Two\nlines.", "2.FLAC": "2", "2.lab": "label", "3.ogg": "3",
            "4.opus": "text", "4.txt": "damaged", ".hidden/5.wav": "5", ".hidden/5.txt": "hidden",
        ]) { FolderImporter(directory: $0, corpusName: "mine") }
        #expect(
            corpus.manifest.entries == [
                ManifestEntry(id: "2", audioPath: "2.FLAC", durationSeconds: 2, corpus: "mine", text: "label"),
                ManifestEntry(
                    id: "ann-1", audioPath: "ann/1.wav", durationSeconds: 1, speaker: "ann", corpus: "mine",
                    text: "two lines"),
            ])
        #expect(corpus.skipped.map(\.id) == ["3", "4"])
        #expect(corpus.skipped.last?.problem == "no audio")
    }

    @Test func textIsLeftAsItIsWhereThatIsWanted() throws {
        let corpus = try imported(["1.wav": "1", "1.txt": "Two  Words!"]) {
            FolderImporter(directory: $0, normalisation: .none)
        }
        #expect(corpus.manifest.entries.map(\.text) == ["Two  Words!"])
    }

    @Test func foldersOfAnotherKindAreRefused() throws {
        #expect(throws: CorpusError.noDirectory(path: "nowhere")) {
            try LibriSpeechImporter(directory: "nowhere").entries(measuring: measure)
        }
        #expect(
            try error([:]) { LibriSpeechImporter(directory: $0) }
                == "DIR: expected transcripts named SPEAKER-CHAPTER.trans.txt, found none")
        #expect(try error([:]) { LJSpeechImporter(directory: $0) } == "DIR: expected a file metadata.csv, found none")
        #expect(try error([:]) { CommonVoiceImporter(directory: $0) } == "DIR: expected a file train.tsv, found none")
        #expect(
            try error([:]) { VCTKImporter(directory: $0) }
                == "DIR: expected a folder wav48_silence_trimmed or wav48, found none")
        #expect(
            try error([:]) { FreeSpokenDigitImporter(directory: $0) }
                == "DIR: expected audio in a folder recordings, found none")
        #expect(try error(["text": ""]) { KaldiImporter(directory: $0) } == "DIR: expected a file wav.scp, found none")
        #expect(try error(["a.txt": ""]) { FolderImporter(directory: $0) } == "DIR: expected audio files, found none")
    }

    @Test func badLinesAreNamedByNumber() throws {
        #expect(
            try error(["metadata.csv": "a|b|c\na|b\n"]) { LJSpeechImporter(directory: $0) }
                == "DIR/metadata.csv, line 2: expected three fields between “|”, found “a|b”")
        #expect(
            try error(["wav.scp": "a sox a.wav -t wav - |\n", "text": "a b\n"]) { KaldiImporter(directory: $0) }
                == "DIR/wav.scp, line 1: expected the path of an audio file, found the command “sox a.wav -t wav - |”, "
                + "which is not run; write the audio to files first")
        #expect(
            try error(["wav.scp": "a a.wav\n", "text": "a b\n", "segments": "a a 2 1\n"]) {
                KaldiImporter(directory: $0)
            }.hasPrefix("DIR/segments, line 1: expected an utterance, a recording, a start and a later end"))
        #expect(
            try error(["train.tsv": "client_id\tpath\tsentence\na\tb\n"]) { CommonVoiceImporter(directory: $0) }
                == "DIR/train.tsv, line 2: expected 3 fields between tabs, found “a\tb”")
        #expect(
            try error(["x.trans.txt": "no-transcript\n"]) { LibriSpeechImporter(directory: $0) }
                == "DIR/x.trans.txt, line 1: expected an id and a transcript, found “no-transcript”")
    }
}
