import AudioFrontEnd
import Foundation
import StenoModels
import StenoTensor

extension Trainer {
    /// Evaluates the weights as they stand, logs the figures, and keeps the weights if they are among the best.
    ///
    /// - Returns: nil, and nothing is changed, if asked to stop meanwhile.
    func evaluate(
        rate: Double, speed: Double, log: TrainingLog?, isAskedToStop: @escaping @Sendable () -> Bool
    ) throws(TrainingError) -> DevEvaluation? {
        guard let evaluation = try measure(weights, isAskedToStop: isAskedToStop) else { return nil }
        let figures = takeWindow(rate: rate, speed: speed).merging(evaluation.figures.logged) { $1 }
        do throws(LogError) {
            try log?.write(figures, step: state.step)
            if let picture = evaluation.picture { try log?.write(picture, step: state.step) }
        } catch { throw .log(error) }
        state.evaluatedStep = state.step
        let figure = recipe.training.selectBy
        let best = state.kept.map { $0.figures.rank(by: figure) }.min() ?? .infinity
        let isBetter = evaluation.figures.rank(by: figure) < best
        state.evaluationsSinceBest = isBetter ? 0 : state.evaluationsSinceBest + 1
        do throws(FileError) {
            if let picture = evaluation.picture, writes {
                try AtomicFile.write(Array(picture.svg.utf8), to: folder.file("attention-\(state.step).svg"))
            }
            try keep(evaluation.figures)
        } catch { throw .file(error) }
        return evaluation
    }

    /// What dev says of some weights; nil if asked to stop meanwhile.
    private func measure(
        _ weights: Weights, isAskedToStop: @escaping @Sendable () -> Bool
    ) throws(TrainingError) -> DevEvaluation? {
        var search = recipe.training.evaluationBeam == 1 ? SearchOptions.greedy : recipe.search
        search.beam = recipe.training.evaluationBeam
        if recipe.training.ctcWeight == 1 { search.ctcWeight = 1 }  // the decoder learns nothing
        return try DevEvaluation(
            trained(weights), dataset: data.dev, utterances: recipe.training.evaluationUtterances,
            search: search, ctcWeight: recipe.training.ctcWeight, workers: workers, communicator: communicator,
            isAskedToStop: isAskedToStop)
    }

    /// Measures the average of the best weights at the end of a run, which is the model unless the best by itself is
    /// clearly better.
    ///
    /// - Returns: false, and nothing is changed, if asked to stop meanwhile.
    func conclude(
        isAskedToStop: @escaping @Sendable () -> Bool, say: (String) -> Void
    ) throws(TrainingError) -> Bool {
        guard state.concludedStep < state.step, let best = state.kept.first else { return true }
        _ = try any(false)  // the files of the best are there for all processes
        var model: TrainedModel
        do throws(FileError) { model = try TrainedModel(path: folder.file(best.file)) } catch { throw .file(error) }
        if state.kept.count > 1 {
            let average: Weights
            do throws(FileError) { average = try averageOfBest() } catch { throw .file(error) }
            guard let figures = try measure(average, isAskedToStop: isAskedToStop)?.figures else { return false }
            say("average of the best \(state.kept.count): dev \(figures)")
            if figures.isAsGood(asBest: best.figures, by: recipe.training.selectBy) {
                model = trained(average, figures: figures.named)
            } else {
                say("step \(best.step) by itself is clearly better: dev \(best.figures)")
            }
        }
        model.search = recipe.search
        state.concludedStep = state.step
        guard writes else { return true }
        do throws(FileError) {
            try model.write(to: folder.model, matrices: .float16)
            try writeCheckpoint()
        } catch { throw .file(error) }
        say("\(folder.model) is written")
        return true
    }

    private func averageOfBest() throws(FileError) -> Weights {
        try Weights(averageOf: state.kept.count, layout: model.layout) { (index) throws(FileError) in
            try TrainedModel(path: folder.file(state.kept[index].file)).weights
        }
    }

    /// Keeps the weights if they are among the best, writes the average of those as the model, then the checkpoint.
    private func keep(_ figures: DevFigures) throws(FileError) {
        let new = TrainingState.Kept(
            file: RunFolder.keptName(step: state.step), step: state.step, figures: figures)
        let figure = recipe.training.selectBy
        let ranked = (state.kept.filter { $0.file != new.file } + [new]).sorted {
            ($0.figures.rank(by: figure), $0.step) < ($1.figures.rank(by: figure), $1.step)
        }
        state.kept = Array(ranked.prefix(recipe.training.averaged))
        guard writes else { return }
        if state.kept.contains(new) {
            try trained(weights, figures: figures.named).write(to: folder.file(new.file), matrices: .float32)
        }
        try trained(averageOfBest()).write(to: folder.model, matrices: .float16)
        try writeCheckpoint()
        // Only now does no checkpoint name those that fell out.
        folder.removeWeights(except: state.kept.map(\.file))
    }

    /// Whether this process writes the run's files.
    var writes: Bool { communicator.rank == 0 }

    /// Writes the checkpoint that a run resumes from.
    func save() throws(TrainingError) {
        guard writes else { return }
        do { try writeCheckpoint() } catch { throw .file(error) }
    }

    private func writeCheckpoint() throws(FileError) {
        try Checkpoint(trained: trained(weights), adam: adam, state: state).write(to: folder.checkpoint)
    }

    func trained(_ weights: Weights, figures: [String: Double] = [:]) -> TrainedModel {
        var provenance = Provenance()
        provenance.recipe = recipe.withoutFolders.yaml
        provenance.steps = state.step
        provenance.epochs = Double(state.epoch)
        provenance.hours = data.train.hours
        provenance.longestSeconds = data.train.longestSeconds
        provenance.figures = figures
        provenance.instructionSet = state.instructionSet
        return TrainedModel(
            model: model, weights: weights, vocabulary: data.vocabulary, input: data.input, search: recipe.search,
            provenance: provenance)
    }
}

extension TrainedModel {
    /// Why training by a recipe cannot go on from this model: dropout and the like may differ, shapes may not.
    func obstacles(to recipe: Recipe) -> [String] {
        var (own, other) = (recipe, recipe)
        if case .audio(let features, _) = input { own.features = features }
        (own.model, other.model) = (model.options.structure, recipe.model.structure)
        return own.differences(from: other)
    }

    /// What the recipe that this model was made by had otherwise.
    func changes(in recipe: Recipe) -> [String] {
        let made = try? Recipe(yaml: provenance.recipe, path: "")
        return made?.withoutFolders.differences(from: recipe.withoutFolders) ?? []
    }
}

extension Recipe {
    /// Such as `training.epochs 3 (not 5)` for each field that another recipe has otherwise.
    fileprivate func differences(from other: Recipe) -> [String] {
        Fields.differences(from: node, to: other.node).map { "\($0.field) \($0.from) (not \($0.to))" }
    }

    /// As a model that is passed on states it: of paths only the names, for folders tell of the machine.
    var withoutFolders: Recipe {
        func name(_ path: String) -> String { (path as NSString).lastPathComponent }
        var copy = self
        copy.data.train = data.train.map { $0.map(name) }
        copy.data.dev = data.dev.map { $0.map(name) }
        copy.data.vocabulary.source.model = name(data.vocabulary.source.model)
        copy.data.vocabulary.target.model = name(data.vocabulary.target.model)
        copy.training.startFrom = name(training.startFrom)
        return copy
    }
}

extension DevEvaluation {
    /// What a person watching is told.
    func lines(epoch: Int, step: Int) -> [String] {
        ["epoch \(epoch), step \(step): dev \(figures)"]
            + samples.flatMap { ["  reference:  \($0.reference)", "  hypothesis: \($0.hypothesis)"] }
    }
}
