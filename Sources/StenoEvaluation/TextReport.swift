import Foundation

/// The figures of one evaluation of texts that a model wrote, as printed by `--json`. Rates and scores are in per cent.
package struct TextReport: Codable, Equatable, Sendable {
    package var lines: Int
    /// Lines that equal one of their references; runs of white space count as one space.
    package var linesRight: Int
    package var linesRightPerCent: Double

    package var bleu: Double
    package var bleuLower: Double
    package var bleuUpper: Double
    /// Shares of n-grams that are right, n from 1 to 4.
    package var bleuPrecisions: [Double]
    package var brevityPenalty: Double
    /// Tokens, as BLEU counts them.
    package var hypothesisTokens: Int
    package var referenceTokens: Int
    package var bleuSignature: String

    package var chrF: Double
    package var chrFLower: Double
    package var chrFUpper: Double
    /// `chrF2`, or `chrF2++` with words.
    package var chrFName: String
    package var chrFSignature: String

    /// Words in the references: what stands between spaces, phonemes in pronunciations.
    package var words: Int
    /// Characters in the references, spaces between words included.
    package var characters: Int
    package var wer: Double
    package var cer: Double
    package var werLower: Double
    package var werUpper: Double
    package var wordErrors: ErrorCounts
    package var characterErrors: ErrorCounts

    private enum CodingKeys: String, CodingKey {
        case lines
        case linesRight = "lines_right"
        case linesRightPerCent = "lines_right_per_cent"
        case bleu
        case bleuLower = "bleu_lower"
        case bleuUpper = "bleu_upper"
        case bleuPrecisions = "bleu_precisions"
        case brevityPenalty = "brevity_penalty"
        case hypothesisTokens = "hypothesis_tokens"
        case referenceTokens = "reference_tokens"
        case bleuSignature = "bleu_signature"
        case chrF = "chrf"
        case chrFLower = "chrf_lower"
        case chrFUpper = "chrf_upper"
        case chrFName = "chrf_name"
        case chrFSignature = "chrf_signature"
        case words
        case characters
        case wer
        case cer
        case werLower = "wer_lower"
        case werUpper = "wer_upper"
        case wordErrors = "word_errors"
        case characterErrors = "character_errors"
    }

    /// The report of texts held against their right answers.
    ///
    /// - Parameters:
    ///   - references: of each line at least one; errors are counted against the nearest.
    ///   - seed: of the resampling that gives the 95 % intervals.
    /// - Precondition: as many hypotheses as lists of references.
    package init(
        references: [[String]], hypotheses: [String], bleu bleuOptions: BLEU.Options = BLEU.Options(),
        chrF chrFOptions: ChrF.Options = ChrF.Options(), seed: UInt64 = 0
    ) {
        let words = ErrorRate(unit: .words, answers: references, hypotheses: hypotheses)
        let characters = ErrorRate(unit: .characters, answers: references, hypotheses: hypotheses)
        lines = hypotheses.count
        linesRight = lines - words.utterancesWithErrors
        linesRightPerCent = lines == 0 ? 0 : 100 * Double(linesRight) / Double(lines)

        let bleu = BLEU(references: references, hypotheses: hypotheses, options: bleuOptions)
        let bleuRange = ConfidenceInterval(bleu.lines, seed: seed) { BLEU.score(of: $0, bleuOptions) }
        self.bleu = bleu.score
        (bleuLower, bleuUpper) = (bleuRange.lower, bleuRange.upper)
        bleuPrecisions = bleu.precisions
        brevityPenalty = bleu.brevityPenalty
        hypothesisTokens = bleu.total.hypothesisLength
        referenceTokens = bleu.total.referenceLength
        bleuSignature = bleu.signature

        let chrF = ChrF(references: references, hypotheses: hypotheses, options: chrFOptions)
        let chrFRange = ConfidenceInterval(chrF.lines, seed: seed) { ChrF.score(of: $0, chrFOptions) }
        self.chrF = chrF.score
        (chrFLower, chrFUpper) = (chrFRange.lower, chrFRange.upper)
        chrFName = chrF.name
        chrFSignature = chrF.signature

        let werRange = ConfidenceInterval(utterances: words.utterances, seed: seed)
        self.words = words.total.referenceLength
        self.characters = characters.total.referenceLength
        wer = 100 * words.rate
        cer = 100 * characters.rate
        (werLower, werUpper) = (100 * werRange.lower, 100 * werRange.upper)
        wordErrors = words.total
        characterErrors = characters.total
    }
}

extension TextReport: CustomStringConvertible {
    /// The figures for a person, in a few lines.
    package var description: String {
        let shares = bleuPrecisions.map { String(format: "%.1f", $0) }.joined(separator: "/")
        return [
            "BLEU \(short(bleu)) (95 %: \(short(bleuLower)) to \(short(bleuUpper))), \(shares), brevity penalty "
                + String(format: "%.3f", brevityPenalty)
                + ", \(hypothesisTokens) tokens for \(referenceTokens) of the references",
            "\(chrFName) \(short(chrF)) (95 %: \(short(chrFLower)) to \(short(chrFUpper)))",
            "WER \(short(wer)) % (95 %: \(short(werLower)) % to \(short(werUpper)) %), "
                + "\(wordErrors.errors) errors in \(words) words",
            "CER \(short(cer)) %, \(characterErrors.errors) errors in \(characters) characters",
            "\(linesRight) of \(lines) lines right (\(short(linesRightPerCent)) %)",
            "BLEU|\(bleuSignature)",
            "\(chrFName)|\(chrFSignature)",
        ].joined(separator: "\n")
    }

    private func short(_ value: Double) -> String { String(format: "%.2f", value) }
}
