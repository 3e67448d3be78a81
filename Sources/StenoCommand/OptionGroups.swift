import ArgumentParser
import AudioFrontEnd
import Steno
import StenoEvaluation
import StenoTraining

/// Which models, and how they are searched.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Model file, a run's folder, or the name of one in the model folder; several that read and write the same search together.",
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

    func validate() throws {
        try Check.threads(threads)
        if let beam, !(1...1024).contains(beam) { throw ValidationError("--beam must be from 1 to 1024.") }
        if let lengthPenalty, !(0...10).contains(lengthPenalty) {
            throw ValidationError("--length-penalty must be from 0 to 10.")
        }
    }

    /// The options of the command line that are given.
    var given: [String?] {
        [
            model.isEmpty ? nil : "--model", threads.map { _ in "--threads" }, beam.map { _ in "--beam" },
            lengthPenalty.map { _ in "--length-penalty" },
        ]
    }
}

/// How models of speech are searched.
struct SpeechOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Share of the CTC score, 0 to 1 (default: the model's).", valueName: "w"))
    var ctcWeight: Double?
    @Option(
        help: ArgumentHelp(
            "Factor of the language model's score, 0 to 10, for models that hold one (default: the model's).",
            valueName: "w"))
    var languageWeight: Double?
    @Option(
        help: ArgumentHelp(
            "Longer recordings are cut at pauses into segments of at most so many seconds, 1 to 120 (default: by what "
                + "the model learned from).",
            valueName: "s"))
    var longestSegment: Double?

    func validate() throws {
        try Check.ctcWeight(ctcWeight)
        try Check.languageWeight(languageWeight)
        if let longestSegment, !(1...120).contains(longestSegment) {
            throw ValidationError("--longest-segment must be from 1 to 120 seconds.")
        }
    }

    var given: [String?] {
        [
            ctcWeight.map { _ in "--ctc-weight" }, languageWeight.map { _ in "--language-weight" },
            longestSegment.map { _ in "--longest-segment" },
        ]
    }

    func transcriber(_ options: ModelOptions) throws(StenoError) -> Transcriber {
        try Transcriber(
            models: options.model, threads: options.threads,
            options: .init(
                beam: options.beam, ctcWeight: ctcWeight, languageWeight: languageWeight,
                lengthPenalty: options.lengthPenalty, longestSegmentSeconds: longestSegment))
    }
}

/// How models of text are searched.
struct TextOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Tokens before which no text ends (default: the model's).", valueName: "n"))
    var minimumTokens: Int?
    @Option(
        help: ArgumentHelp(
            "Most tokens of a text; the model's limit by the length of the source holds too (default: the model's).",
            valueName: "n"))
    var maximumTokens: Int?
    @Option(help: ArgumentHelp("Sources of more tokens are refused, 1 to 100000 (default: 1000).", valueName: "n"))
    var longestSource: Int?

    func validate() throws {
        if let minimumTokens, !(0...1_000_000).contains(minimumTokens) {
            throw ValidationError("--minimum-tokens must be from 0 to 1000000.")
        }
        if let maximumTokens, !(1...1_000_000).contains(maximumTokens) {
            throw ValidationError("--maximum-tokens must be from 1 to 1000000.")
        }
        if let minimumTokens, let maximumTokens, minimumTokens > maximumTokens {
            throw ValidationError("--minimum-tokens must not be above --maximum-tokens.")
        }
        if let longestSource, !(1...100_000).contains(longestSource) {
            throw ValidationError("--longest-source must be from 1 to 100000.")
        }
    }

    var given: [String?] {
        [
            minimumTokens.map { _ in "--minimum-tokens" }, maximumTokens.map { _ in "--maximum-tokens" },
            longestSource.map { _ in "--longest-source" },
        ]
    }

    /// - Parameter change: what the verb adds to the options.
    func translator(
        _ options: ModelOptions, standard: ModelLocation.Standard = .translation,
        changing change: (inout Translator.Options) -> Void = { _ in }
    ) throws(StenoError) -> Translator {
        var search = Translator.Options(
            beam: options.beam, lengthPenalty: options.lengthPenalty, minimumTokens: minimumTokens,
            maximumTokens: maximumTokens)
        if let longestSource { search.longestSource = longestSource }
        change(&search)
        return try Translator(models: options.model, standard: standard, threads: options.threads, options: search)
    }
}

/// Where pairs of texts stand.
struct PairOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The targets are the lines of this file, the sources those of the first.", valueName: "file"),
        completion: .file())
    var targets: String?
    @Option(help: ArgumentHelp("Column of the source, 1 to 1000 (default: 1).", valueName: "n")) var sourceColumn: Int?
    @Option(help: ArgumentHelp("Column of the target, 1 to 1000 (default: 2).", valueName: "n")) var targetColumn: Int?

    func validate() throws {
        for column in [sourceColumn, targetColumn].compactMap(\.self) where !(1...1000).contains(column) {
            throw ValidationError("--source-column and --target-column must be from 1 to 1000.")
        }
        if targets != nil && (sourceColumn != nil || targetColumn != nil) {
            throw ValidationError("--targets excludes --source-column and --target-column.")
        }
    }

    /// The utterances or pairs of a file.
    func testSet(_ path: String, corpora: [String]) throws(StenoError) -> TestSet {
        if let targets { return try TestSet(sources: path, targets: targets, corpora: corpora) }
        guard sourceColumn != nil || targetColumn != nil else { return try TestSet(path, corpora: corpora) }
        return try TestSet(
            path, columns: TextPairs.Columns(source: sourceColumn ?? 1, target: targetColumn ?? 2), corpora: corpora)
    }
}

/// What texts are measured by.
struct MetricOptions: ParsableArguments {
    @Option(help: "How BLEU finds tokens (default: 13a); none is for texts that are tokenised.")
    var tokeniser: BLEUTokeniser?
    @Flag(help: "BLEU and chrF of the texts in lower case.") var lowercase = false
    @Option(
        help: ArgumentHelp("N-grams of words that chrF counts too, 0 to 2; 2 is chrF++ (default: 0).", valueName: "n"))
    var chrfWords: Int?
    @Flag(help: "Each pair by itself, also where several have one source.") var lineByLine = false
    @Flag(help: "Show BLEU by the length of the source.") var byLength = false

    func validate() throws {
        if let chrfWords, !(0...2).contains(chrfWords) { throw ValidationError("--chrf-words must be from 0 to 2.") }
    }

    var given: [String?] {
        [
            tokeniser.map { _ in "--tokeniser" }, lowercase ? "--lowercase" : nil,
            chrfWords.map { _ in "--chrf-words" }, lineByLine ? "--line-by-line" : nil,
            byLength ? "--by-length" : nil,
        ]
    }

    var options: TextEvaluation.Options {
        var options = TextEvaluation.Options()
        if let tokeniser { options.bleu.tokeniser = tokeniser }
        if let chrfWords { options.chrF.wordOrder = chrfWords }
        options.bleu.lowercases = lowercase
        options.chrF.lowercases = lowercase
        options.groupsSources = !lineByLine
        return options
    }
}

extension BLEUTokeniser: ExpressibleByArgument {}

/// Ranges of options that several verbs have.
enum Check {
    static func threads(_ count: Int?) throws {
        if let count, !(1...1024).contains(count) { throw ValidationError("--threads must be from 1 to 1024.") }
    }

    static func ctcWeight(_ weight: Double?) throws {
        if let weight, !(0...1).contains(weight) { throw ValidationError("--ctc-weight must be from 0 to 1.") }
    }

    static func languageWeight(_ weight: Double?) throws {
        if let weight, !(0...10).contains(weight) { throw ValidationError("--language-weight must be from 0 to 10.") }
    }

    /// Refuses options that what was found has no use for.
    static func needless(_ given: [String?], _ why: String) throws {
        if let name = given.compactMap(\.self).first { throw WrongUsage(description: "\(name) \(why)") }
    }
}

/// How sound is read from files.
struct AudioOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Take one channel, counted from 0, instead of the mean of all.", valueName: "n"))
    var channel: Int?
    @Option(help: ArgumentHelp("Read headerless samples of this encoding.", valueName: "encoding"))
    var rawFormat: RawFormat.Encoding?
    @Option(help: ArgumentHelp("Samples a second of headerless audio.", valueName: "hertz"))
    var rawRate = 16_000
    @Option(help: ArgumentHelp("Channels of headerless audio.", valueName: "n"))
    var rawChannels = 1
    @Flag(help: "Headerless samples have their highest byte first.")
    var rawBigEndian = false

    func validate() throws {
        if let channel, channel < 0 { throw ValidationError("--channel is counted from 0.") }
        if !(2_000...768_000).contains(rawRate) { throw ValidationError("--raw-rate must be from 2000 to 768000.") }
        if !(1...64).contains(rawChannels) { throw ValidationError("--raw-channels must be from 1 to 64.") }
    }

    func recording(_ path: String) -> Recording {
        var recording = Recording(path: path)
        if let channel { recording.channel = .index(channel) }
        recording.raw = rawFormat.map {
            RawFormat(encoding: $0, sampleRate: rawRate, channels: rawChannels, bigEndian: rawBigEndian)
        }
        return recording
    }
}

extension RawFormat.Encoding: ExpressibleByArgument {}

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
