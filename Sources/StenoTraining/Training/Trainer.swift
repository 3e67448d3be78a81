import AudioFrontEnd
import CKernels
import Foundation
import StenoModels
import StenoTensor
import StenoText
import Synchronization

/// One training run: a recipe, a folder for what it writes, and the loop between them.
///
/// On one instruction set the weights depend on the recipe and the data alone: not on the number of workers, nor on
/// whether the run was interrupted.
package final class Trainer {
    package enum Outcome: Sendable { case finished, stopped, asked }

    private let recipe: Recipe
    private let folder: String
    private let workers: Workers
    private let data: TrainingData
    private let model: Model
    private let weights: Weights
    private let adam: Adam
    private var state: TrainingState
    private let shardGradients: [Weights]
    private let pools: [Pool]
    private let note: (String) -> Void

    package static let checkpointName = "checkpoint.safetensors"
    package static let modelName = "model.safetensors"
    private var checkpointPath: String { "\(folder)/\(Trainer.checkpointName)" }

    /// Reads the data and either begins or, when the folder has a checkpoint, goes on.
    ///
    /// - Parameters:
    ///   - base: folder that relative paths of the recipe start from.
    ///   - folder: for checkpoints, logs and the model; made if missing.
    ///   - note: takes lines for the user.
    package init(
        _ recipe: Recipe, base: String, folder: String, threads: Int, note: @escaping (String) -> Void
    ) throws(TrainingError) {
        self.recipe = recipe
        self.folder = folder
        self.note = note
        workers = Workers(count: threads)
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw .file(.unwritable(path: folder, reason: error.localizedDescription))
        }
        let checkpointPath = "\(folder)/\(Trainer.checkpointName)"
        var checkpoint: Checkpoint?
        if FileManager.default.fileExists(atPath: checkpointPath) {
            do { checkpoint = try Checkpoint(path: checkpointPath, optimiser: recipe.training.optimiser) } catch {
                throw .file(error)
            }
        }
        let start: TrainedModel?
        if checkpoint == nil, !recipe.training.startFrom.isEmpty {
            do { start = try TrainedModel(path: resolve(recipe.training.startFrom, base)) } catch { throw .file(error) }
        } else {
            start = checkpoint?.trained
        }
        data = try TrainingData(recipe, base: base, start: start)
        let model = Model(options: recipe.model, source: data.input.kind, symbols: data.vocabulary.count)
        if let start {
            let sameInput: Bool =
                switch (start.input, data.input) {
                case (.audio, .audio(let features, _)): features == recipe.features
                case (.text, .text): true
                default: false
                }
            guard sameInput, start.model.options.withoutDropout == recipe.model.withoutDropout else {
                throw .cannotResume(
                    path: checkpoint == nil ? recipe.training.startFrom : checkpointPath,
                    reason: "its model or features differ from the recipe's")
            }
        }
        self.model = model
        weights = start?.weights ?? Weights(model.layout, seed: UInt64(recipe.training.seed))
        adam = checkpoint?.adam ?? Adam(model.layout, options: recipe.training.optimiser)
        state = checkpoint?.state ?? TrainingState()
        shardGradients = (0..<recipe.training.shards).map { _ in Weights(zeros: model.layout) }
        pools = (0..<max(recipe.training.shards, threads)).map { _ in Pool() }
        report(set: data.train, name: "train")
        report(set: data.dev, name: "dev")
        note("model: \(model.layout.count) parameters, \(data.vocabulary.count) symbols")
        let isa = steno_isa().name
        if checkpoint != nil {
            note("resuming at step \(state.step)")
            if state.instructionSet != isa {
                note("the run began on \(state.instructionSet) and goes on with \(isa): bits will differ")
            }
        }
        state.instructionSet = isa
    }

    private func report(set: Dataset, name: String) {
        let hours = set.audio == nil ? "" : String(format: ", %.2f h of audio", set.hours)
        note("\(name): \(set.examples.count) pairs\(hours)")
        for (id, reason) in set.setAside.prefix(20) { note("\(name): set aside \(id): it \(reason)") }
        if set.setAside.count > 20 { note("\(name): set aside \(set.setAside.count - 20) more for such reasons") }
    }

    // MARK: The loop

    package func run() throws(TrainingError) -> Outcome {
        let options = recipe.training
        let seed = UInt64(options.seed)
        let lengths = data.train.examples.map(\.length)
        func plan(_ epoch: Int) -> BatchPlan {
            BatchPlan(
                lengths: lengths, speeds: options.speeds, batchFrames: options.batchFrames,
                batchUtterances: options.batchUtterances, key: mixed(mixed(seed, 0x62617463), UInt64(epoch)))
        }
        let isAudio = recipe.model.input == .audio
        let sourceUnit = isAudio ? recipe.features.hopSeconds : 1
        let stepsPerEpoch = plan(0).batches.count
        let totalSteps = stepsPerEpoch * options.epochs
        let resumeStep = state.step > 0 ? state.step : nil
        let metrics: MetricsLog, events: EventFileWriter
        do throws(LogError) {
            metrics = try MetricsLog(
                path: "\(folder)/metrics.csv",
                columns: ["epoch", "loss", "attention_loss", "ctc_loss", "accuracy", "rate", "gradient_norm",
                    "speed", "dev_cer", "dev_wer", "dev_ctc_cer"], resumeStep: resumeStep)
            events = try EventFileWriter(directory: folder, resumeStep: resumeStep)
        } catch { throw .log(error) }
        var clock = now()
        var progress = ProgressLine(totalSteps: totalSteps, firstStep: state.step, now: clock)
        defer { progress.finish() }
        var lastSaved = clock
        var window = (loss: 0.0, sums: LossSums(), steps: 0, start: clock)
        Stop.listen()

        while state.epoch < options.epochs {
            let batches = plan(state.epoch).batches
            while state.batch < batches.count {
                let batch = batches[state.batch]
                let rate = options.optimiser.rate(step: state.step + 1, total: totalSteps)
                let (loss, sums, norm) = try step(batch, rate: rate)
                state.step += 1
                state.batch += 1
                state.smoothedLoss = state.step == 1 ? loss : 0.98 * state.smoothedLoss + 0.02 * loss
                window.loss += loss
                window.sums += sums
                window.steps += 1
                clock = now()
                let speed = Double(window.sums.sourceLength) * sourceUnit / max(clock - window.start, 1e-9)
                progress.update(
                    .init(
                        step: state.step, epoch: state.epoch + 1, loss: state.smoothedLoss,
                        rate: String(format: isAudio ? "%.0f × real time" : "%.0f tokens/s", speed)), now: clock)
                if state.step % 50 == 0 {
                    let tokens = Double(max(window.sums.tokens, 1))
                    let figures = [
                        "epoch": Double(state.epoch + 1), "loss": window.loss / Double(window.steps),
                        "attention_loss": window.sums.attention / tokens, "ctc_loss": window.sums.ctc / tokens,
                        "accuracy": Double(window.sums.correct) / tokens, "rate": rate, "gradient_norm": norm,
                        "speed": speed,
                    ]
                    try log(figures, metrics, events)
                    window = (0, LossSums(), 0, clock)
                }
                let atEnd = state.batch == batches.count
                if atEnd { (state.epoch, state.batch) = (state.epoch + 1, 0) }
                if options.evaluationSteps > 0 ? state.step % options.evaluationSteps == 0 : atEnd {
                    let improved = try evaluate(metrics, events) { progress.message($0) }
                    try save()
                    lastSaved = now()
                    window = (0, LossSums(), 0, lastSaved)
                    if !improved && options.patience > 0 && state.evaluationsSinceBest >= options.patience {
                        progress.message("no improvement in \(options.patience) evaluations: stopping early")
                        return .stopped
                    }
                }
                if Stop.isAsked || now() - lastSaved > options.checkpointMinutes * 60 {
                    try save()
                    lastSaved = now()
                }
                if Stop.isAsked {
                    progress.message("asked to stop: \(checkpointPath) is written")
                    return .asked
                }
                if atEnd { break }
            }
        }
        return .finished
    }

    private func log(
        _ figures: [String: Double], _ metrics: MetricsLog, _ events: EventFileWriter
    ) throws(TrainingError) {
        do throws(LogError) {
            try metrics.append(step: state.step, figures)
            for (name, value) in figures.sorted(by: { $0.key < $1.key }) where name != "epoch" {
                try events.scalar(name.hasPrefix("dev_") ? "dev/\(name.dropFirst(4))" : "train/\(name)", value, step: state.step)
            }
        } catch { throw .log(error) }
    }

    private func now() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    // MARK: One step

    private func step(
        _ batch: [BatchItem], rate: Double
    ) throws(TrainingError) -> (loss: Double, sums: LossSums, norm: Double) {
        let options = recipe.training
        let seed = UInt64(options.seed)
        let train = data.train
        // Longest first, dealt out in turn: shards of equal work, and running sequences are the leading rows.
        let sorted = batch.sorted {
            let (a, b) = (train.examples[$0.example].length, train.examples[$1.example].length)
            return (Double(b) / $1.speed, $0.example) < (Double(a) / $0.speed, $1.example)
        }
        let shards = (0..<options.shards).map { shard in
            stride(from: shard, to: sorted.count, by: options.shards).map { sorted[$0] }
        }
        let batchTokens = batch.reduce(0) { $0 + train.examples[$1.example].tokens.count + 1 }
        let objective = Objective(
            model: model, ctcWeight: options.ctcWeight, labelSmoothing: options.labelSmoothing,
            scheduledSampling: options.scheduledSampling)
        let outcomes = Mutex([(loss: Double, sums: LossSums, error: AudioError?)](
            repeating: (0, LossSums(), nil), count: shards.count))
        let (step, epoch) = (state.step, state.epoch)
        workers.run(jobs: shards.count) { [input = data.input, weights, shardGradients, pools] shard in
            shardGradients[shard].flat.clear()
            if shards[shard].isEmpty { return }
            do throws(AudioError) {
                var examples: [PreparedExample] = []
                for item in shards[shard] {
                    var source = try train.source(item.example, speed: item.speed)
                    try input.normalise(&source)
                    if case .features(var features) = source {
                        let key = mixed(mixed(mixed(seed, 0x6d61736b), UInt64(epoch)), UInt64(item.example))
                        options.masking.apply(to: &features, key: key)
                        source = .features(features)
                    }
                    examples.append(
                        PreparedExample(
                            example: item.example, source: source, tokens: train.examples[item.example].tokens))
                }
                let tape = Tape(
                    weights, gradients: shardGradients[shard], pool: pools[shard],
                    randomKey: mixed(mixed(seed, UInt64(step)), UInt64(shard)))
                let (loss, sums) = objective(examples, batchTokens: batchTokens, on: tape)
                tape.backward(from: loss)
                outcomes.withLock { $0[shard] = (Double(loss.value.scalar), sums, nil) }
            } catch {
                outcomes.withLock { $0[shard].error = error }
            }
        }
        let results = outcomes.withLock { $0 }
        if let error = results.compactMap(\.error).first { throw .audio(error) }
        var sums = LossSums()
        for result in results { sums += result.sums }
        let loss = results.reduce(0) { $0 + $1.loss }
        sumOverShards()
        let norm = adam.norm(of: shardGradients[0], workers: workers)
        if let reason = divergence(loss: loss, norm: norm) {
            throw .diverged(
                step: state.step + 1, reason: reason, utterances: batch.map { train.examples[$0.example].id },
                checkpoint: FileManager.default.fileExists(atPath: checkpointPath) ? checkpointPath : "none yet")
        }
        let scale = norm > options.optimiser.clipNorm ? Float(options.optimiser.clipNorm / norm) : 1
        adam.update(
            weights, gradient: shardGradients[0], step: state.step + 1, rate: rate, scale: scale, workers: workers)
        return (loss, sums, norm)
    }

    /// A binary tree over shard numbers, so that the sum does not depend on who computed which shard.
    private func sumOverShards() {
        let count = model.layout.count
        let piece = 1 << 16
        var distance = 1
        while distance < shardGradients.count {
            let targets = Array(stride(from: 0, to: shardGradients.count - distance, by: 2 * distance))
            workers.run(jobs: (count + piece - 1) / piece) { [shardGradients, distance] index in
                let from = index * piece
                for target in targets {
                    steno_add(
                        Int64(min(piece, count - from)), shardGradients[target + distance].flat.pointer + from,
                        shardGradients[target].flat.pointer + from)
                }
            }
            distance *= 2
        }
    }

    private func divergence(loss: Double, norm: Double) -> String? {
        if !loss.isFinite { return "the loss is \(loss)" }
        if !norm.isFinite { return "the gradient's norm is \(norm)" }
        if state.step > 200 && loss > 10 * state.smoothedLoss + 1 {
            return "the loss is \(loss), its running mean \(state.smoothedLoss)"
        }
        return nil
    }

    // MARK: Evaluation and files

    private func trained(_ weights: Weights, figures: [String: Double] = [:]) -> TrainedModel {
        var provenance = Provenance()
        provenance.recipe = recipe.yaml
        provenance.steps = state.step
        provenance.epochs = Double(state.epoch)
        provenance.hours = data.train.hours
        provenance.figures = figures
        provenance.instructionSet = state.instructionSet
        return TrainedModel(
            model: model, weights: weights, vocabulary: data.vocabulary, input: data.input, search: recipe.search,
            provenance: provenance)
    }

    private func save() throws(TrainingError) {
        do { try Checkpoint(trained: trained(weights), adam: adam, state: state).write(to: checkpointPath) } catch {
            throw .file(error)
        }
    }

    private func evaluate(
        _ metrics: MetricsLog, _ events: EventFileWriter, say: (String) -> Void
    ) throws(TrainingError) -> Bool {
        let evaluation: DevEvaluation
        do {
            evaluation = try DevEvaluation(
                trained(weights), dataset: data.dev, utterances: recipe.training.evaluationUtterances, workers: workers,
                pools: pools)
        } catch { throw .audio(error) }
        let (cer, wer) = (evaluation.report.cer, evaluation.report.wer)
        say(String(
            format: "epoch %d, step %d: dev CER %.2f %%, WER %.2f %%, CTC alone CER %.2f %%", state.epoch, state.step,
            cer, wer, evaluation.ctcCER))
        for (reference, hypothesis) in evaluation.samples {
            say("  reference:  \(reference)\n  hypothesis: \(hypothesis)")
        }
        try log(["epoch": Double(state.epoch), "dev_cer": cer, "dev_wer": wer, "dev_ctc_cer": evaluation.ctcCER], metrics, events)
        if let picture = evaluation.picture {
            let path = "\(folder)/attention-\(state.step).svg"
            do throws(LogError) { try events.image("attention", picture.png, step: state.step) } catch { throw .log(error) }
            do { try Data(picture.svg.utf8).write(to: URL(fileURLWithPath: path)) } catch {
                throw .file(.unwritable(path: path, reason: error.localizedDescription))
            }
        }
        let improved = cer < state.bestCER
        state.bestCER = min(cer, state.bestCER)
        state.evaluationsSinceBest = improved ? 0 : state.evaluationsSinceBest + 1
        do throws(FileError) { try keep(cer: cer, wer: wer) } catch { throw .file(error) }
        return improved
    }

    /// Keeps the weights if they are among the best, and writes the average of those as the model.
    private func keep(cer: Double, wer: Double) throws(FileError) {
        let file = String(format: "step-%06d.safetensors", state.step)
        state.kept.removeAll { $0.file == file }
        state.kept.append(.init(file: file, step: state.step, cer: cer, wer: wer))
        state.kept.sort { ($0.cer, $0.step) < ($1.cer, $1.step) }
        if let place = state.kept.firstIndex(where: { $0.file == file }), place < recipe.training.averaged {
            try trained(weights, figures: ["cer": cer, "wer": wer]).write(to: "\(folder)/\(file)", halfPrecision: false)
        }
        for old in state.kept.dropFirst(recipe.training.averaged) { unlink("\(folder)/\(old.file)") }
        state.kept = Array(state.kept.prefix(recipe.training.averaged))
        var best: [Weights] = []
        for kept in state.kept { best.append(try TrainedModel(path: "\(folder)/\(kept.file)").weights) }
        try trained(Weights(average: best)).write(to: "\(folder)/\(Trainer.modelName)", halfPrecision: true)
    }
}

extension ModelOptions {
    /// For comparing shapes: rates that are of training only are left out.
    fileprivate var withoutDropout: ModelOptions {
        var copy = self
        (copy.encoder.dropout, copy.decoder.dropout) = (0, 0)
        return copy
    }
}

extension steno_isa_t {
    package var name: String {
        switch self {
        case STENO_ISA_AVX512: "avx512"
        case STENO_ISA_AVX2: "avx2"
        default: "generic"
        }
    }
}
