import Foundation
import Steno
import StenoTestSupport
import Testing

@Suite("Translator")
struct TranslatorTests {
    let folder: TemporaryFolder
    let model: String

    init() throws {
        folder = try TemporaryFolder()
        model = folder.path("tiny.safetensors")
        try tinyTextModel().write(to: model, matrices: .float32)
    }

    private func translator(threads: Int = 2, options: Translator.Options = .init()) throws -> Translator {
        try Translator(model: URL(fileURLWithPath: model), threads: threads, options: options)
    }

    /// Texts of many lengths, the shortest after the longest.
    private static let texts = (0..<300).map { number in
        String(repeating: ["ab c", "cab", "b"][number % 3], count: 1 + number * 7 % 23)
    }

    @Test func manyTogetherAreAsEachAlone() throws {
        let translator = try translator(options: .init(beam: 3, nBest: 3))
        let together = try translator.translate(Self.texts).map { try $0.get() }
        #expect(together.count == Self.texts.count)
        #expect(Set(together.map(\.text)).count > 20)
        for (text, translation) in zip(Self.texts, together) {
            let alone = try translator.translate(text)
            #expect(alone.alternatives.map(\.text) == translation.alternatives.map(\.text))
            for (a, b) in zip(alone.alternatives, translation.alternatives) { #expect(abs(a.score - b.score) < 1e-3) }
        }
    }

    @Test func threadsDoNotChangeTheTexts() throws {
        let one = try translator(threads: 1).translate(Self.texts).map { try $0.get().text }
        let three = try translator(threads: 3).translate(Self.texts).map { try $0.get().text }
        #expect(one == three)
    }

    @Test func textsAreReadNoFurtherThanAWindowAhead() throws {
        final class Counter: Sequence, IteratorProtocol {
            var count = 0
            func next() -> String? {
                count += 1
                return "ab"
            }
        }
        let counter = Counter()
        var translations = try translator().translate(counter)
        #expect(counter.count == 0)
        for _ in 0..<3 { #expect(throws: Never.self) { try translations.next()?.get() } }
        #expect(counter.count > 3 && counter.count < 5000)
    }

    @Test func emptyTextsStayEmpty() throws {
        let texts = ["", "ab", "  ", "\t"]
        let found = try translator().translate(texts).map { try $0.get() }
        #expect(found.map(\.text.isEmpty) == [true, false, true, true])
        #expect(found[0].alternatives.count == 1 && found[0].alternatives[0].score == 0)
        #expect(try translator().translate([]).map { try $0.get() }.isEmpty)
    }

    @Test func alternativesAreDistinctAndInOrder() throws {
        let translation = try translator(options: .init(beam: 50, nBest: 5)).translate("abcab")
        #expect(translation.alternatives.count == 5)
        #expect(Set(translation.alternatives.map(\.text)).count == 5)
        let scores = translation.alternatives.map(\.score)
        #expect(scores == scores.sorted(by: >))
        #expect(translation.alternatives.allSatisfy { $0.logProbability < 0 })
    }

    @Test func lengthsAreKeptTo() throws {
        for text in ["a", "abcabcabc"] {
            let short = try translator(options: .init(maximumTokens: 2)).translate(text)
            #expect(short.text.count <= 2)
            let long = try translator(options: .init(minimumTokens: 4)).translate(text)
            #expect(long.text.count >= 4)
        }
    }

    @Test func attentionHasALabelForEachWeight() throws {
        let attention = try #require(try translator(options: .init(attention: true)).translate("ab c").attention)
        #expect(attention.sourceTokens == ["a", "b", " ", "c"])
        #expect(attention.weights.count == attention.targetTokens.count)
        for row in attention.weights {
            #expect(row.count == 4)
            #expect(abs(row.reduce(0, +) - 1) < 1e-4)
        }
        #expect(try translator().translate("ab c").attention == nil)
    }

    @Test func aTextThatIsTooLongLeavesTheOthers() throws {
        let texts = ["ab", String(repeating: "a", count: 101), "c", String(repeating: "a", count: 1_000_000)]
        let outcomes = Array(try translator(options: .init(longestSource: 100)).translate(texts))
        #expect(throws: Never.self) { try outcomes[0].get() }
        let place = StenoError.text(place: "text 2", problem: "expected at most 100 tokens, found 101")
        #expect(throws: place) { try outcomes[1].get() }
        #expect(throws: Never.self) { try outcomes[2].get() }
        #expect(throws: StenoError.self) { try outcomes[3].get() }
    }

    @Test func unknownCharactersAreReadOrRefused() throws {
        #expect(throws: Never.self) { try translator().translate("xyz") }
        let strict = try translator(options: .init(refusesUnknown: true))
        let error = #expect(throws: StenoError.self) { try strict.translate("aßbß") }
        #expect(error?.description.contains("“ß” (U+00DF)") == true)
        #expect(try strict.translate("AbC").text == strict.translate("abc").text)

        try tinyTextModel(hasUnknown: false).write(to: folder.path("known"), matrices: .float32)
        let other = try Translator(model: URL(fileURLWithPath: folder.path("known")))
        #expect(throws: StenoError.self) { try other.translate("aß") }
    }

    @Test func severalModelsSearchTogether() throws {
        try tinyTextModel(seed: 8).write(to: folder.path("other"), matrices: .float32)
        try tinyTextModel(characters: "xyz").write(to: folder.path("strange"), matrices: .float32)
        let alone = try translator(options: .init(nBest: 2)).translate("abcc")
        let twice = try Translator(models: [model, model], options: .init(nBest: 2)).translate("abcc")
        #expect(twice.alternatives.map(\.text) == alone.alternatives.map(\.text))
        let others = [[model, folder.path("other")], [folder.path("other"), model]]
        let mixed = try others.map { try Translator(models: $0).translate("abcc").alternatives[0] }
        #expect(mixed[0].text == mixed[1].text && abs(mixed[0].score - mixed[1].score) < 1e-4)
        #expect(abs(mixed[0].score - alone.alternatives[0].score) > 1e-4)
        let error = #expect(throws: StenoError.self) { try Translator(models: [model, folder.path("strange")]) }
        #expect(error?.description.contains("expected the features or vocabulary that") == true)
    }

    @Test func whatIsDrawnDependsOnTheSeed() throws {
        func texts(seed: UInt64) throws -> [String] {
            let translator = try translator(options: .init(temperature: 2, seed: seed))
            return try ["abc", "cab", "bbb"].map { try translator.translate($0).text }
        }
        #expect(try texts(seed: 1) == texts(seed: 1))
        #expect(try texts(seed: 1) != texts(seed: 2))
    }

    @Test func otherKindsOfModelsAreRefused() throws {
        let audio = folder.path("audio.safetensors")
        try tinyModel().write(to: audio, matrices: .float32)
        let error = #expect(throws: StenoError.self) { try Translator(model: URL(fileURLWithPath: audio)) }
        #expect(error?.description.hasPrefix("\(audio): expected a model that reads text, found one that") == true)
        #expect(throws: StenoError.self) { try Transcriber(model: URL(fileURLWithPath: model)) }
    }

    @Test func optionsOutOfRangeAreRefused() {
        let options: [Translator.Options] = [
            .init(beam: 0), .init(nBest: 0), .init(lengthPenalty: -1), .init(minimumTokens: -1),
            .init(longestSource: 0),
            .init(temperature: 0), .init(nBest: 2, temperature: 1),
        ]
        for options in options { #expect(throws: StenoError.self) { try translator(options: options) } }
        #expect(throws: StenoError.self) { try translator(threads: 0) }
    }
}
