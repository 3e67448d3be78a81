import ArgumentParser
import Steno

struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say how likely a model finds given transcripts.",
        discussion: """
            Prints a line for each utterance of a manifest: id, and the natural log-probability of its text under the \
            attention decoder and under CTC, with tabs between. With --json one object: the sums, and all utterances.

            EXAMPLES
              steno score test.tsv
              steno score test.tsv --model run/model.safetensors --json
            """)

    @Argument(help: "Manifest of utterances with what was said.", completion: .file()) var manifest: String
    @Option(help: "Only this corpus of the manifest; may be given several times.") var corpus: [String] = []
    @Option(help: "Model file, or the name of one in the model folder (default: english).", completion: .file())
    var model: String?
    @Option(help: ArgumentHelp("Worker threads (default: one for each processor).", valueName: "n")) var threads: Int?
    @Option(help: ArgumentHelp("Share of the CTC score, 0 to 1 (default: the model's).", valueName: "w"))
    var ctcWeight: Double?
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        try Check.threads(threads)
        try Check.ctcWeight(ctcWeight)
    }

    func run() throws {
        let scores = try TranscriptScores(
            Evaluation.entries(of: manifest, corpora: corpus), model: model, threads: threads, ctcWeight: ctcWeight)
        var failures = Failures()
        for failure in scores.failures { failures.add(failure) }
        if json {
            try Console.print(json: Report(totals: scores.totals, scores: scores.utterances))
        } else {
            for utterance in scores.utterances {
                try Console.print("\(utterance.id)\t\(utterance.attention)\t\(utterance.ctc)")
            }
        }
        try failures.exit()
    }

    private struct Report: Encodable {
        let totals: TranscriptScores.Totals
        let scores: [TranscriptScores.Utterance]
    }
}
