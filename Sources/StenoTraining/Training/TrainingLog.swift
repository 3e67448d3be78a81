/// What a run writes down of itself: `metrics.csv` and TensorBoard's event file, a line and its scalars at a time.
struct TrainingLog {
    private static let columns = [
        "epoch", "loss", "attention_loss", "ctc_loss", "accuracy", "rate", "gradient_norm", "speed", "dev_cer",
        "dev_wer", "dev_ctc_cer", "dev_bleu", "dev_chrf", "dev_loss", "dev_perplexity",
    ]

    private let metrics: MetricsLog
    private let events: EventFileWriter

    /// - Parameter resumeStep: what was written after this step is cut off; nil begins anew.
    init(folder: String, resumeStep: Int?) throws(LogError) {
        metrics = try MetricsLog(
            path: "\(folder)/metrics.csv", columns: TrainingLog.columns, resumeStep: resumeStep)
        events = try EventFileWriter(directory: folder, resumeStep: resumeStep)
    }

    func write(_ figures: [String: Double], step: Int) throws(LogError) {
        try metrics.append(step: step, figures)
        for (name, value) in figures.sorted(by: { $0.key < $1.key }) where name != "epoch" {
            let tag = name.hasPrefix("dev_") ? "dev/\(name.dropFirst(4))" : "train/\(name)"
            try events.scalar(tag, value, step: step)
        }
    }

    func write(_ picture: AttentionPicture, step: Int) throws(LogError) {
        try events.image("attention", picture.png, step: step)
    }
}
