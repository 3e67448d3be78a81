import Foundation
import Steno
import StenoTestSupport
import Testing

@Suite("Aligner")
struct AlignerTests {
    private let folder: TemporaryFolder
    private let aligner: Aligner

    init() throws {
        folder = try TemporaryFolder()
        let model = folder.path("tiny.safetensors")
        try tinyModel().write(to: model, matrices: .float16)
        aligner = try Aligner(model: URL(fileURLWithPath: model))
    }

    @Test func everyWordHasItsPlace() throws {
        let words = try aligner.align(samples: spoken("abc a cab"), sampleRate: 16_000, text: "abc a cab")
        #expect(words.map(\.text) == ["abc", "a", "cab"])
        for word in words { #expect(word.startSeconds < word.endSeconds && word.endSeconds <= 1.4) }
        for (word, next) in zip(words, words.dropFirst()) { #expect(word.endSeconds <= next.startSeconds) }
    }

    @Test func aTextThatDoesNotFitIsRefused() {
        let text = String(repeating: "abc", count: 100)
        #expect(throws: StenoError.self) { try aligner.align(samples: spoken("a"), sampleRate: 16_000, text: text) }
    }

    @Test func charactersThatTheModelLacksAreNamed() {
        let error = #expect(throws: StenoError.self) {
            try aligner.align(samples: spoken("abc"), sampleRate: 16_000, text: "xyz")
        }
        #expect(error?.description.contains("“x”") == true)
    }
}
