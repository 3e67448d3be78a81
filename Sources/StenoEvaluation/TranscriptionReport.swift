/// The figures of one evaluation of transcripts, as printed by `--json`. Rates are in per cent.
package struct TranscriptionReport: Codable, Equatable, Sendable {
    package var utterances: Int
    package var utterancesWithErrors: Int
    /// Words in the references.
    package var words: Int
    /// Characters in the references, spaces between words included.
    package var characters: Int
    package var wer: Double
    package var cer: Double
    package var werLower: Double
    package var werUpper: Double
    package var wordErrors: ErrorCounts
    package var characterErrors: ErrorCounts
    /// Length of the audio, in seconds, where it is known.
    package var audioSeconds: Double?
    /// Time that the transcription took, in seconds, where it was measured.
    package var wallSeconds: Double?

    private enum CodingKeys: String, CodingKey {
        case utterances
        case utterancesWithErrors = "utterances_with_errors"
        case words
        case characters
        case wer
        case cer
        case werLower = "wer_lower"
        case werUpper = "wer_upper"
        case wordErrors = "word_errors"
        case characterErrors = "character_errors"
        case audioSeconds = "audio_seconds"
        case wallSeconds = "wall_seconds"
    }

    /// - Parameters:
    ///   - words: counted with ``TextUnit/words``.
    ///   - characters: counted with ``TextUnit/characters`` over the same utterances.
    ///   - seed: of the resampling that gives the 95 % interval of the word error rate.
    package init(
        words: ErrorRate, characters: ErrorRate, audioSeconds: Double? = nil, wallSeconds: Double? = nil,
        seed: UInt64 = 0
    ) {
        precondition(words.unit == .words && characters.unit == .characters, "words first, characters second")
        precondition(words.utterances.count == characters.utterances.count, "the same utterances in both")
        let interval = ConfidenceInterval(utterances: words.utterances, seed: seed)
        utterances = words.utterances.count
        utterancesWithErrors = words.utterancesWithErrors
        self.words = words.total.referenceLength
        self.characters = characters.total.referenceLength
        wer = 100 * words.rate
        cer = 100 * characters.rate
        werLower = 100 * interval.lower
        werUpper = 100 * interval.upper
        wordErrors = words.total
        characterErrors = characters.total
        self.audioSeconds = audioSeconds
        self.wallSeconds = wallSeconds
    }

    /// The report of transcripts held against their references, pair by pair.
    package init(
        references: [String], hypotheses: [String], audioSeconds: Double? = nil, wallSeconds: Double? = nil,
        seed: UInt64 = 0
    ) {
        self.init(
            words: ErrorRate(unit: .words, references: references, hypotheses: hypotheses),
            characters: ErrorRate(unit: .characters, references: references, hypotheses: hypotheses),
            audioSeconds: audioSeconds, wallSeconds: wallSeconds, seed: seed)
    }
}
