import CKernels
import StenoTensor
import StenoText

/// Prefix scores of connectionist temporal classification: the probability that the utterance's text begins with a
/// hypothesis, over all alignments.
///
///     log p(c | g) = log P(g c ...) - log P(g ...)        log p(end | g) = log P(g) - log P(g ...)
///
/// Watanabe, Hori, Kim, Hershey, Hayashi 2017, "Hybrid CTC/attention architecture for end-to-end speech recognition",
/// algorithm 2. All symbols' scores are one matrix product an utterance; see `ctc_prefix.c`.
package struct CTCPrefixScorer: Scorer {
    /// What one utterance's hypotheses are made of; `width` columns, of which the first `rows` are used.
    private struct Utterance {
        let time: Int
        /// `[time, symbols]`.
        let logs: Tensor, probabilities: Tensor
        var rows: Int
        var width: Int
        /// `[time + 1, width]`, `[time + 1, width]`, `[time, width]` and `[width]`.
        var prefix: Tensor, blanks: Tensor, weights: Tensor, repeats: Tensor
    }

    private let symbols: Int
    private var utterances: [Utterance]
    /// Each row's last token, -1 before the first.
    private var last: [Int32]
    /// What `scores` gave.
    private var given: Tensor

    /// - Parameter items: the utterances to search in.
    package init(_ posteriors: Posteriors, items: [Int], on tape: Tape) {
        let (symbols, lengths, logs) = (posteriors.symbols, posteriors.lengths, posteriors.logProbabilities)
        let probabilities = tape.copy(logs)
        steno_exp(Int64(probabilities.count), probabilities.pointer)
        self.symbols = symbols
        utterances = items.map { item in
            let (time, width) = (lengths[item], Int(STENO_CTC_LANES))
            let utterance = Utterance(
                time: time, logs: logs[item], probabilities: probabilities[item], rows: 1, width: width,
                prefix: tape.tensor([time + 1, width]), blanks: tape.tensor([time + 1, width]),
                weights: tape.tensor([time, width]), repeats: tape.zeros([width]))
            steno_ctc_prefix_start(
                Int64(time), Int64(symbols), Int64(width), utterance.logs.pointer, Int32(Vocabulary.blank),
                utterance.prefix.pointer, utterance.blanks.pointer, utterance.weights.pointer)
            return utterance
        }
        last = items.map { _ in -1 }
        given = tape.tensor([0, symbols])
    }

    package mutating func scores(on tape: Tape) -> Tensor {
        let scores = tape.tensor([last.count, symbols])
        let (symbols, utterances, last) = (symbols, utterances, last)
        let starts = utterances.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.rows) }
        tape.parallel(utterances.count) { index in
            let (utterance, first) = (utterances[index], starts[index])
            let sums = tape.tensor([utterance.width, symbols])
            product(
                Matrix(utterance.weights).transposed,
                Matrix(utterance.probabilities.pointer, rows: utterance.time, columns: symbols), into: Matrix(sums))
            last.withUnsafeBufferPointer { last in
                steno_ctc_prefix_scores(
                    Int64(utterance.rows), Int64(symbols), sums.pointer, utterance.prefix[utterance.time].pointer,
                    utterance.repeats.pointer, last.baseAddress.map { $0 + first }, Int32(Vocabulary.blank),
                    Int32(Vocabulary.end), scores.pointer + first * symbols)
            }
        }
        given = scores
        return scores
    }

    package mutating func advance(to continuations: Continuations, on tape: Tape) {
        let (symbols, old, last, given) = (symbols, utterances, last, given)
        let gains = zip(continuations.parents, continuations.tokens).map { given.pointer[$0 * symbols + Int($1)] }
        var pieces: [(utterance: Int, firstParent: Int, rows: Range<Int>)] = []
        var (firstParent, row) = (0, 0)
        for (index, utterance) in old.enumerated() {
            let end = firstParent + utterance.rows
            let from = row
            while row < continuations.parents.count && continuations.parents[row] < end { row += 1 }
            if row > from { pieces.append((index, firstParent, from..<row)) }
            firstParent = end
        }
        utterances = pieces.map { piece in
            var next = old[piece.utterance]
            let lanes = Int(STENO_CTC_LANES)
            next.rows = piece.rows.count
            next.width = (next.rows + lanes - 1) / lanes * lanes
            next.prefix = tape.tensor([next.time + 1, next.width])
            next.blanks = tape.tensor([next.time + 1, next.width])
            next.weights = tape.tensor([next.time, next.width])
            next.repeats = tape.tensor([next.width])
            return next
        }
        let new = utterances
        tape.parallel(pieces.count) { index in
            let (piece, next) = (pieces[index], new[index])
            let before = old[piece.utterance]
            // Columns past the rows repeat the first.
            let rows = (0..<next.width).map { $0 < next.rows ? piece.rows.lowerBound + $0 : piece.rows.lowerBound }
            steno_ctc_prefix_advance(
                Int64(next.time), Int64(symbols), next.logs.pointer, Int32(Vocabulary.blank), Int64(before.width),
                before.prefix.pointer, before.blanks.pointer, Int64(next.width),
                rows.map { Int32(continuations.parents[$0] - piece.firstParent) },
                rows.map { last[continuations.parents[$0]] }, rows.map { continuations.tokens[$0] },
                rows.map { gains[$0] }, next.prefix.pointer, next.blanks.pointer, next.weights.pointer,
                next.repeats.pointer)
        }
        self.last = continuations.tokens
    }
}
