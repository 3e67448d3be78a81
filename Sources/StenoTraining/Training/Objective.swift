import CKernels
import StenoModels
import StenoTensor
import StenoText

/// Sums over the utterances of a shard or a batch.
package struct LossSums: Codable, Sendable, Equatable {
    package var attention = 0.0
    package var ctc = 0.0
    package var tokens = 0
    package var correct = 0
    /// Frames or tokens read.
    package var sourceLength = 0
    /// Utterances that CTC cannot align, by example.
    package var unalignable: [Int] = []

    package init() {}

    package static func += (a: inout LossSums, b: LossSums) {
        a.attention += b.attention
        a.ctc += b.ctc
        a.tokens += b.tokens
        a.correct += b.correct
        a.sourceLength += b.sourceLength
        a.unalignable += b.unalignable
    }
}

/// One pair ready for the model.
package struct PreparedExample: Sendable {
    package let example: Int
    package let source: PreparedSource
    package let tokens: [Int32]

    package init(example: Int, source: PreparedSource, tokens: [Int32]) {
        (self.example, self.source, self.tokens) = (example, source, tokens)
    }
}

/// The joint loss of attention and CTC (Watanabe et al. 2017, "Hybrid CTC/attention architecture"), each summed over
/// the characters of the whole batch and divided by their number:
///
///     loss = (1 - w) · cross-entropy + w · CTC
package struct Objective: Sendable {
    package let model: Model
    package let ctcWeight: Float
    package let labelSmoothing: Float
    package let scheduledSampling: Float

    package init(model: Model, ctcWeight: Float, labelSmoothing: Float, scheduledSampling: Float = 0) {
        self.model = model
        self.ctcWeight = ctcWeight
        self.labelSmoothing = labelSmoothing
        self.scheduledSampling = scheduledSampling
    }

    /// The loss of some utterances of a batch of `batchTokens` targets (characters and ends).
    package func callAsFunction(
        _ examples: [PreparedExample], batchTokens: Int, on tape: Tape
    ) -> (loss: Variable, sums: LossSums) {
        let encoded = model.encode(Source(examples.map(\.source), on: tape), on: tape)
        let scale = 1 / Float(max(batchTokens, 1))
        var sums = LossSums()
        sums.sourceLength = examples.reduce(0) { $0 + $1.source.length }
        var losses: [(Variable, Float)] = []

        if ctcWeight > 0 {
            let (loss, each) = tape.ctcLoss(
                model.ctc(encoded, on: tape), lengths: encoded.lengths, labels: examples.map(\.tokens),
                blank: Int32(Vocabulary.blank), weights: examples.map { _ in scale })
            losses.append((loss, ctcWeight))
            for (example, value) in zip(examples, each) {
                if value == .infinity { sums.unalignable.append(example.example) } else { sums.ctc += value }
            }
        }
        let targets = Targets(examples.map(\.tokens))
        sums.tokens = targets.lengths.reduce(0, +)
        if ctcWeight < 1 {
            let memory = model.decoder.memory(encoded, on: tape)
            var inputs = targets.inputs
            if scheduledSampling > 0, let key = tape.nextRandomKey() {
                let first = model.decoder(inputs: inputs, lengths: targets.lengths, memory: memory, on: tape.detached())
                targets.sample(from: first.value, into: &inputs, probability: scheduledSampling, key: key)
            }
            let logits = model.decoder(inputs: inputs, lengths: targets.lengths, memory: memory, on: tape)
            let loss = tape.crossEntropy(
                logits, targets: targets.outputs, ignored: Int32(Vocabulary.padding), smoothing: labelSmoothing,
                scale: scale, inPlace: true)
            losses.append((loss, 1 - ctcWeight))
            sums.attention = Double(loss.value.scalar) / Double(scale)
            sums.correct = targets.countCorrect(logits.value)
        }
        return (tape.weightedSum(losses), sums)
    }
}

/// Transcripts as a decoder reads (`start` first) and writes them (`end` last), padded to one length.
package struct Targets: Sendable {
    package let inputs: [Int32]
    package let outputs: [Int32]
    /// Tokens of each output, the end included.
    package let lengths: [Int]
    package let steps: Int

    package init(_ transcripts: [[Int32]]) {
        lengths = transcripts.map { $0.count + 1 }
        steps = lengths.max() ?? 0
        let padding = Int32(Vocabulary.padding)
        func row(_ tokens: [Int32], _ steps: Int) -> [Int32] {
            tokens + [Int32](repeating: padding, count: steps - tokens.count)
        }
        let steps = steps
        inputs = transcripts.flatMap { row([Int32(Vocabulary.start)] + $0, steps) }
        outputs = transcripts.flatMap { row($0 + [Int32(Vocabulary.end)], steps) }
    }

    /// Each row's most likely token, among those that a text may hold.
    private func best(_ logits: Tensor) -> [Int32] {
        let (rows, symbols, first) = (logits.shape.rows, logits.shape.columns, Vocabulary.end)
        return [Int32](unsafeUninitializedCapacity: rows) { places, count in
            count = rows
            guard let base = places.baseAddress else { return }
            steno_row_maxima(Int64(rows), Int64(symbols - first), Int64(symbols), logits.pointer + first, base)
        }.map { $0 + Int32(first) }
    }

    package func countCorrect(_ logits: Tensor) -> Int {
        zip(outputs, best(logits)).count { $0 != Int32(Vocabulary.padding) && $0 == $1 }
    }

    /// Replaces inputs by the model's own predictions of the step before with a probability (Bengio et al. 2015,
    /// "Scheduled sampling", with the predictions of one teacher-forced pass).
    package func sample(from logits: Tensor, into inputs: inout [Int32], probability: Float, key: UInt64) {
        var random = RandomStream(key: key)
        let best = best(logits)
        for row in inputs.indices where row % steps > 0 {
            if random.uniform() < probability && inputs[row] != Int32(Vocabulary.padding) {
                let predicted = best[row - 1]
                if predicted != Int32(Vocabulary.end) { inputs[row] = predicted }
            }
        }
    }
}
