import StenoTraining

/// What the English recipe's batches of a manifest's utterances hold beyond the utterances themselves: the share of
/// their frames that is padding, over three epochs. Prints its own line.
func padding(of manifest: String) throws {
    let training = TrainingOptions()
    let lengths = try Manifest(contentsOf: manifest).entries.map(\.durationSeconds)
        .filter { $0 <= 20 }.map { Int(100 * $0) }
    var (valid, padded, batches) = (0.0, 0.0, 0)
    for epoch in 0..<UInt64(3) {
        let plan = BatchPlan(
            lengths: lengths, speeds: training.speeds, batchFrames: 16_000, batchUtterances: 32, key: epoch)
        for batch in plan.batches {
            let frames = batch.map { Double(lengths[$0.example]) / $0.speed }
            valid += frames.reduce(0, +)
            padded += (frames.max() ?? 0) * Double(frames.count)
        }
        batches += plan.batches.count
    }
    print(
        #"{"workload":"padding","utterances":\#(lengths.count),"batches":\#(batches / 3),"#
            + #""padding_percent":\#((1000 * (1 - valid / padded)).rounded() / 10)}"#)
}
