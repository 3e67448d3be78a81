import Foundation

/// One utterance of a corpus: where its audio is and what was said.
package struct ManifestEntry: Equatable, Sendable {
    /// Unique within its manifest.
    package var id: String
    /// Path of the audio file; read from a manifest, it already has the manifest's folder before it.
    package var audioPath: String
    /// Where the utterance begins within its audio file, in seconds; 0 but for corpora with several in one file.
    package var startSeconds: Double
    /// How long it is, in seconds; in a list of sounds infinite where it is not known, for all that follows.
    package var durationSeconds: Double
    /// Empty where it is not known.
    package var speaker: String
    /// Name of the corpus that it is from; empty where it is not known.
    package var corpus: String
    package var text: String

    package init(
        id: String, audioPath: String, startSeconds: Double = 0, durationSeconds: Double, speaker: String = "",
        corpus: String = "", text: String
    ) {
        self.id = id
        self.audioPath = audioPath
        self.startSeconds = startSeconds
        self.durationSeconds = durationSeconds
        self.speaker = speaker
        self.corpus = corpus
        self.text = text
    }

    package var audioURL: URL { URL(fileURLWithPath: audioPath) }
}
