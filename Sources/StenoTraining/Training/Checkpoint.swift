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
    /// The mean of the weights of `count` models of one layout, which are asked for one after the other.
    package init<Failure: Error>(
        averageOf count: Int, layout: Layout, weights: (Int) throws(Failure) -> Weights
    ) throws(Failure) {
        precondition(count > 0, "an average of nothing")
        self = Weights(zeros: layout)
        for index in 0..<count { flat.add(try weights(index).flat, scale: 1 / Float(count)) }
    }
}
