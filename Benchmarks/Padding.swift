import Foundation
import StenoTraining

/// What the batches of a recipe hold beyond their examples: the share of the frames, or of the tokens of both sides, that
/// is padding over the first three epochs. Prints its own line.
func padding(of recipePath: String) throws {
    let recipe = try Recipe(path: recipePath)
    let base = URL(filePath: recipePath).deletingLastPathComponent().path
    let dataset = try TrainingData(recipe, base: base, start: nil).train
    // Characters are few beside frames: the plan does not go by them.
    let countsTargets = dataset.audio == nil
    var (valid, padded, batches) = (0.0, 0.0, 0)
    let epochs = 3
    for epoch in 0..<epochs {
        let plan = BatchPlan(of: dataset, recipe.training, epoch: epoch)
        for batch in plan.batches {
            func count(_ lengths: [Double]) {
                valid += lengths.reduce(0, +)
                padded += (lengths.max() ?? 0) * Double(lengths.count)
            }
            count(batch.map { Double(dataset.examples[$0.example].length) / $0.speed })
            if countsTargets { count(batch.map { Double(dataset.examples[$0.example].tokens.count + 1) }) }
        }
        batches += plan.batches.count
    }
    print(
        #"{"workload":"padding","examples":\#(dataset.examples.count),"batches":\#(batches / epochs),"#
            + #""padding_percent":\#((1000 * (1 - valid / padded)).rounded() / 10)}"#)
}
