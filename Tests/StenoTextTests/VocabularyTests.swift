import Foundation
import StenoText
import Testing

@Suite struct VocabularyTests {
    @Test func englishSpeechHasThirtyOneEntries() throws {
        let vocabulary = Vocabulary.englishSpeech
        #expect(vocabulary.count == 31)
        #expect(vocabulary.unknown == nil)
        #expect(try vocabulary.encode(" 'az") == [3, 4, 5, 30])
        #expect((Vocabulary.blank, Vocabulary.start, Vocabulary.end) == (0, 1, 2))
    }

    @Test(arguments: [
        "it's a stately ship", "今天天气很好。", "مَرْحَبًا بِالعالم", "👩‍👩‍👧‍👦 🎉 🇪🇺 👍🏽", "naïve Ångström ﬁ", "हिन्दी नमस्ते", "한국어", "",
    ])
    func everyTextComesBack(_ text: String) throws {
        let vocabulary = Vocabulary(texts: [text])
        let decoded = vocabulary.decode(try vocabulary.encode(text))
        #expect(decoded == text)
        #expect(Array(decoded.unicodeScalars) == Array(text.precomposedStringWithCanonicalMapping.unicodeScalars))
    }

    @Test func decomposedLettersAreTheComposedOnes() throws {
        let vocabulary = Vocabulary(texts: ["caf\u{E9}"])
        #expect(try vocabulary.encode("cafe\u{301}") == vocabulary.encode("caf\u{E9}"))
        #expect(vocabulary.count == 7)
    }

    @Test func orderOfTheCorpusDoesNotMatter() {
        #expect(Vocabulary(texts: ["cab", "d"]) == Vocabulary(texts: ["d", "bac"]))
    }

    @Test func rareCharactersAreLeftOut() throws {
        let vocabulary = Vocabulary(texts: ["aab", "a"], minimumCount: 2, hasUnknown: true)
        #expect(vocabulary.tokens == ["<blank>", "<s>", "</s>", "<unk>", "a"])
        #expect(try vocabulary.encode("ab") == [4, 3])
        #expect(vocabulary.decode([4, 3]) == "a\u{FFFD}")
    }

    @Test func missingCharactersAreNamedOnceEach() {
        #expect(throws: VocabularyError.unknownCharacters("Z!", text: "Za!Z")) {
            try Vocabulary.englishSpeech.encode("Za!Z")
        }
        #expect(Vocabulary.englishSpeech.missing(from: "Za!Z") == ["!", "Z"])
    }

    @Test func sentencesQuoteNoMoreThanTheBeginning() {
        let long = VocabularyError.unknownCharacters(
            "\u{1B}\n", text: "\u{1B}[2J\n" + String(repeating: "é", count: 100))
        #expect(
            long.description
                == "the vocabulary lacks “\\u{001B}” (U+001B), “\\u{000A}” (U+000A), found in "
                + "“\\u{001B}[2J\\u{000A}\(String(repeating: "é", count: 55))…”")
        let words = VocabularyError.unknownWords([String(repeating: "a", count: 61)], text: "b\tc")
        #expect(
            words.description
                == "the vocabulary lacks “\(String(repeating: "a", count: 60))…”, found in “b\\u{0009}c”")
        #expect(String(repeating: "a", count: 60).quoted == "“\(String(repeating: "a", count: 60))”")
    }

    @Test func textsAreNormalisedFirst() throws {
        var vocabulary = Vocabulary.englishSpeech
        vocabulary.normalisation = TextNormalisation([.lowerCase, .collapseSpaces])
        #expect(try vocabulary.encode("  So  ") == Vocabulary.englishSpeech.encode("so"))
        #expect(vocabulary.missing(from: "So!") == ["!"])
        let again = try JSONDecoder().decode(Vocabulary.self, from: JSONEncoder().encode(vocabulary))
        #expect(again == vocabulary && again != Vocabulary.englishSpeech)
        let plain = String(decoding: try JSONEncoder().encode(Vocabulary.englishSpeech), as: UTF8.self)
        #expect(!plain.contains("normalisation"))
        let wrong = Data(
            #"{"kind": "characters", "normalisation": ["shout"], "tokens": ["<blank>", "<s>", "</s>"]}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Vocabulary.self, from: wrong) }
    }

    @Test func specialTokensAreNotDecoded() {
        #expect(Vocabulary.englishSpeech.decode([1, 5, 0, 6, 2]) == "ab")
        #expect([0, 1, 2].allSatisfy(Vocabulary.englishSpeech.isSpecial))
        #expect(!Vocabulary.englishSpeech.isSpecial(3))
    }

    @Test(arguments: [false, true])
    func jsonComesBack(hasUnknown: Bool) throws {
        let vocabulary = Vocabulary(texts: ["\"\\/ \u{301}天👍🏽"], hasUnknown: hasUnknown)
        let data = try JSONEncoder().encode(vocabulary)
        #expect(try JSONDecoder().decode(Vocabulary.self, from: data) == vocabulary)
    }

    @Test(arguments: [
        ["a"], [], ["<blank>", "<s>", "</s>", "ab"], ["<blank>", "<s>", "</s>", ""],
        ["<blank>", "<s>", "</s>", "a", "a"], ["<blank>", "<s>", "</s>", "a", "<unk>"],
    ])
    func damagedTokensAreRefused(_ tokens: [String]) throws {
        #expect(throws: VocabularyError.self) { try Vocabulary(tokens: tokens) }
        let data = try JSONSerialization.data(withJSONObject: ["kind": "characters", "tokens": tokens])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Vocabulary.self, from: data) }
    }

    @Test func anotherKindIsRefused() {
        let data = Data(#"{"kind": "syllables", "tokens": ["<blank>", "<s>", "</s>"]}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Vocabulary.self, from: data) }
    }
}

@Suite struct WordVocabularyTests {
    private let phonemes = Vocabulary(wordsOf: ["HH AH0 L OW1", "W ER1 L D"], size: 100)

    @Test func wordsComeBackWithSingleSpaces() throws {
        #expect(phonemes.kind == .words)
        #expect(phonemes.decode(try phonemes.encode("HH AH0 L OW1")) == "HH AH0 L OW1")
        #expect(phonemes.decode(try phonemes.encode("  HH\tAH0\u{A0}L \n OW1 ")) == "HH AH0 L OW1")
        #expect(try phonemes.encode("") == [])
    }

    @Test func theMostFrequentComeFirst() {
        #expect(
            phonemes.tokens
                == ["<blank>", "<s>", "</s>", "<unk>", "L", "AH0", "D", "ER1", "HH", "OW1", "W"])
        #expect(Vocabulary(wordsOf: ["b a", "a c"], size: 6).tokens.dropFirst(4) == ["a", "b"])
        #expect(Vocabulary(wordsOf: ["b a", "a c"], minimumCount: 2, size: 6).tokens.dropFirst(4) == ["a"])
        #expect(Vocabulary(wordsOf: ["b a", "a c"], size: 100) == Vocabulary(wordsOf: ["a c b", "a"], size: 100))
    }

    @Test func otherWordsAreUnknown() throws {
        #expect(try phonemes.encode("HH OY1 L") == [8, 3, 4])
        #expect(phonemes.decode([8, 3, 4]) == "HH \u{FFFD} L")
        #expect(phonemes.missing(from: "ZH OY1 L ZH") == ["OY1", "ZH"])
    }

    /// Corpora that were made for another vocabulary have them.
    @Test func namesOfSpecialTokensAreNoWords() throws {
        let vocabulary = Vocabulary(wordsOf: ["<s> the <unk> </s>", "the <blank>"], size: 100)
        #expect(vocabulary.tokens == ["<blank>", "<s>", "</s>", "<unk>", "the"])
        #expect(try vocabulary.encode("<s> the <unk>") == [3, 4, 3])
    }

    @Test func decomposedWordsAreTheComposedOnes() throws {
        let vocabulary = Vocabulary(wordsOf: ["caf\u{E9}"], size: 100)
        #expect(try vocabulary.encode("cafe\u{301}") == [4])
    }

    @Test func withoutAnUnknownTokenOtherWordsAreNamed() throws {
        let vocabulary = try Vocabulary(kind: .words, tokens: ["<blank>", "<s>", "</s>", "a"])
        #expect(throws: VocabularyError.unknownWords(["b", "c"], text: "b a c b")) { try vocabulary.encode("b a c b") }
    }

    @Test func jsonComesBack() throws {
        let again = try JSONDecoder().decode(Vocabulary.self, from: JSONEncoder().encode(phonemes))
        #expect(again == phonemes && again.kind == .words)
    }

    @Test(arguments: [
        ["<blank>", "<s>", "</s>", "<unk>", "a b"], ["<blank>", "<s>", "</s>", "<unk>", ""],
        ["<blank>", "<s>", "</s>", "<unk>", "a", "a"], ["<blank>", "<s>", "</s>", "a", "<unk>"], ["a"],
    ])
    func damagedTokensAreRefused(_ tokens: [String]) {
        #expect(throws: VocabularyError.self) { try Vocabulary(kind: .words, tokens: tokens) }
    }
}
