import Foundation
import StenoModels
import StenoTensor

/// How far a run has come: everything beside weights and moments that resuming needs.
package struct TrainingState: Codable, Sendable, Equatable {
    package struct Kept: Codable, Sendable, Equatable {
        package var file: String
        package var step: Int
        package var cer: Double
        package var wer: Double
    }

    /// Optimiser steps done.
    package var step = 0
    package var epoch = 0
    /// Batches of this epoch that are done.
    package var batch = 0
    package var bestCER = Double.infinity
    package var evaluationsSinceBest = 0
    /// The checkpoints with the lowest dev CER, best first.
    package var kept: [Kept] = []
    /// Running mean of the loss per character.
    package var smoothedLoss = 0.0
    package var instructionSet = ""

    package init() {}
}

/// A model in the making: its file has the weights as any model, Adam's moments, and the state of the run.
package struct Checkpoint {
    package let trained: TrainedModel
    package let adam: Adam
    package let state: TrainingState

    private static let key = "steno.training"

    package func write(to path: String) throws(FileError) {
        var metadata = trained.metadata
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        metadata[Checkpoint.key] = (try? encoder.encode(state)).map { String(decoding: $0, as: UTF8.self) }
        let layout = trained.model.layout
        let parts = [("", trained.weights), ("adam.moment.", adam.moment), ("adam.variance.", adam.variance)]
        try SafeTensors.write(
            parts.flatMap { prefix, weights in
                zip(layout.entries, weights.tensors).map { (prefix + $0.name, $1, .float32) }
            }, metadata: metadata, to: path)
    }

    package init(trained: TrainedModel, adam: Adam, state: TrainingState) {
        (self.trained, self.adam, self.state) = (trained, adam, state)
    }

    package init(path: String, optimiser: OptimiserOptions) throws(FileError) {
        let file = try SafeTensors(path: path)
        trained = try TrainedModel(file)
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let text = file.metadata[Checkpoint.key],
            let state = try? decoder.decode(TrainingState.self, from: Data(text.utf8))
        else {
            throw .malformed(path: path, expected: "a checkpoint with \(Checkpoint.key)", found: "a model without")
        }
        self.state = state
        adam = Adam(trained.model.layout, options: optimiser)
        for (index, entry) in trained.model.layout.entries.enumerated() {
            try file.read("adam.moment.\(entry.name)", into: adam.moment.tensors[index])
            try file.read("adam.variance.\(entry.name)", into: adam.variance.tensors[index])
        }
    }
}

extension Weights {
    /// The mean of several models' weights.
    package init(average weights: [Weights]) {
        precondition(!weights.isEmpty, "an average of nothing")
        self = Weights(zeros: weights[0].layout)
        for other in weights { flat.add(other.flat, scale: 1 / Float(weights.count)) }
    }
}
