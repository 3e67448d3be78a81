import CKernels

extension Tape {
    /// Connectionist temporal classification: minus the log of the summed probability of every alignment.
    ///
    /// Graves et al. 2006. An utterance whose labels do not fit its frames (`frames < labels + repeats`) gives no
    /// gradient and an infinite entry in the second result, and counts nothing in the first.
    ///
    /// - Parameters:
    ///   - logits: `[batch, time, symbols]`, before softmax.
    ///   - lengths: valid frames of each utterance.
    ///   - labels: of each utterance, without blanks.
    ///   - weights: factor of each utterance's loss in the sum.
    /// - Returns: the scalar `Σ weight · loss`, and each utterance's loss.
    package func ctcLoss(
        _ logits: Variable, lengths: [Int], labels: [[Int32]], blank: Int32, weights: [Float]
    ) -> (Variable, losses: [Double]) {
        let (batch, time, symbols) = (logits.shape[0], logits.shape[1], logits.shape[2])
        precondition(
            lengths.count == batch && labels.count == batch && weights.count == batch
                && lengths.allSatisfy { $0 >= 0 && $0 <= time },
            "\(lengths) frames, \(labels.count) labellings and \(weights.count) weights for \(logits.shape)")
        precondition(
            labels.joined().allSatisfy { $0 >= 0 && $0 < symbols && $0 != blank }, "a label is no symbol or the blank")
        let logProbabilities = logSoftmax(logits.value)
        let gradient = zeros(logits.shape)
        let states = labels.map { 2 * $0.count + 5 }.max() ?? 0
        let scratch = tensor([(time + 4) * states])
        var losses: [Double] = []
        var total = 0.0
        for (item, labels) in labels.enumerated() {
            var loss = Double.infinity
            if lengths[item] > 0 {
                steno_ctc(
                    Int64(lengths[item]), Int64(symbols), logProbabilities[item].pointer, Int64(labels.count), labels,
                    blank, scratch.pointer, &loss, gradient[item].pointer)
            }
            if loss < .infinity || loss.isNaN { total += loss * Double(weights[item]) }
            losses.append(loss)
        }
        let value = tensor([])
        value.pointer[0] = Float(total)
        let result = record(value, from: [logits]) { [unowned self] d in
            for (item, weight) in weights.enumerated() { gradient[item].multiply(by: d.scalar * weight) }
            accumulate(gradient, into: logits)
        }
        return (result, losses)
    }
}
