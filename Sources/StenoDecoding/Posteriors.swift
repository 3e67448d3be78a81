import CKernels
import StenoTensor
import StenoText

/// What the CTC head says of a batch: natural log-probabilities of each symbol at each encoder step.
package struct Posteriors: Sendable {
    /// `[batch, time, symbols]`.
    package let logProbabilities: Tensor
    /// Valid steps of each utterance.
    package let lengths: [Int]

    /// - Parameter logits: `[batch, time, symbols]`.
    package init(_ logits: Tensor, lengths: [Int], on tape: Tape) {
        precondition(
            logits.shape.rank == 3 && lengths.count == logits.shape[0], "\(lengths.count) lengths for \(logits.shape)")
        logProbabilities = tape.logSoftmax(logits)
        self.lengths = lengths
    }

    package var symbols: Int { logProbabilities.shape.columns }
}

/// The most likely symbol of each step, repeats and blanks taken out (Graves et al. 2006, best path decoding).
///
/// - Parameter logits: `[batch, time, symbols]`, before or after softmax.
package func bestPath(_ logits: Tensor, lengths: [Int]) -> [[Int32]] {
    lengths.enumerated().map { item, length in
        let symbols = [Int32](unsafeUninitializedCapacity: length) { places, count in
            if let base = places.baseAddress {
                let symbols = Int64(logits.shape.columns)
                steno_row_maxima(Int64(length), symbols, symbols, logits[item].pointer, base)
            }
            count = length
        }
        return symbols.indices.filter { $0 == 0 || symbols[$0] != symbols[$0 - 1] }.map { symbols[$0] }
            .filter { $0 != Int32(Vocabulary.blank) }
    }
}
