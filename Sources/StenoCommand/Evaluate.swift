import ArgumentParser
import Steno
import StenoEvaluation
import StenoTraining

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how well a model transcribes or translates.",
        discussion: """
            Transcribes the utterances of a manifest (TSV with the columns id, audio, duration, text, or JSON lines \
            with these keys) and counts word and character errors as jiwer does. An utterance that cannot be read \
            counts as if nothing had been recognised in it, and makes the exit code 1.

            Of pairs of texts (TSV of source and target, without a header, or two files) it translates \
            the sources and gives BLEU and chrF as sacreBLEU does, errors, and the perplexity of the targets if one \
            model does it. A source on several lines has several right answers, of which the nearest counts. Targets \
            that the model cannot write are left out of the perplexity, and make the exit code 1 as well.

            EXAMPLES
              steno evaluate test.tsv
              steno evaluate test.tsv --corpus librispeech --json
              steno evaluate test.tsv --differences
              steno evaluate test.tsv --hypotheses transcripts.tsv
              steno evaluate pairs.tsv --model run/model.safetensors
              steno evaluate test.de --targets test.en --model run --tokeniser none
            """)

    @Argument(help: "Manifest of utterances with what was said, or pairs of texts.", completion: .file())
    var manifest: String
    @Option(help: "Only this corpus of the manifest; may be given several times.") var corpus: [String] = []
    @Flag(help: "Print one JSON object.") var json = false
    @Flag(help: "Show reference and hypothesis wherever they differ, aligned by words.")
    var differences = false
    @Option(
        help:
            "Evaluate these texts instead of a model: lines of id, path or source, tab, text; of pairs also the texts alone.",
        completion: .file())
    var hypotheses: String?
    @OptionGroup(title: "Pairs of texts") var pairs: PairOptions
    @OptionGroup(title: "Metrics of texts") var metrics: MetricOptions
    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Search in recordings") var speech: SpeechOptions
    @OptionGroup(title: "Search in texts") var text: TextOptions

    func validate() throws {
        if manifest == "-" && hypotheses == "-" {
            throw ValidationError("Standard input cannot be both the manifest and the hypotheses.")
        }
    }

    func run() throws {
        if hypotheses != nil {
            try Check.needless(model.given + speech.given + text.given, "is of no use with --hypotheses")
        }
        switch try pairs.testSet(manifest, corpora: corpus) {
        case .speech(let entries): try run(entries)
        case .text(let pairs): try run(pairs)
        }
    }

    private func run(_ pairs: [TextPair]) throws {
        try Check.needless(speech.given, "is for recordings")
        let evaluation =
            if let hypotheses {
                try TextEvaluation(pairs, hypotheses: hypotheses, options: metrics.options)
            } else {
                TextEvaluation(pairs, with: try text.translator(model), options: metrics.options)
            }
        var failures = Failures()
        for failure in evaluation.failures { failures.add(failure) }
        if differences && !json {
            for text in evaluation.differences(unit: .words, width: Console.columns) { try Console.print(text) }
        }
        try Console.print(evaluation, asJSON: json)
        if metrics.byLength && !json { try Console.print(evaluation.lengthTable) }
        try failures.exit()
    }

    private func run(_ entries: [ManifestEntry]) throws {
        try Check.needless(metrics.given + text.given, "is for pairs of texts")
        let evaluation =
            if let hypotheses {
                try Evaluation(entries, hypotheses: HypothesisFile.read(hypotheses))
            } else {
                Evaluation(entries, with: try speech.transcriber(model))
            }
        for warning in evaluation.warnings { Console.warn(warning) }
        var failures = Failures()
        for failure in evaluation.failures { failures.add(failure) }
        if differences && !json {
            for text in evaluation.differences(unit: .words, width: Console.columns) { try Console.print(text) }
        }
        try Console.print(evaluation.report, asJSON: json)
        try failures.exit()
    }
}
