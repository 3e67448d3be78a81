import ArgumentParser
import Steno
import StenoTraining

struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say how likely a model finds given transcripts or translations.",
        discussion: """
            Prints a line for each utterance of a manifest: id, and the natural log-probability of its text under the \
            attention decoder and under CTC, with tabs between. With --json one object: the sums, and all utterances.

            For pairs of texts (TSV of source and target, without a header, or two files) a line has file \
            and line of the pair, and the log-probability of its target; with --json there are the perplexities too. \
            Texts of more than 1000 tokens are refused.

            EXAMPLES
              steno score test.tsv
              steno score test.tsv --model run/model.safetensors --json
              steno score pairs.tsv --model run/model.safetensors
            """)

    @Argument(help: "Manifest of utterances with what was said, or pairs of texts.", completion: .file())
    var manifest: String
    @Option(help: "Only this corpus of the manifest; may be given several times.") var corpus: [String] = []
    @Option(
        help:
            "Model file, a run's folder, or the name of one in the model folder (default: english, of pairs french-english).",
        completion: .file())
    var model: String?
    @Option(help: ArgumentHelp("Worker threads (default: one for each processor).", valueName: "n")) var threads: Int?
    @Option(help: ArgumentHelp("Share of the CTC score, 0 to 1 (default: the model's).", valueName: "w"))
    var ctcWeight: Double?
    @Flag(help: "Print one JSON object.") var json = false
    @OptionGroup(title: "Pairs of texts") var pairs: PairOptions

    func validate() throws {
        try Check.threads(threads)
        try Check.ctcWeight(ctcWeight)
    }

    func run() throws {
        switch try pairs.testSet(manifest, corpora: corpus) {
        case .speech(let entries): try run(entries)
        case .text(let pairs): try run(pairs)
        }
    }

    private func run(_ pairs: [TextPair]) throws {
        if ctcWeight != nil { throw WrongUsage(description: "--ctc-weight is for recordings") }
        let translator = try Translator(models: model.map { [$0] } ?? [], threads: threads)
        var failures = Failures()
        let scores = try translator.scores(of: pairs) { (outcome) throws(StenoError) in
            try show(outcome, &failures) { "\($0.id)\t\($0.logProbability)" }
        }
        if json { try Console.print(json: Report(totals: scores.totals, scores: scores.pairs)) }
        try failures.exit()
    }

    private func run(_ entries: [ManifestEntry]) throws {
        var failures = Failures()
        let scores = try TranscriptScores(
            entries, model: model, threads: threads, ctcWeight: ctcWeight
        ) { (outcome) throws(StenoError) in
            try show(outcome, &failures) { "\($0.id)\t\($0.attention)\t\($0.ctc)" }
        }
        if json { try Console.print(json: Report(totals: scores.totals, scores: scores.utterances)) }
        try failures.exit()
    }

    /// Puts out the line of an utterance or pair, unless all is to be one JSON object.
    private func show<Score>(
        _ outcome: Result<Score, StenoError>, _ failures: inout Failures, line: (Score) -> String
    ) throws(StenoError) {
        switch outcome {
        case .success(let score): if !json { try Console.print(line(score)) }
        case .failure(let error): failures.add(error)
        }
    }

    private struct Report<Totals: Encodable, Score: Encodable>: Encodable {
        let totals: Totals
        let scores: [Score]
    }
}
