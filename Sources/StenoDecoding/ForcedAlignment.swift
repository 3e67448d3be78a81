import CKernels
import StenoModels
import StenoTensor
import StenoText

/// Where in the encoder's steps each token of a known text is: its most likely alignment under CTC (Viterbi).
package struct ForcedAlignment: Sendable {
    /// For each token the steps that emit it, at least one; between them are blanks. A CTC head tends to emit a token in
    /// one or two steps near its beginning, so that a span says where a sound is rather than how long.
    package let spans: [Range<Int>]
    /// Of this one alignment.
    package let logProbability: Double

    /// Nil if the text does not fit: it has more tokens, and blanks between equal ones, than there are steps.
    package init?(of tokens: [Int32], in posteriors: Posteriors, item: Int) {
        let (time, symbols) = (posteriors.lengths[item], posteriors.symbols)
        precondition(
            tokens.allSatisfy { $0 >= 0 && $0 < symbols && $0 != Vocabulary.blank }, "a token is no symbol or the blank"
        )
        var scratch = [Float](repeating: 0, count: 4 * (2 * tokens.count + 3))
        var moves = [UInt8](repeating: 0, count: time * (2 * tokens.count + 1))
        var path = [Int32](repeating: -1, count: time)
        var logProbability = -Double.infinity
        steno_ctc_alignment(
            Int64(time), Int64(symbols), posteriors.logProbabilities[item].pointer, Int64(tokens.count), tokens,
            Int32(Vocabulary.blank), &scratch, &moves, &path, &logProbability)
        guard logProbability > -.infinity else { return nil }
        var spans = [Range<Int>](repeating: 0..<0, count: tokens.count)
        for (step, label) in path.enumerated() where label >= 0 {
            let span = spans[Int(label)]
            spans[Int(label)] = (span.isEmpty ? step : span.lowerBound)..<step + 1
        }
        self.spans = spans
        self.logProbability = logProbability
    }
}

/// Aligns known texts with encoded utterances.
package struct Aligner: Sendable {
    package let model: Model

    package init(model: Model) { self.model = model }

    /// - Parameter texts: the tokens of each utterance, without start and end.
    /// - Returns: nil for a text that does not fit its utterance.
    package func callAsFunction(_ encoded: Encoded, texts: [[Int32]], on tape: Tape) -> [ForcedAlignment?] {
        precondition(
            texts.count == encoded.lengths.count, "\(texts.count) texts for \(encoded.lengths.count) utterances")
        let tape = tape.detached()
        let posteriors = Posteriors(model.ctc(encoded, on: tape).value, lengths: encoded.lengths, on: tape)
        return texts.indices.map { ForcedAlignment(of: texts[$0], in: posteriors, item: $0) }
    }
}
