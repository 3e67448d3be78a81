import Foundation
import StenoTraining
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite struct AttentionPictureTests {
    /// Attention that runs along the diagonal, a little blurred.
    private func diagonal(outputs: Int, inputs: Int) -> [Float] {
        (0..<outputs).flatMap { row in
            (0..<inputs).map { column in
                let distance = Float(column) - Float(row * inputs) / Float(outputs)
                return exp(-distance * distance / 8) / 5
            }
        }
    }

    @Test func labelsAndTitleAreEscaped() throws {
        let picture = AttentionPicture(
            weights: [0, 1, 0.5, 0], outputs: ["<s>", "\"&\u{1}"], inputs: .tokens(["a&b", " "]), inputCount: 2,
            title: "1 < 2 & “3”")
        let texts = try texts(in: picture.svg)
        #expect(Array(texts.prefix(5)) == ["1 < 2 & “3”", "<s>", "\"&\u{FFFD}", "a&b", "␣"])
        #expect(texts.suffix(2) == ["1.00", "0"])
    }

    @Test func secondsAreMarkedAlongTheFrames() throws {
        let picture = AttentionPicture(
            weights: diagonal(outputs: 3, inputs: 250), outputs: ["a", "b", "c"],
            inputs: .frames(secondsPerFrame: 0.04), inputCount: 250, title: "clip")
        let texts = try texts(in: picture.svg)
        #expect(texts.dropFirst(4) == ["0", "2", "4", "6", "8", "10", "seconds", "0.20", "0"])
    }

    @Test func aLongPictureStaysSmall() throws {
        let picture = AttentionPicture(
            weights: diagonal(outputs: 400, inputs: 750), outputs: [String](repeating: "e", count: 400),
            inputs: .frames(secondsPerFrame: 0.04), inputCount: 750, title: "thirty seconds")
        #expect(picture.svg.utf8.count < 80_000)
    }

    @Test func weightsThatAreNoNumbersAreZero() {
        let picture = AttentionPicture(
            weights: [.nan, .infinity, -1, 0.5], outputs: ["a", "b"], inputs: .tokens(["c", "d"]), inputCount: 2,
            title: "")
        let same = AttentionPicture(
            weights: [0, 0, 0, 0.5], outputs: ["a", "b"], inputs: .tokens(["c", "d"]), inputCount: 2, title: "")
        #expect(picture.png == same.png)
        #expect(picture.svg == same.svg)
    }

    @Test func veryManyFramesAreDrawnTogether() {
        let picture = AttentionPicture(
            weights: diagonal(outputs: 2, inputs: 4000), outputs: ["a", "b"], inputs: .frames(secondsPerFrame: 0.01),
            inputCount: 4000, title: "")
        #expect(picture.png.width == 1334)
        #expect(picture.png.height == 2)
    }

    /// What stands in the `text` elements of an SVG file, in order.
    private func texts(in svg: String) throws -> [String] {
        final class Reader: NSObject, XMLParserDelegate {
            var texts: [String] = []
            var isInText = false

            func parser(
                _: XMLParser, didStartElement name: String, namespaceURI _: String?, qualifiedName _: String?,
                attributes _: [String: String]
            ) {
                isInText = name == "text"
                if isInText { texts.append("") }
            }

            func parser(_: XMLParser, foundCharacters text: String) {
                if isInText { texts[texts.count - 1] += text }
            }

            func parser(_: XMLParser, didEndElement _: String, namespaceURI _: String?, qualifiedName _: String?) {
                isInText = false
            }
        }
        let reader = Reader()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = reader
        try #require(parser.parse(), "\(String(describing: parser.parserError))")
        return reader.texts
    }
}
