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
        #expect(Vocabulary.englishSpeech.charactersMissing(from: "Za!Z") == ["!", "Z"])
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
        let data = Data(#"{"kind": "words", "tokens": ["<blank>", "<s>", "</s>"]}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Vocabulary.self, from: data) }
    }
}
