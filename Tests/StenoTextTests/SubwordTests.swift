import Foundation
import StenoText
import Testing

/// What `Goldens/sentencepiece_goldens.py` wrote.
private struct Goldens: Decodable {
    struct Model: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let tokens: [String]
        let ids: [[Int]]
        let decoded: [String]
        var testDescription: String { name }

        var bytes: [UInt8] {
            get throws {
                let url = Bundle.module.url(forResource: name, withExtension: "model", subdirectory: "Goldens")
                return [UInt8](try Data(contentsOf: #require(url)))
            }
        }
    }

    let corpus: [String]
    let texts: [String]
    let bpe: Model
    let unigram: Model

    static let shared = Result {
        let url = Bundle.module.url(forResource: "sentencepiece", withExtension: "json", subdirectory: "Goldens")
        return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: #require(url)))
    }
}

@Suite struct SubwordTests {
    private let goldens: Goldens
    private let bpe: Vocabulary

    init() throws {
        goldens = try Goldens.shared.get()
        bpe = Vocabulary(try Subwords(model: goldens.bpe.bytes, composes: true))
    }

    private static let scripts = [
        "it's a stately ship", "Bonjour\u{202F}! C’est\u{A0}l’été\u{2009}; «\u{A0}oui\u{A0}»", "  two  spaces   and ",
        " ",
        "   ", "", "今天天气很好。", "مَرْحَبًا بِالعالم", "👩‍👩‍👧‍👦 🎉 🇪🇺 👍🏽", "हिन्दी नमस्ते", "한국어, ไทย", "ﬁ ① Ｆｕｌｌ ｶﾞ", "tab\tand\nline",
        "e\u{301} A\u{30A}", "\u{2581}\u{2581}a\u{2581} b", "\u{3000}全角\u{200B}", "<s> </s> <unk> <0x41> <blank>",
        "a\0b",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \u{10FFFD}",
    ]

    // MARK: SentencePiece itself

    /// Its own files, whatever the order of their ids.
    @Test func textsAreCutAsSentencePieceCutsThem() throws {
        for golden in [goldens.bpe, goldens.unigram] {
            let vocabulary = Vocabulary(try Subwords(model: golden.bytes, composes: false))
            #expect(vocabulary.tokens.prefix(4) == ["<blank>", "<s>", "</s>", "<unk>"])
            let pieces = golden.tokens.filter { !vocabulary.tokens.prefix(4).contains($0) }
            #expect(Array(vocabulary.tokens.dropFirst(4)) == pieces)
            for (text, (ids, decoded)) in zip(goldens.texts, zip(golden.ids, golden.decoded)) {
                let found = try vocabulary.encode(text)
                #expect(found.map { vocabulary.tokens[$0] } == ids.map { golden.tokens[$0] }, "\(golden.name): \(text)")
                #expect(vocabulary.decode(found) == decoded.replacing(" ⁇ ", with: "\u{FFFD}"))
            }
        }
    }

    @Test func idsOfOurOwnModelsAreSentencePieces() throws {
        #expect(bpe.tokens == goldens.bpe.tokens)
        for (text, ids) in zip(goldens.texts, goldens.bpe.ids) where !text.contains("e\u{301}") {
            #expect(try bpe.encode(text) == ids)
        }
    }

    @Test func aModelIsLearnedAsSentencePieceLearnsIt() throws {
        let vocabulary = Vocabulary(try Subwords(texts: goldens.corpus, size: 420))
        #expect(vocabulary.tokens == goldens.bpe.tokens)
    }

    // MARK: Learning

    private func options(_ change: (inout SubwordOptions) -> Void) -> SubwordOptions {
        var options = SubwordOptions()
        change(&options)
        return options
    }

    @Test(arguments: SubwordOptions.Algorithm.allCases)
    func theSameTextsGiveTheSameModel(_ algorithm: SubwordOptions.Algorithm) throws {
        let options = options { $0.algorithm = algorithm }
        let models = try (0..<2).map { _ in try Subwords(texts: goldens.corpus, size: 400, options: options) }
        #expect(models[0] == models[1] && models[0].name == models[1].name)
        #expect(Vocabulary(models[0]).count == 400)
    }

    @Test(arguments: SubwordOptions.Algorithm.allCases)
    func everyTextComesBack(_ algorithm: SubwordOptions.Algorithm) throws {
        let options = options { $0.algorithm = algorithm }
        let vocabulary = Vocabulary(try Subwords(texts: goldens.corpus + Self.scripts, size: 500, options: options))
        for text in Self.scripts {
            let ids = try vocabulary.encode(text)
            #expect(!ids.contains(vocabulary.unknown ?? -1))
            let composed = text.precomposedStringWithCanonicalMapping
            #expect(Array(vocabulary.decode(ids).unicodeScalars) == Array(composed.unicodeScalars), "\(text)")
            // And by a model that has seen none of it.
            #expect(Array(bpe.decode(try bpe.encode(text)).unicodeScalars) == Array(composed.unicodeScalars), "\(text)")
        }
    }

    @Test func withoutNormalisationTextsStayAsTheyAre() throws {
        let subwords = try Subwords(texts: goldens.corpus, size: 400, options: options { $0.rule = .none })
        let decomposed = "e\u{301}"
        let decoded = Vocabulary(subwords).decode(try Vocabulary(subwords).encode(decomposed))
        #expect(Array(decoded.unicodeScalars) == Array(decomposed.unicodeScalars))
    }

    @Test func sentencePiecesNormalisationMakesSpacesAlike() throws {
        let subwords = try Subwords(texts: goldens.corpus, size: 400, options: options { $0.rule = .nmtNFKC })
        let vocabulary = Vocabulary(subwords)
        #expect(vocabulary.decode(try vocabulary.encode(" die\u{202F}!\u{A0} ﬁ  Ｆ ")) == "die ! fi F")
    }

    @Test func withoutBytesWhatIsRareIsUnknown() throws {
        let vocabulary = Vocabulary(
            try Subwords(texts: goldens.corpus, size: 150, options: options { $0.byteFallback = false }))
        #expect(vocabulary.decode(try vocabulary.encode("die 天 Straße")) == "die \u{FFFD} Straße")
        #expect(vocabulary.missing(from: "die 天 Straße 氣") == ["天", "氣"])
        #expect(bpe.missing(from: "die 天 Straße") == [])
    }

    @Test func aSmallCorpusHasFewerSubwords() throws {
        for algorithm in SubwordOptions.Algorithm.allCases {
            let options = options { $0.algorithm = algorithm }
            let count = Vocabulary(try Subwords(texts: ["a ab abc abcd"], size: 10_000, options: options)).count
            #expect(count > 260 && count < 300)
        }
    }

    @Test func tooSmallASizeIsSaid() {
        #expect(throws: VocabularyError.tooSmall(size: 100, needed: 291)) {
            try Subwords(texts: goldens.corpus, size: 100)
        }
    }

    @Test func nothingToLearnFromIsSaid() {
        #expect(throws: VocabularyError.subwords("there is no text to learn from")) {
            try Subwords(texts: ["", ""], size: 400)
        }
    }

    // MARK: Parts of a text

    @Test func bytesThatAreNoTextBecomeReplacements() throws {
        let id = try #require(bpe.tokens.firstIndex(of: "<0xE2>"))
        #expect(bpe.decode([id]) == "\u{FFFD}")
        #expect(bpe.spelling(id) == [0xE2])
        #expect(try bpe.encode("die 天").flatMap(bpe.spelling) == Array(" die 天".utf8))
    }

    @Test func specialTokensAreNotDecoded() throws {
        let ids = try bpe.encode("die Straße")
        #expect(bpe.decode([1] + ids + [2, 0]) == "die Straße")
        #expect((0..<4).allSatisfy(bpe.isSpecial) && !bpe.isSpecial(4))
    }

    // MARK: Files

    @Test func jsonNamesTheModel() throws {
        let data = try JSONEncoder().encode(bpe)
        #expect(data.count < 100)
        let subwords = try #require(bpe.subwords)
        let decoder = JSONDecoder(subwordModels: [subwords.name: subwords.model])
        let again = try decoder.decode(Vocabulary.self, from: data)
        #expect(again == bpe && again.kind == .subwords)
        #expect(try again.encode("e\u{301}") == bpe.encode("\u{E9}"))

        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Vocabulary.self, from: data) }
        var damaged = subwords.model
        damaged[100] ^= 1
        #expect(throws: DecodingError.self) {
            try JSONDecoder(subwordModels: [subwords.name: damaged]).decode(Vocabulary.self, from: data)
        }
    }

    @Test func whatIsNoModelIsRefused() throws {
        #expect(throws: VocabularyError.subwords("SentencePiece cannot make a model of it")) {
            try Subwords(model: Array("no model at all".utf8), composes: true)
        }
        #expect(throws: VocabularyError.self) { try Subwords(model: [], composes: true) }
    }

    /// Some flips leave a model, none a crash; the table of normalised characters is most of this one.
    @Test func flippedBitsAreNoCrash() throws {
        let whole = try goldens.unigram.bytes
        var (refused, state) = (0, UInt64(7))
        func draw(_ bound: Int) -> Int {
            // Knuth's MMIX generator.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for round in 0..<300 {
            var bytes = whole
            for _ in 0...draw(4) { bytes[draw(round % 2 == 0 ? bytes.count : 6000)] ^= 1 << UInt8(draw(8)) }
            do throws(VocabularyError) {
                let vocabulary = Vocabulary(try Subwords(model: bytes, composes: false))
                for text in Self.scripts { _ = try vocabulary.encode(text) }
            } catch { refused += 1 }
        }
        #expect(refused > 100)
    }

    @Test func aModelThatWasCutIsRefused() throws {
        let whole = try goldens.unigram.bytes
        for count in [1, 10, 1000, 5000, 6000, 100_000, whole.count - 1] {
            #expect(throws: VocabularyError.self, "\(count)") {
                try Subwords(model: Array(whole.prefix(count)), composes: true)
            }
        }
    }
}
