import Foundation
import StenoModels

/// How far a run has come: everything beside weights and moments that resuming needs.
package struct TrainingState: Codable, Sendable, Equatable {
    /// A checkpoint among the best.
    package struct Kept: Sendable, Equatable {
        package var file: String
        package var step: Int
        package var figures: DevFigures
    }

    /// Optimiser steps done.
    package var step = 0
    /// Epochs done.
    package var epoch = 0
    /// Batches of this epoch that are done.
    package var batch = 0
    /// The last step whose weights were evaluated on dev.
    package var evaluatedStep = 0
    package var evaluationsSinceBest = 0
    /// The step after which the average of the best was measured, at the end of a run.
    package var concludedStep = 0
    /// The best checkpoints by the figure that the recipe selects by, best first.
    package var kept: [Kept] = []
    /// Running mean of the loss per character.
    package var smoothedLoss = 0.0
    /// What the next line of the log will be made of.
    package var window = LossWindow()
    package var instructionSet = ""

    package init() {}

    /// The epoch of the last step, from 1.
    package var currentEpoch: Int { batch == 0 && step > 0 ? epoch : epoch + 1 }

    /// For the progress line of a run of so many steps; epochs may have a batch more than the first.
    func progress(of totalSteps: Int) -> [String] {
        let loss = String(format: abs(smoothedLoss) >= 100 ? "%.1f" : "%.3f", smoothedLoss)
        return ["epoch \(currentEpoch)", "step \(step)/\(max(step, totalSteps))", "loss \(loss)"]
    }
}

extension TrainingState.Kept: Codable {
    private enum CodingKeys: CodingKey { case file, step }

    /// The figures stand beside file and step.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        file = try container.decode(String.self, forKey: .file)
        step = try container.decode(Int.self, forKey: .step)
        figures = try DevFigures(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(file, forKey: .file)
        try container.encode(step, forKey: .step)
        try figures.encode(to: encoder)
    }
}

/// Sums over the steps since the last line of the log.
package struct LossWindow: Codable, Sendable, Equatable {
    package private(set) var steps = 0
    private var loss = 0.0
    private var gradientNorm = 0.0
    private var sums = LossSums()

    mutating func add(_ result: StepResult) {
        steps += 1
        loss += result.loss
        gradientNorm += result.gradientNorm
        sums += result.sums
        sums.unalignable = []
    }

    /// Means over the steps, the parts of the loss over the characters.
    var figures: [String: Double] {
        let (steps, tokens) = (Double(max(steps, 1)), Double(max(sums.tokens, 1)))
        return [
            "loss": loss / steps, "attention_loss": sums.attention / tokens, "ctc_loss": sums.ctc / tokens,
            "accuracy": Double(sums.correct) / tokens, "gradient_norm": gradientNorm / steps,
        ]
    }
}
