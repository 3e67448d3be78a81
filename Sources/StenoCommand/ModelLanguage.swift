import ArgumentParser
import Steno

struct ModelLanguage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "language",
        abstract: "Give a model a language model of texts, so that it spells better.",
        discussion: """
            Estimates an n-gram model of what the model writes, be it characters, words or subwords, from texts (UTF-8, \
            one sentence a line; "-" is standard input) by Kneser-Ney smoothing, and writes the model with it. Lines \
            with anything that the model does not write are left out, so write them as its transcripts are written. \
            Searching adds the n-gram model's score times --language-weight; choose that, and the n-gram model, by a \
            dev set: steno evaluate.

            EXAMPLES
              steno model language run/model.safetensors books.txt -o better.safetensors
              zcat *.txt.gz | steno model language english - -o better.safetensors
              steno evaluate dev.tsv --model better.safetensors --language-weight 0.4
            """)

    @Argument(help: "Model file, a run's folder, or the name of one in the model folder.", completion: .file())
    var model: String
    @Argument(help: "Texts, one sentence a line, or - for standard input.", completion: .file()) var texts: [String]
    @Option(name: .shortAndLong, help: "Model to write.", completion: .file()) var output: String
    @Option(help: ArgumentHelp("Characters (words, subwords) of the longest n-grams, 1 to 32.", valueName: "n"))
    var order = 10
    @Option(
        help: ArgumentHelp(
            "N-grams of n characters are kept if they occur at least this to the power of n - 3 times; 1 keeps all.",
            valueName: "x"))
    var pruning = 1.5
    @Option(
        help: ArgumentHelp(
            "What the written model uses where --language-weight is not given, 0 to 10 (default: as before).",
            valueName: "w"))
    var languageWeight: Double?
    @Option(help: "Texts to measure the n-gram model on, in bits a character (word, subword).", completion: .file())
    var heldOut: String?
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        try Check.languageWeight(languageWeight)
        if !(1...32).contains(order) { throw ValidationError("--order must be from 1 to 32.") }
        if !(1...100).contains(pruning) { throw ValidationError("--pruning must be from 1 to 100.") }
    }

    func run() throws {
        let summary = try LanguageAddition(order: order, pruning: pruning, languageWeight: languageWeight)
            .add(texts: texts, to: model, output: output, heldOut: heldOut)
        try Console.print(summary, asJSON: json)
    }
}
