import ArgumentParser
import Steno
import StenoTraining

struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say how likely a model finds given transcripts or translations.",
        discussion: """
            Prints a line for each utterance of a manifest: id, and the natural log-probability of its text under the \
            attention decoder and under CTC, with tabs between. With --json one object: the sums, and all utterances.

            For pairs of texts (TSV of two columns, source and target, without a header, or two files) a line has file \
            and line of the pair, and the log-probability of its target; with --json there are the perplexities too.

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
        let scores = try Translator(models: model.map { [$0] } ?? [], threads: threads).scores(of: pairs)
        var failures = Failures()
        for failure in scores.failures { failures.add(failure) }
        if json {
            try Console.print(json: Report(totals: scores.totals, scores: scores.pairs))
        } else {
            for pair in scores.pairs { try Console.print("\(pair.id)\t\(pair.logProbability)") }
        }
        try failures.exit()
    }

    private func run(_ entries: [ManifestEntry]) throws {
        let scores = try TranscriptScores(entries, model: model, threads: threads, ctcWeight: ctcWeight)
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

    private struct Report<Totals: Encodable, Score: Encodable>: Encodable {
        let totals: Totals
        let scores: [Score]
    }
}
