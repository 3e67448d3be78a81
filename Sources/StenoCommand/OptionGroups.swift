import ArgumentParser
import AudioFrontEnd
import Steno

/// Which model, and how it is searched.
struct RecognitionOptions: ParsableArguments {
    @Option(
        help: "Model file, or the name of one in the model folder (default: english, of pairs french-english).",
        completion: .file())
    var model: String?
    @Option(help: ArgumentHelp("Worker threads (default: one for each processor).", valueName: "n"))
    var threads: Int?
    @Option(
        help: ArgumentHelp(
            "Hypotheses kept at each step, 1 to 1024; 1 is greedy search (default: the model's).", valueName: "n"))
    var beam: Int?
    @Option(help: ArgumentHelp("Share of the CTC score, 0 to 1 (default: the model's).", valueName: "w"))
    var ctcWeight: Double?
    @Option(
        help: ArgumentHelp(
            "Factor of the language model's score, 0 to 10, for models that hold one (default: the model's).",
            valueName: "w"))
    var languageWeight: Double?
    @Option(
        help: ArgumentHelp(
            "Exponent of the length penalty, 0 to 10: more makes longer texts (default: the model's).", valueName: "a"))
    var lengthPenalty: Double?
    @Option(
        help: ArgumentHelp(
            "Longer recordings are cut at pauses into segments of at most so many seconds, 1 to 120 (default: by what "
                + "the model learned from).",
            valueName: "s"))
    var longestSegment: Double?

    func validate() throws {
        try Check.threads(threads)
        try Check.ctcWeight(ctcWeight)
        try Check.languageWeight(languageWeight)
        try Check.beam(beam)
        try Check.lengthPenalty(lengthPenalty)
        if let longestSegment, !(1...120).contains(longestSegment) {
            throw ValidationError("--longest-segment must be from 1 to 120 seconds.")
        }
    }

    func transcriber() throws(StenoError) -> Transcriber {
        try Transcriber(
            modelName: model, threads: threads,
            options: .init(
                beam: beam, ctcWeight: ctcWeight, languageWeight: languageWeight, lengthPenalty: lengthPenalty,
                longestSegmentSeconds: longestSegment))
    }

    /// For pairs of texts, to which the options of sound do not apply.
    func translator() throws -> Translator {
        if ctcWeight != nil || languageWeight != nil || longestSegment != nil {
            throw ValidationError("--ctc-weight, --language-weight and --longest-segment are for recordings.")
        }
        return try Translator(
            models: model.map { [$0] } ?? [], threads: threads, options: .init(beam: beam, lengthPenalty: lengthPenalty)
        )
    }
}

/// Ranges of options that several verbs have.
enum Check {
    static func threads(_ count: Int?) throws {
        if let count, !(1...1024).contains(count) { throw ValidationError("--threads must be from 1 to 1024.") }
    }

    static func beam(_ beam: Int?) throws {
        if let beam, !(1...1024).contains(beam) { throw ValidationError("--beam must be from 1 to 1024.") }
    }

    static func lengthPenalty(_ exponent: Double?) throws {
        if let exponent, !(0...10).contains(exponent) {
            throw ValidationError("--length-penalty must be from 0 to 10.")
        }
    }

    static func ctcWeight(_ weight: Double?) throws {
        if let weight, !(0...1).contains(weight) { throw ValidationError("--ctc-weight must be from 0 to 1.") }
    }

    static func languageWeight(_ weight: Double?) throws {
        if let weight, !(0...10).contains(weight) { throw ValidationError("--language-weight must be from 0 to 10.") }
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
