import AudioFrontEnd
import StenoModels
import StenoTensor
import StenoText
import StenoTraining
import Testing

@Suite struct TargetsTests {
    private let padding = Int32(Vocabulary.padding), start = Int32(Vocabulary.start), end = Int32(Vocabulary.end)

    @Test func inputsBeginAndOutputsEnd() {
        let targets = Targets([[5, 6, 7], [], [8]])
        #expect(targets.steps == 4)
        #expect(targets.lengths == [4, 1, 2])
        #expect(targets.inputs == [start, 5, 6, 7, start, padding, padding, padding, start, 8, padding, padding])
        #expect(targets.outputs == [5, 6, 7, end, end, padding, padding, padding, 8, end, padding, padding])
    }

    /// Logits of which every row has its highest at one symbol.
    private func logits(_ best: [Int32], rows: Int, symbols: Int = 10) -> Tensor {
        var values = [Float](repeating: 0, count: best.count * symbols)
        for (row, symbol) in best.enumerated() { values[row * symbols + Int(symbol)] = 1 }
        return Tensor(values, shape: [rows, best.count / rows, symbols])
    }

    @Test func correctPredictionsAreCountedWithoutPadding() {
        let targets = Targets([[5, 6], [7]])
        #expect(targets.countCorrect(logits(targets.outputs, rows: 2)) == 5)
        #expect(targets.countCorrect(logits([5, 9, 2, 7, 9, 2], rows: 2)) == 3)
    }

    @Test func samplingReplacesInputsByThePredictionsOfTheStepBefore() {
        let targets = Targets([[5, 6, 7], [8]])
        let predictions = logits([9, 4, end, 4, 9, 9, 9, 9], rows: 2)
        var inputs = targets.inputs
        targets.sample(from: predictions, into: &inputs, probability: 1, key: 1)
        #expect(inputs == [start, 9, 4, 7, start, 9, padding, padding], "an end is not fed in, padding stays")
        inputs = targets.inputs
        targets.sample(from: predictions, into: &inputs, probability: 0, key: 1)
        #expect(inputs == targets.inputs)
    }

    @Test func samplingIsOfTheKey() {
        let targets = Targets([[Int32]](repeating: [Int32](repeating: 5, count: 100), count: 4))
        let predictions = logits([Int32](repeating: 6, count: 404), rows: 4)
        func sampled(_ key: UInt64) -> [Int32] {
            var inputs = targets.inputs
            targets.sample(from: predictions, into: &inputs, probability: 0.3, key: key)
            return inputs
        }
        #expect(sampled(1) == sampled(1))
        #expect(sampled(1) != sampled(2))
        #expect((80...160).contains(sampled(1).count { $0 == 6 }))
    }
}

@Suite struct ObjectiveTests {
    private let model: Model = {
        var options = Recipe.tones.model
        (options.encoder.dropout, options.decoder.dropout) = (0, 0)
        return Model(options: options, source: .frames(bins: 20), symbols: 11)
    }()

    private func examples(_ lengths: [Int], _ texts: [[Int32]]) -> [PreparedExample] {
        var random = RandomStream(key: 12)
        return lengths.indices.map { index in
            let values = (0..<lengths[index] * 20).map { _ in random.normal() }
            let features = Features(frames: lengths[index], bins: 20, values: values)
            return PreparedExample(example: index, source: .features(features), tokens: texts[index])
        }
    }

    /// A batch in shards, as the trainer cuts it.
    private func run(
        _ shards: [[PreparedExample]], ctcWeight: Float = 0.3
    ) -> (loss: Double, sums: LossSums, gradient: [Float]) {
        let weights = Weights(model.layout, seed: 4)
        let gradients = Weights(zeros: model.layout)
        let objective = Objective(model: model, ctcWeight: ctcWeight, labelSmoothing: 0.1)
        let tokens = shards.joined().reduce(0) { $0 + $1.tokens.count + 1 }
        var (loss, sums) = (0.0, LossSums())
        for shard in shards where !shard.isEmpty {
            let tape = Tape(weights, gradients: gradients)
            let (part, partSums) = objective(shard, batchTokens: tokens, on: tape)
            tape.backward(from: part)
            loss += Double(part.value.scalar)
            sums += partSums
        }
        return (loss, sums, gradients.flat.values)
    }

    private func close(_ a: Double, _ b: Double, within tolerance: Double = 1e-5) -> Bool {
        abs(a - b) <= tolerance * max(abs(a), abs(b))
    }

    @Test(arguments: [Float(0), 0.3, 1]) func shardsAddUpToTheBatch(ctcWeight: Float) {
        let all = examples([60, 41, 40, 22, 9], [[3, 4, 5, 5], [6, 7], [8, 9, 10], [3, 3], [4]])
        let whole = run([all], ctcWeight: ctcWeight)
        for shards in [[[all[0], all[2], all[4]], [all[1], all[3]]], all.map { [$0] }, [[], all]] {
            let parts = run(shards, ctcWeight: ctcWeight)
            #expect(close(whole.loss, parts.loss))
            #expect(close(whole.sums.attention, parts.sums.attention))
            #expect(close(whole.sums.ctc, parts.sums.ctc))
            #expect(whole.sums.tokens == parts.sums.tokens && parts.sums.tokens == 17)
            #expect(whole.sums.correct == parts.sums.correct)
            #expect(whole.sums.sourceLength == parts.sums.sourceLength && parts.sums.sourceLength == 172)
            let norm = whole.gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            let difference = zip(whole.gradient, parts.gradient).reduce(0) {
                $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
            }.squareRoot()
            #expect(difference <= 1e-5 * norm, "\(difference / norm)")
        }
        let share = Double(ctcWeight)
        #expect(close(whole.loss, ((1 - share) * whole.sums.attention + share * whole.sums.ctc) / 17))
    }

    /// 7 frames are 4 steps: three symbols of which two repeat need 5.
    @Test func whatCTCCannotAlignIsNamedAndNotCounted() {
        let all = examples([60, 7, 40], [[3, 4, 5], [6, 6, 6], [8, 9]])
        let (loss, sums, gradient) = run([all])
        #expect(sums.unalignable == [1])
        #expect(loss.isFinite && gradient.allSatisfy(\.isFinite))
        let others = run([[all[0], all[2]]])
        #expect(close(sums.ctc, others.sums.ctc))
    }

    /// A file may turn out to be shorter than a frame.
    @Test func anEmptySourceIsNoCrash() {
        let all = examples([0, 30], [[3], [4]])
        let (loss, sums, gradient) = run([all])
        #expect(loss.isFinite && gradient.allSatisfy(\.isFinite))
        #expect(sums.unalignable == [0])
        let alone = run([[all[0]]])
        #expect(alone.loss.isFinite && alone.gradient.allSatisfy(\.isFinite))
    }
}
