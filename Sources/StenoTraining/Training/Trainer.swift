import AudioFrontEnd
import Foundation
import StenoModels
import StenoTensor
import StenoText

/// One training run: a recipe, a folder for what it writes, and the loop between them.
///
/// On one instruction set the weights depend on the recipe and the data alone: not on the number of workers or processes,
/// nor on whether the run was interrupted.
///
/// Several processes may train together. Each keeps the whole model and the whole state, computes its share of every
/// batch, and comes to the same decisions; the first alone writes files.
package final class Trainer {
    package enum Outcome: Sendable {
        /// All epochs are done.
        case finished
        /// Dev did not get better for as long as the recipe waits.
        case stopped
        /// Somebody asked to stop; a checkpoint is written.
        case asked
    }

    package static let checkpointName = "checkpoint.safetensors"
    static let modelName = "model.safetensors"

    let recipe: Recipe
    let folder: RunFolder
    let workers: Workers
    let data: TrainingData
    let model: Model
    let weights: Weights
    let adam: Adam
    var state: TrainingState
    let shardGradients: [Weights]
    let pools: [Pool]
    let communicator: any Communicator
    /// What this process computes of each batch.
    let share: ShardShare
    let sum: TreeSum
    var times = CommunicationTimes()
    private let note: (String) -> Void

    /// Reads the data and either begins or, when the folder has a checkpoint, goes on.
    ///
    /// - Parameters:
    ///   - base: folder that relative paths of the recipe start from.
    ///   - folder: for checkpoints, logs and the model; made if missing, and of no other run meanwhile.
    ///   - threads: of this process.
    ///   - communicator: the processes of the run, which must all see the folder and the data.
    ///   - note: takes lines for the user.
    package init(
        _ recipe: Recipe, base: String, folder: String, threads: Int,
        communicator: any Communicator = SingleProcess(), note: @escaping (String) -> Void
    ) throws(TrainingError) {
        let precision = recipe.training.precision
        guard precision.isAvailable else { throw .precision(precision.rawValue) }
        self.recipe = recipe
        self.communicator = communicator
        self.note = communicator.rank == 0 ? note : { _ in }
        share = try ShardShare(of: recipe.training.shards, for: communicator)
        let workers = Workers(count: threads)
        self.workers = workers
        let checkpoint: Checkpoint?
        let start: TrainedModel?
        do throws(FileError) {
            self.folder = try RunFolder(folder, isOwner: communicator.rank == 0)
            checkpoint =
                self.folder.hasCheckpoint
                ? try Checkpoint(path: self.folder.checkpoint, optimiser: recipe.training.optimiser) : nil
            let origin = recipe.training.startFrom
            start =
                checkpoint == nil && !origin.isEmpty
                ? try TrainedModel(path: modelFile(at: resolve(origin, base))) : checkpoint?.trained
        } catch { throw .file(error) }
        let changes = checkpoint?.trained.changes(in: recipe) ?? []
        // Of a start the vocabulary is its own, and sounds have none.
        let vocabularies = recipe.model.input == .text ? "data.vocabulary." : "data.vocabulary.target."
        let obstacles =
            (start?.obstacles(to: recipe) ?? [])
            + changes.filter { recipe.training.startFrom.isEmpty && $0.hasPrefix(vocabularies) }
        guard obstacles.isEmpty else {
            throw .cannotResume(
                path: checkpoint == nil ? recipe.training.startFrom : self.folder.checkpoint,
                reason: "it has \(obstacles.joined(separator: ", "))")
        }
        data = try TrainingData(recipe, base: base, start: start)
        let figure = recipe.training.selectBy
        if let checkpoint, checkpoint.state.kept.contains(where: { $0.figures[figure] == nil }) {
            throw .cannotResume(
                path: self.folder.checkpoint,
                reason: "training.selectBy is \(figure.rawValue), which its best weights were not measured by")
        }
        model = Model(options: recipe.model, source: data.input.kind, symbols: data.vocabulary.count)
        weights = start?.weights ?? Weights(model.layout, seed: UInt64(recipe.training.seed))
        adam = checkpoint?.adam ?? Adam(model.layout, options: recipe.training.optimiser)
        state = checkpoint?.state ?? TrainingState()
        shardGradients = share.shards.map { [model] _ in Weights(zeros: model.layout) }
        pools = (0..<max(share.shards.count, threads)).map { _ in Pool() }
        sum = TreeSum(over: communicator, length: model.layout.count) { workers.add($0, to: $1) }
        describeBeginning(isResuming: checkpoint != nil, changes: changes)
        state.instructionSet = recipe.training.instructions
    }

    private func describeBeginning(isResuming: Bool, changes: [String]) {
        for (set, name, most) in [
            (data.train, "train", Int.max), (data.dev, "dev", recipe.training.evaluationUtterances),
        ] {
            let hours = set.audio == nil ? "" : String(format: ", %.2f h of audio", set.hours)
            let some = set.examples.count > most ? ", \(most) of them evaluated" : ""
            note("\(name): \(set.examples.count) pairs\(hours)\(some)")
            for line in set.setAsideLines(most: 20) { note("\(name): set aside \(line)") }
        }
        switch data.input {
        case .audio: note("vocabulary: \(data.vocabulary.summary)")
        case .text(let source):
            let target = data.vocabulary.summary
            note(
                "vocabulary: "
                    + (source == data.vocabulary ? "\(target) for both sides" : "\(source.summary) to \(target)"))
        }
        note("model: \(model.layout.count) parameters, \(data.vocabulary.count) symbols")
        if communicator.count > 1 {
            note("processes: \(communicator.count), each with \(share.shards.count) shards of a batch")
        }
        guard isResuming else { return }
        note("resuming at step \(state.step)")
        if !changes.isEmpty { note("the run had \(changes.joined(separator: ", "))") }
        let isa = recipe.training.instructions
        if state.instructionSet != isa {
            note("the run began on \(state.instructionSet) and goes on with \(isa): bits will differ")
        }
    }

    // MARK: The loop

    /// Trains to the end, or until dev no longer gets better, or until asked to stop.
    ///
    /// - Parameters:
    ///   - isAskedToStop: looked at between steps and during evaluations; if nil, Ctrl-C and SIGTERM ask. All stop if any
    ///     process of the run is asked.
    ///   - showProgress: gets the progress line as it is; standard error by default.
    package func run(
        isAskedToStop: (@Sendable () -> Bool)? = nil,
        showProgress: @escaping (String) -> Void = ProgressLine.writeToStandardError
    ) throws(TrainingError) -> Outcome {
        if isAskedToStop == nil { Stop.listen() }
        let isAskedToStop = isAskedToStop ?? { Stop.isAsked }
        let options = recipe.training
        let log: TrainingLog?
        do {
            log =
                writes ? try TrainingLog(folder: folder.path, resumeStep: state.step > 0 ? state.step : nil) : nil
        } catch { throw .log(error) }
        let beginning = SpeedMeter.now
        defer {
            if communicator.count > 1 { note(times.description(ofSeconds: SpeedMeter.now - beginning)) }
        }
        let totalSteps = plan(epoch: 0).count * options.epochs
        if totalSteps <= options.optimiser.warmupSteps {
            note("\(totalSteps) steps in all: no more than the \(options.optimiser.warmupSteps) steps of warm-up")
        }
        if state.epoch >= options.epochs && state.concludedStep == state.step {
            note("the run is complete: all \(options.epochs) epochs are done")
        }
        var progress = ProgressLine(
            total: totalSteps, first: state.step, now: SpeedMeter.now,
            write: writes ? showProgress : { _ in })
        defer { progress.finish() }
        func say(_ text: String) {
            progress.clear()
            note(text)
        }
        var meter = SpeedMeter(recipe)
        var lastSaved = SpeedMeter.now
        var named: Set<Int> = []
        var batches = plan(epoch: state.epoch)
        if state.batch >= batches.count {
            // Other data or larger batches than when the run was interrupted: the epoch counts as done.
            (state.epoch, state.batch) = (state.epoch + 1, 0)
            batches = plan(epoch: state.epoch)
        }
        var rate = options.optimiser.rate(step: max(state.step, 1), total: totalSteps)

        while true {
            if isEvaluationDue, try !any(isAskedToStop()),
                let evaluation = try evaluate(
                    rate: rate, speed: meter.speed, log: log, isAskedToStop: isAskedToStop)
            {
                for line in evaluation.lines(epoch: state.currentEpoch, step: state.step) { say(line) }
                lastSaved = SpeedMeter.now
                meter = SpeedMeter(recipe)
            }
            if try any(isAskedToStop()) {
                try save()
                say("asked to stop: \(folder.checkpoint) is written")
                return .asked
            }
            if options.patience > 0 && state.evaluationsSinceBest >= options.patience {
                guard try conclude(isAskedToStop: isAskedToStop, say: say) else { continue }
                say("no improvement in \(options.patience) evaluations: stopping early")
                return .stopped
            }
            if state.epoch >= options.epochs {
                guard try conclude(isAskedToStop: isAskedToStop, say: say) else { continue }
                return .finished
            }
            if SpeedMeter.now - lastSaved > options.checkpointMinutes * 60 {
                try save()
                lastSaved = SpeedMeter.now
            }

            rate = options.optimiser.rate(step: state.step + 1, total: totalSteps)
            let result: StepResult
            do throws(TrainingError) { result = try step(batches[state.batch], rate: rate) } catch {
                // One unreadable recording, or a process that is gone, loses nothing that is done.
                switch error {
                case .audio, .elsewhere, .communication: try save()
                default: break
                }
                throw error
            }
            advance(result, batchCount: batches.count)
            if state.batch == 0 { batches = plan(epoch: state.epoch) }
            for example in result.sums.unalignable where named.insert(example).inserted {
                say("train: CTC leaves out \(data.train.examples[example].id): its text has more symbols than steps")
            }
            meter.add(result.sums.sourceLength)
            progress.update(
                state.progress(of: totalSteps) + [meter.description], done: state.step, now: SpeedMeter.now)
            if state.step % 50 == 0 && !isEvaluationDue {
                do throws(LogError) {
                    let figures = takeWindow(rate: rate, speed: meter.speed)
                    try log?.write(figures, step: state.step)
                } catch { throw .log(error) }
                meter = SpeedMeter(recipe)
            }
        }
    }
}

extension TrainingOptions {
    /// What the bits of a run depend on beside recipe and data: the instruction set and the precision of products.
    fileprivate var instructions: String {
        let name = InstructionSet.current.rawValue
        return precision == .float32 ? name : "\(name)+\(precision.rawValue)"
    }
}
