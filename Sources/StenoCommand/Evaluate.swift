import ArgumentParser
import Steno
import StenoEvaluation

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how well a model transcribes.",
        discussion: """
            Transcribes the utterances of a manifest (TSV with the columns id, audio, duration, text, or JSON lines \
            with these keys) and counts word and character errors as jiwer does. An utterance that cannot be read \
            counts as if nothing had been recognised in it, and makes the exit code 1.

            EXAMPLES
              steno evaluate test.tsv
              steno evaluate test.tsv --corpus librispeech --json
              steno evaluate test.tsv --differences
              steno evaluate test.tsv --hypotheses transcripts.tsv
            """)

    @Argument(help: "Manifest of utterances with what was said.", completion: .file()) var manifest: String
    @Option(help: "Only this corpus of the manifest; may be given several times.") var corpus: [String] = []
    @Flag(help: "Print one JSON object.") var json = false
    @Flag(help: "Show reference and hypothesis of every utterance with errors, aligned by words.")
    var differences = false
    @Option(help: "Evaluate these texts instead of a model: lines of id or path, tab, text.")
    var hypotheses: String?
    @OptionGroup(title: "Model") var recognition: RecognitionOptions

    func run() throws {
        let entries = try Evaluation.entries(of: manifest, corpora: corpus)
        let evaluation =
            if let hypotheses {
                try Evaluation(entries, hypotheses: HypothesisFile.read(hypotheses))
            } else {
                Evaluation(entries, with: try recognition.transcriber())
            }
        for warning in evaluation.warnings { Console.warn(warning) }
        var failures = Failures()
        for failure in evaluation.failures { failures.add(failure) }
        if differences && !json {
            for text in evaluation.differences(unit: .words, width: Console.columns) { try Console.print(text) }
        }
        if json {
            try Console.print(json: evaluation.report)
        } else {
            try Console.print(evaluation.report.description)
        }
        try failures.exit()
    }
}
