import Foundation
import StenoText
import Testing

@Suite struct TextNormalisationTests {
    @Test(arguments: [
        ("“Don’t,” she said — twice.", "don't she said twice"),
        ("MR. QUILTER IS THE APOSTLE", "mr quilter is the apostle"),
        ("well-known  half/half\n\ttab", "well known half half tab"),
        ("'quoted' rock 'n' roll, O'Neil`s", "quoted rock n roll o'neil's"),
        ("Cafe\u{301} ÉTÉ 3.5 €", "café été 3 5"),
        ("你好，世界！", "你好 世界"),
        ("नमस्ते!", "नमस्ते"),
        ("...", ""),
        ("", ""),
    ])
    func speechKeepsWordsOnly(written: String, spoken: String) {
        #expect(Array(TextNormalisation.speech(written).unicodeScalars) == Array(spoken.unicodeScalars))
    }

    @Test func doneTwiceIsDoneOnce() {
        let once = TextNormalisation.speech("It’s “5 o’clock”—now!")
        #expect(TextNormalisation.speech(once) == once)
    }

    @Test func stepsAreDoneInOrderAndAlone() {
        #expect(TextNormalisation([.lowerCase])("A  B!") == "a  b!")
        #expect(TextNormalisation.tidy(" A  B! ") == "A B!")
        #expect(TextNormalisation.none(" A  B! ") == " A  B! ")
        // Without the apostrophes' step before it, a typographic one is punctuation.
        #expect(TextNormalisation([.stripPunctuation])("don’t") == "don t")
    }

    @Test func stepsComeBackFromJSON() throws {
        let data = try JSONEncoder().encode(TextNormalisation.speech)
        #expect(try JSONDecoder().decode(TextNormalisation.self, from: data) == .speech)
    }
}
