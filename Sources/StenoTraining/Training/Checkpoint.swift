import StenoModels
import StenoTensor

/// A model in the making: its file has the weights as any model, Adam's moments, and the state of the run.
package struct Checkpoint {
    package let trained: TrainedModel
    package let adam: Adam
    package let state: TrainingState

    private static let key = "steno.training"

    package func write(to path: String) throws(FileError) {
        var metadata = trained.metadata
        metadata[Checkpoint.key] = json(state)
        let layout = trained.model.layout
        let parts = [("", trained.weights), ("adam.moment.", adam.moment), ("adam.variance.", adam.variance)]
        try SafeTensors.write(
            parts.flatMap { prefix, weights in
                zip(layout.entries, weights.tensors).map { (prefix + $0.name, .numbers($1, .float32)) }
            } + trained.byteTensors, metadata: metadata, to: path)
    }

    package init(trained: TrainedModel, adam: Adam, state: TrainingState) {
        (self.trained, self.adam, self.state) = (trained, adam, state)
    }

    package init(path: String, optimiser: OptimiserOptions) throws(FileError) {
        let file = try SafeTensors(path: path)
        trained = try TrainedModel(file)
        guard let text = file.metadata[Checkpoint.key], let state = try? decoded(text, onto: TrainingState()) else {
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
