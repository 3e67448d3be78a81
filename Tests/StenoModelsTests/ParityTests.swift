import AudioFrontEnd
import StenoModels
import StenoTensor
import StenoTraining
import Testing

/// Every architecture as a whole against PyTorch: states, logits, losses, the gradient of every weight, steps of Adam.
@Suite struct ParityTests {
    private static let names = [
        "audio, subsampling 4", "audio, subsampling 2, not normalised", "text", "text with a bridge",
        "LSTM with residuals and tied embeddings", "attention after two layers", "recurrent", "recurrent, audio",
        "Transformer", "Transformer, learned positions, one table", "Transformer, audio",
    ]

    private struct Run {
        let golden: GoldenModel
        let model: Model
        let weights: Weights
        let examples: [PreparedExample]

        init(_ name: String) throws {
            let golden = try #require(try Goldens.load().cases.first { $0.name == name })
            model = try golden.model()
            weights = Weights(zeros: model.layout)
            for (entry, tensor) in zip(model.layout.entries, weights.tensors) {
                let given = try #require(golden.weights[entry.name], "\(entry.name)")
                try #require(given.shape == entry.shape.extents, "\(entry.name)")
                tensor.copyValues(from: given.tensor)
            }
            examples = golden.lengths.indices.map { item in
                let source: PreparedSource
                if let frames = golden.frames {
                    let bins = frames.shape[2]
                    let values = frames.tensor[item].values.prefix(golden.lengths[item] * bins)
                    source = .features(Features(frames: golden.lengths[item], bins: bins, values: Array(values)))
                } else {
                    source = .tokens(golden.tokens?[item] ?? [])
                }
                return PreparedExample(example: item, source: source, tokens: golden.texts[item])
            }
            self.golden = golden
        }

        /// Largest difference as a share of the largest number, over each item's first `lengths` steps.
        func difference(_ found: Tensor, _ expected: GoldenTensor, lengths: [Int]) -> Float {
            let (expected, width) = (expected.tensor, found.shape.columns)
            var (worst, largest) = (Float(0), Float(0))
            for (item, length) in lengths.enumerated() {
                let (a, b) = (found[item].values.prefix(length * width), expected[item].values.prefix(length * width))
                for (x, y) in zip(a, b) {
                    let difference = abs(x - y)
                    (worst, largest) = (difference.isNaN ? .infinity : max(worst, difference), max(largest, abs(y)))
                }
            }
            return worst / largest
        }
    }

    @Test(arguments: names) func everyWeightIsInTheGolden(_ name: String) throws {
        let run = try Run(name)
        #expect(run.model.layout.entries.map(\.name).sorted() == run.golden.weights.keys.sorted())
    }

    @Test(arguments: names) func outputs(_ name: String) throws {
        let run = try Run(name)
        let (golden, model, tape) = (run.golden, run.model, Tape(run.weights))
        let encoded = model.encode(Source(run.examples.map(\.source), on: tape), on: tape)
        #expect(encoded.lengths == golden.steps)
        #expect(run.difference(encoded.states.value, golden.states, lengths: golden.steps) < 1e-5)
        #expect(model.hasCTC == (golden.ctcLogits != nil))
        if let ctcLogits = golden.ctcLogits {
            #expect(run.difference(model.ctc(encoded, on: tape).value, ctcLogits, lengths: golden.steps) < 1e-5)
        }
        let targets = Targets(golden.texts)
        let logits = model.decoder(
            inputs: targets.inputs, lengths: targets.lengths, memory: model.decoder.memory(encoded, on: tape), on: tape)
        #expect(run.difference(logits.value, golden.logits, lengths: targets.lengths) < 1e-5)
    }

    @Test(arguments: names) func lossesAndGradients(_ name: String) throws {
        let run = try Run(name)
        let golden = run.golden
        let objective = Objective(
            model: run.model, ctcWeight: golden.ctcWeight, labelSmoothing: golden.labelSmoothing)
        let gradients = Weights(zeros: run.model.layout)
        let tape = Tape(run.weights, gradients: gradients)
        let tokens = golden.texts.reduce(0) { $0 + $1.count + 1 }
        let (loss, sums) = objective(run.examples, batchTokens: tokens, on: tape)
        tape.backward(from: loss)
        #expect(abs(Double(loss.value.scalar) - golden.loss) < 1e-5 * golden.loss)
        #expect(abs(sums.attention - golden.attentionLoss) < 1e-5 * golden.attentionLoss)
        #expect(abs(sums.ctc - golden.ctcLoss) <= 1e-5 * golden.ctcLoss)
        #expect(sums.correct == golden.correct)
        #expect(sums.tokens == tokens && sums.unalignable.isEmpty)
        for (entry, gradient) in zip(run.model.layout.entries, gradients.tensors) {
            let expected = try #require(golden.gradients[entry.name]).tensor.values
            let largest = expected.map(abs).max() ?? 0
            let worst = zip(gradient.values, expected).map { abs($0 - $1) }.max() ?? .nan
            #expect(worst <= 1e-4 * max(largest, 1e-3), "\(entry.name): \(worst) of \(largest)")
        }
    }

    @Test(arguments: names) func tenStepsOfAdam(_ name: String) throws {
        let run = try Run(name)
        let golden = run.golden
        let objective = Objective(
            model: run.model, ctcWeight: golden.ctcWeight, labelSmoothing: golden.labelSmoothing)
        let tokens = golden.texts.reduce(0) { $0 + $1.count + 1 }
        var options = OptimiserOptions()
        options.decay = 0
        let adam = Adam(run.model.layout, options: options)
        func step() -> (loss: Double, gradients: Weights) {
            let gradients = Weights(zeros: run.model.layout)
            let tape = Tape(run.weights, gradients: gradients)
            let (loss, _) = objective(run.examples, batchTokens: tokens, on: tape)
            tape.backward(from: loss)
            return (Double(loss.value.scalar), gradients)
        }
        let workers = Workers(count: 1)
        var (_, gradients) = step()
        for (number, expected) in golden.lossesUnderAdam.enumerated() {
            adam.update(
                run.weights, gradient: gradients, step: number + 1, rate: 0.01, scale: 1, workers: workers)
            let loss: Double
            (loss, gradients) = step()
            #expect(abs(loss - expected) < 1e-4 * expected, "step \(number + 1)")
        }
    }

    /// Search goes token by token; that gives what teacher forcing gives.
    @Test(arguments: names) func stepsEqualTeacherForcing(_ name: String) throws {
        let run = try Run(name)
        let (golden, model, tape) = (run.golden, run.model, Tape(run.weights))
        let encoded = model.encode(Source(run.examples.map(\.source), on: tape), on: tape)
        let memory = model.decoder.memory(encoded, on: tape)
        let targets = Targets(golden.texts)
        let owners = Array(golden.texts.indices)
        var state = model.decoder.initialState(memory, items: owners, on: tape)
        for step in 0..<targets.steps {
            let tokens = owners.map { targets.inputs[$0 * targets.steps + step] }
            let result = model.decoder.step(tokens, state: state, memory: memory, owners: owners, on: tape)
            state = result.state
            for owner in owners where step < targets.lengths[owner] {
                let expected = golden.logits.tensor[owner][step].values
                let worst =
                    zip(result.logits[owner].values, expected)
                    .map { abs($0 - $1) }.max() ?? .nan
                #expect(worst < 1e-5 * (expected.map(abs).max() ?? 0) + 1e-6, "step \(step) of \(owner)")
            }
        }
    }
}
