import StenoModels
import StenoTensor

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Turns texts into other texts: from one language into another, from spelling into sound, from question into answer.
///
///     let translator = try Translator(model: URL(fileURLWithPath: "french-english.safetensors"))
///     print(try translator.translate("Il pleut.").text)
///     for outcome in translator.translate(lines) { print(try outcome.get().text) }
///
/// A text is a sentence or a few: as much as the texts that the model learned from. One translator serves any number of
/// calls; calls from several threads run beside each other.
public final class Translator: Sendable {
    /// What differs from the model's own way of searching.
    public struct Options: Sendable, Hashable {
        /// Hypotheses kept at each step, 1 to 1,024; 1 is greedy search. At least as many as `nBest` are kept.
        public var beam: Int?
        /// Alternatives wanted of each text, 1 to 1,024.
        public var nBest: Int
        /// Exponent of the length penalty, 0 to 10 (Wu et al. 2016): scores are divided by `((5 + n) / 6)^α` for n
        /// tokens.
        public var lengthPenalty: Double?
        /// Tokens before which no translation ends, and at most.
        public var minimumTokens: Int?
        public var maximumTokens: Int?
        /// Texts of more tokens are refused: their work grows with the length, and no model has learned from such.
        public var longestSource: Int
        /// Whether translations hold what was attended to.
        public var attention: Bool
        /// Texts with characters that the model does not know are refused, unless it knows all in lower case. Without
        /// this a sign for the unknown is read.
        public var refusesUnknown: Bool
        /// Texts are drawn by their probability instead of searched for, at this temperature, above 0 and at most 10.
        public var temperature: Double?
        /// Of what is drawn.
        public var seed: UInt64

        public init(
            beam: Int? = nil, nBest: Int = 1, lengthPenalty: Double? = nil, minimumTokens: Int? = nil,
            maximumTokens: Int? = nil, longestSource: Int = 1000, attention: Bool = false,
            refusesUnknown: Bool = false, temperature: Double? = nil, seed: UInt64 = 1
        ) {
            self.beam = beam
            self.nBest = nBest
            self.lengthPenalty = lengthPenalty
            self.minimumTokens = minimumTokens
            self.maximumTokens = maximumTokens
            self.longestSource = longestSource
            self.attention = attention
            self.refusesUnknown = refusesUnknown
            self.temperature = temperature
            self.seed = seed
        }
    }

    let reader: SourceReader
    let search: BatchSearch
    /// Whether several models search together.
    var isEnsemble: Bool { search.isEnsemble }
    private let options: Options

    /// Loads a model.
    ///
    /// - Parameters:
    ///   - model: a `.safetensors` file; nil for `french-english.safetensors` in `../share/steno/models` from the program
    ///     or in the folder `Models` of a checkout.
    ///   - threads: worker threads; nil for as many as there are processors.
    public convenience init(
        model: URL? = nil, threads: Int? = nil, options: Options = Options()
    ) throws(StenoError) {
        try self.init(models: model.map { [$0.path] } ?? [], threads: threads, options: options)
    }

    /// The same with the path or the name of a model, or of several that search together; none for the standard one.
    package init(
        models names: [String], standard: ModelLocation.Standard = .translation, threads: Int? = nil,
        options: Options = Options()
    ) throws(StenoError) {
        let models = try TextModel.ensemble(names, standard: standard)
        reader = SourceReader(models[0], longest: options.longestSource, refusesUnknown: options.refusesUnknown)
        search = BatchSearch(
            models[0].trained, members: models.dropFirst().map(\.trained),
            options: try models[0].trained.search.applying(options), workers: Workers(count: try threadCount(threads)))
        self.options = options
    }

    /// Translates one text.
    public func translate(_ text: String) throws(StenoError) -> Translation {
        try translate(PlacedText(text: text, place: "the text"), number: 0)
    }

    /// The same for one of a row of texts, each of which is known only after the translation of those before it.
    package func translate(_ text: PlacedText, number: Int) throws(StenoError) -> Translation {
        var next: PlacedText? = text
        var translations = translate(firstNumber: number) {
            defer { next = nil }
            return next.map { .success($0) }
        }
        guard let outcome = translations.next() else { preconditionFailure("a text without an outcome") }
        return try outcome.get()
    }

    /// Translates texts as the sequence is gone through, in the order of the texts. They are read ahead and translated in
    /// batches of like length; a text of nothing but white space becomes the empty one.
    public func translate<Texts: Sequence<String>>(_ texts: Texts) -> Translations {
        var (texts, number) = (texts.makeIterator(), 0)
        return translate {
            number += 1
            return texts.next().map { .success(PlacedText(text: $0, place: "text \(number)")) }
        }
    }

    /// The same for texts whose places are known.
    package func translate<Texts: Sequence<PlacedText>>(placed texts: Texts) -> Translations {
        var texts = texts.makeIterator()
        return translate { texts.next().map { .success($0) } }
    }

    /// The same for texts as they come.
    package func translate(_ texts: some TextStream) -> Translations {
        translate(isReady: { texts.isReady }, next: texts.next)
    }

    private func translate(
        firstNumber: Int = 0, isReady: @escaping () -> Bool = { true },
        next: @escaping () -> Result<PlacedText, StenoError>?
    ) -> Translations {
        Translations(
            TranslationRun(
                reader: reader, search: search, options: options, firstNumber: firstNumber, isReady: isReady,
                nextText: next))
    }
}

/// Translations in the order of their texts, each made when it is asked for; can be gone through once.
public struct Translations: Sequence, IteratorProtocol {
    private let run: TranslationRun

    init(_ run: TranslationRun) { self.run = run }

    /// The next translation, or why that text has none.
    public mutating func next() -> Result<Translation, StenoError>? { run.next() }
}

extension SearchOptions {
    /// These options with what differs from them.
    fileprivate func applying(_ options: Translator.Options) throws(StenoError) -> SearchOptions {
        guard (1...1024).contains(options.nBest) else {
            throw .option(name: "the number of alternatives", expected: "1 to 1024", found: "\(options.nBest)")
        }
        guard options.longestSource >= 1 else {
            throw .option(name: "the longest source", expected: "at least 1", found: "\(options.longestSource)")
        }
        if let temperature = options.temperature, !(temperature > 0 && temperature <= 10) {
            throw .option(name: "the temperature", expected: "above 0 and at most 10", found: "\(temperature)")
        }
        guard options.temperature == nil || options.nBest == 1 else {
            throw .option(name: "the number of alternatives of a drawn text", expected: "1", found: "\(options.nBest)")
        }
        var search = self
        if let beam = options.beam { search.beam = beam }
        if let lengthPenalty = options.lengthPenalty { search.lengthPenalty = lengthPenalty }
        if let minimum = options.minimumTokens { search.minimumTokens = minimum }
        if let maximum = options.maximumTokens { search.maximumTokens = maximum }
        // Models of text have no other head.
        search.ctcWeight = 0
        search = try search.checked()
        search.beam = max(search.beam, options.nBest)
        return search
    }
}
