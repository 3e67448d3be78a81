import ArgumentParser
import Steno

/// Which models of text, and how they are searched.
struct TranslationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Model file, or the name of one in the model folder; several of the same vocabularies search together.",
            valueName: "model"),
        completion: .file())
    var model: [String] = []
    @Option(help: ArgumentHelp("Worker threads (default: one for each processor).", valueName: "n"))
    var threads: Int?
    @Option(
        help: ArgumentHelp(
            "Hypotheses kept at each step, 1 to 1024; 1 is greedy search (default: the model's).", valueName: "n"))
    var beam: Int?
    @Option(
        help: ArgumentHelp(
            "Exponent of the length penalty, 0 to 10: more makes longer texts (default: the model's).", valueName: "a"))
    var lengthPenalty: Double?
    @Option(help: ArgumentHelp("Tokens before which no text ends (default: the model's).", valueName: "n"))
    var minimumTokens: Int?
    @Option(
        help: ArgumentHelp(
            "Most tokens of a text; the model's limit by the length of the source holds too (default: the model's).",
            valueName: "n"))
    var maximumTokens: Int?
    @Option(help: ArgumentHelp("Sources of more tokens are refused, 1 to 100000.", valueName: "n"))
    var longestSource = 1000

    func validate() throws {
        try Check.threads(threads)
        try Check.beam(beam)
        try Check.lengthPenalty(lengthPenalty)
        if let minimumTokens, !(0...1_000_000).contains(minimumTokens) {
            throw ValidationError("--minimum-tokens must be from 0 to 1000000.")
        }
        if let maximumTokens, !(1...1_000_000).contains(maximumTokens) {
            throw ValidationError("--maximum-tokens must be from 1 to 1000000.")
        }
        if let minimumTokens, let maximumTokens, minimumTokens > maximumTokens {
            throw ValidationError("--minimum-tokens must not be above --maximum-tokens.")
        }
        if !(1...100_000).contains(longestSource) {
            throw ValidationError("--longest-source must be from 1 to 100000.")
        }
    }

    /// - Parameter change: what the verb adds to the options.
    func translator(
        standard: ModelLocation.Standard = .translation, changing change: (inout Translator.Options) -> Void = { _ in }
    ) throws(StenoError) -> Translator {
        var options = Translator.Options(
            beam: beam, lengthPenalty: lengthPenalty, minimumTokens: minimumTokens, maximumTokens: maximumTokens,
            longestSource: longestSource)
        change(&options)
        return try Translator(models: model, standard: standard, threads: threads, options: options)
    }
}

/// How many alternatives are printed of each text, and with what.
struct AlternativeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Print up to n alternatives, the best first, 1 to 1024.", valueName: "n"))
    var nBest: Int?
    @Flag(help: "Print the score of each text before it.") var scores = false

    func validate() throws {
        if let nBest, !(1...1024).contains(nBest) { throw ValidationError("--n-best must be from 1 to 1024.") }
    }

    /// Lines of tab-separated fields.
    ///
    /// - Parameters:
    ///   - translation: nil where there is none: one line with neither score nor text.
    ///   - name: what the alternatives are of; left out where it is nil.
    func lines(_ translation: Translation?, of name: String?) -> [String] {
        func line(_ score: String, _ text: String) -> String {
            [name, scores ? score : nil, text].compactMap(\.self).joined(separator: "\t")
        }
        guard let translation else { return [line("", "")] }
        return translation.alternatives.map { line("\($0.score.rounded(digits: 4))", $0.text) }
    }
}
