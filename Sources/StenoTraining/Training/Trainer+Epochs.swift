import StenoTensor

extension Trainer {
    /// The batches of an epoch, by seed and epoch alone.
    func plan(epoch: Int) -> [[BatchItem]] {
        BatchPlan(of: data.train, recipe.training, epoch: epoch).batches
    }

    /// Whether the weights as they stand are to be evaluated before the next step.
    var isEvaluationDue: Bool {
        guard state.step > state.evaluatedStep else { return false }
        if state.epoch >= recipe.training.epochs { return true }
        let steps = recipe.training.evaluationSteps
        return steps > 0 ? state.step % steps == 0 : state.batch == 0
    }

    /// Counts a step that was done.
    func advance(_ result: StepResult, batchCount: Int) {
        state.step += 1
        state.batch += 1
        if state.batch == batchCount { (state.epoch, state.batch) = (state.epoch + 1, 0) }
        state.smoothedLoss = state.step == 1 ? result.loss : 0.98 * state.smoothedLoss + 0.02 * result.loss
        state.window.add(result)
    }

    /// The figures since the last line of the log, for the next one.
    func takeWindow(rate: Double, speed: Double) -> [String: Double] {
        var figures: [String: Double] = ["epoch": Double(state.currentEpoch)]
        if state.window.steps > 0 {
            figures.merge(state.window.figures) { $1 }
            (figures["rate"], figures["speed"]) = (rate, speed)
        }
        state.window = LossWindow()
        return figures
    }
}
