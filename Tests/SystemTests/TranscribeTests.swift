import Foundation
import StenoTestSupport
import Testing

@Suite("steno transcribe")
struct TranscribeTests {
    let folder: TemporaryFolder
    let model: String
    let good: String

    init() throws {
        folder = try TemporaryFolder()
        model = folder.path("tiny.safetensors")
        try tinyModel().write(to: model, matrices: .float16)
        good = try folder.write(WaveBytes(spoken("abc cab")).file, as: "good.wav")
    }

    private func transcribe(_ arguments: [String], input: [UInt8]? = nil) throws -> Program.Result {
        try Program.run(["transcribe", "--model", model] + arguments, input: input)
    }

    /// The text that the model gives for the good recording.
    private func text() throws -> String {
        let result = try transcribe([good])
        #expect(result.code == 0)
        #expect(result.errors.isEmpty)
        return try #require(result.output.last == "\n" ? String(result.output.dropLast()) : nil)
    }

    @Test func aCompressedModelIsSmallerAndWrites() throws {
        let small = folder.path("small.safetensors")
        let result = try Program.run(["model", "compress", model, "-o", small])
        #expect(result.code == 0 && result.errors.isEmpty)
        let sizes = try [model, small].map { try Data(contentsOf: URL(fileURLWithPath: $0)).count }
        #expect(sizes[1] < sizes[0])
        #expect(result.output == "\(small): \(sizes[1]) bytes, before \(sizes[0])\n")
        #expect(try Program.run(["transcribe", "--model", small, good]).output == text() + "\n")
    }

    // MARK: Formats

    @Test func oneFileGivesItsTextAlone() throws {
        let text = try text()
        #expect(!text.isEmpty && text.allSatisfy { " abc".contains($0) })
    }

    @Test func severalFilesHaveTheirPathsBefore() throws {
        let text = try text()
        #expect(try transcribe([good, good]).output == "\(good): \(text)\n\(good): \(text)\n")
    }

    @Test func tabSeparated() throws {
        let text = try text()
        #expect(try transcribe([good, "--format", "tsv"]).output == "\(good)\t\(text)\n")
    }

    @Test func json() throws {
        struct Line: Decodable {
            struct Segment: Decodable { let start: Double, end: Double, text: String }
            let path: String, text: String, audioSeconds: Double, score: Double
            let segments: [Segment], warnings: [String]
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let text = try text()
        let result = try transcribe([good, good, "--format", "json"])
        #expect(result.outputLines.count == 2)
        for line in result.outputLines {
            let object = try decoder.decode(Line.self, from: Data(line.utf8))
            #expect(object.path == good && object.text == text && object.warnings.isEmpty)
            #expect(object.segments.map(\.text) == [text])
            #expect(object.segments.first?.start == 0)
            #expect(abs(object.audioSeconds - Double(spoken("abc cab").count) / 16_000) < 1e-6)
            #expect(object.score < 0)
        }
    }

    @Test func pathsOfAllKindsAreValidJSON() throws {
        let path = try folder.write(WaveBytes(spoken("a")).file, as: "odd \"name\" \\ ü\u{1}.wav")
        let result = try transcribe([path, "--format", "json"])
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        #expect(object?["path"] as? String == path)
    }

    // MARK: Sources

    @Test func foldersAreLookedThroughInOrder() throws {
        let wave = WaveBytes(spoken("abc")).file
        for name in ["in/b.wav", "in/deep/er/c.WAV", "in/a.wav", "in/.hidden.wav"] { try folder.write(wave, as: name) }
        try folder.write("no sound", as: "in/notes.txt")
        let result = try transcribe([folder.path("in"), "--format", "tsv"])
        #expect(result.code == 0)
        let names = result.outputLines.compactMap { $0.split(separator: "\t").first.map { String($0) } }
        #expect(names == ["in/a.wav", "in/b.wav", "in/deep/er/c.WAV"].map(folder.path))
    }

    @Test func standardInput() throws {
        let text = try text()
        let wave = WaveBytes(spoken("abc cab")).file
        #expect(try transcribe(["-"], input: wave).output == text + "\n")
        #expect(try transcribe(["-", "--format", "tsv"], input: wave).output == "-\t\(text)\n")
    }

    @Test func headerlessSamples() throws {
        let text = try text()
        let samples = Array(WaveBytes(spoken("abc cab")).file.dropFirst(44))
        let options = ["-", "--raw-format", "signed16", "--raw-rate", "16000"]
        #expect(try transcribe(options, input: samples).output == text + "\n")
    }

    @Test func channels() throws {
        let text = try text()
        let speech = spoken("abc cab")
        var wave = WaveBytes(speech.flatMap { [0, $0] })
        wave.channels = 2
        let path = try folder.write(wave.file, as: "stereo.wav")
        #expect(try transcribe([path, "--channel", "1"]).output == text + "\n")
        #expect(try transcribe([path, "--channel", "0"]).output == "\n")
        let missing = try transcribe([path, "--channel", "2"])
        #expect(missing.code == 1 && missing.errorLines.count == 1)
    }

    @Test func shardsTogetherAreEverything() throws {
        let paths = try (0..<7).map { try folder.write(WaveBytes(spoken("abc")).file, as: "\($0).wav") }
        let all = try transcribe(paths + ["--format", "tsv"]).outputLines
        let parts = try (1...3).flatMap {
            try transcribe(paths + ["--format", "tsv", "--shard", "\($0)/3"]).outputLines
        }
        #expect(parts.sorted() == all && all.count == 7)
    }

    // MARK: Bad input

    /// A file that cannot be transcribed, and a part of the sentence that says why.
    struct Bad: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]?
        let sentence: String
        var testDescription: String { name }

        static let all: [Bad] = {
            func wave(_ change: (inout WaveBytes) -> Void, _ samples: [Float] = [0.1, 0.2, -0.1]) -> [UInt8] {
                var wave = WaveBytes(samples)
                change(&wave)
                return wave.file
            }
            return [
                Bad(name: "missing.wav", bytes: nil, sentence: "no such file"),
                Bad(name: "empty.wav", bytes: [], sentence: "empty"),
                Bad(name: "text.wav", bytes: Array("This is no sound.\n".utf8), sentence: "expected an audio file"),
                Bad(name: "cut-header.wav", bytes: Array(wave { _ in }.prefix(30)), sentence: "header"),
                Bad(name: "no-samples.wav", bytes: wave({ _ in }, []), sentence: "0 samples"),
                Bad(
                    name: "100-samples.wav", bytes: wave({ _ in }, [Float](repeating: 0.1, count: 100)),
                    sentence: "found 0.00625 s"),
                Bad(
                    name: "only-nan.wav", bytes: WaveBytes(floats: [Float](repeating: .nan, count: 4000)).file,
                    sentence: "NaN"),
                Bad(name: "1-hertz.wav", bytes: wave { $0.sampleRate = 1 }, sentence: "found 1 Hz"),
                Bad(
                    name: "10-megahertz.wav", bytes: wave { $0.sampleRate = 10_000_000 },
                    sentence: "found 10000000 Hz"),
                Bad(
                    name: "1000-channels.wav",
                    bytes: wave({ $0.channels = 1000 }, [Float](repeating: 0.1, count: 4000)), sentence: "1000"),
            ]
        }()
    }

    @Test("bad files are named and the others still done", arguments: Bad.all)
    func badFile(bad: Bad) throws {
        let path = try bad.bytes.map { try folder.write($0, as: bad.name) } ?? folder.path(bad.name)
        let text = try text()
        let result = try transcribe([good, path, good, "--format", "tsv"])
        #expect(result.code == 1)
        #expect(result.output == "\(good)\t\(text)\n\(good)\t\(text)\n")
        #expect(result.errorLines.count == 1)
        #expect(result.errors.hasPrefix("steno: \(path): "))
        #expect(result.errors.contains(bad.sentence), "\(result.errors)")
    }

    @Test func aFolderWithoutAudio() throws {
        try folder.write("no sound", as: "texts/notes.txt")
        let result = try transcribe([folder.path("texts"), good])
        #expect(result.code == 1)
        #expect(result.errors == "steno: \(folder.path("texts")): expected audio files in the folder, found none\n")
        #expect(result.outputLines.count == 1)
    }

    /// A file that is read with a warning.
    @Test(
        "odd files are read with a warning",
        arguments: ["cut-in-the-data.wav", "3-gigabytes-claimed.wav", "some-nan.wav"])
    func oddFile(name: String) throws {
        var speech = spoken("abc cab")
        let bytes: [UInt8]
        switch name {
        case "cut-in-the-data.wav": bytes = WaveBytes(speech).file.dropLast(1001)
        case "3-gigabytes-claimed.wav":
            var wave = WaveBytes(Array(speech.prefix(500)))
            wave.claimedLength = 3_000_000_000
            bytes = wave.file
        default:
            for index in stride(from: 0, to: speech.count, by: 100) { speech[index] = .nan }
            bytes = WaveBytes(floats: speech).file
        }
        let path = try folder.write(bytes, as: name)
        let result = try transcribe([path])
        #expect(result.code == 0)
        #expect(result.outputLines.count <= 1)
        #expect(result.errorLines.count == 1)
        #expect(result.errors.hasPrefix("steno: warning: \(path): "))
    }

    // MARK: Models

    /// A model file that is damaged, and a part of the sentence that says why.
    struct BadModel: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let damage: @Sendable ([UInt8]) -> [UInt8]
        let sentence: String

        static let all = [
            BadModel(testDescription: "cut short", damage: { Array($0.prefix($0.count / 2)) }, sentence: "damaged"),
            BadModel(testDescription: "cut in the header", damage: { Array($0.prefix(100)) }, sentence: "header"),
            BadModel(testDescription: "empty", damage: { _ in [] }, sentence: "header"),
            BadModel(
                testDescription: "a header length of 2^63",
                damage: { bytes(UInt64(1) << 63) + $0.dropFirst(8) }, sentence: "header length of 9223372036854775808"),
            BadModel(
                testDescription: "a wrong shape",
                damage: { bytes in
                    // The embedding of 7 symbols and 4 numbers, of as many numbers in another shape.
                    var bytes = bytes
                    for place in bytes.ranges(of: Array("\"shape\":[7,4]".utf8)) {
                        bytes.replaceSubrange(place, with: "\"shape\":[4,7]".utf8)
                    }
                    return bytes
                }, sentence: "shape [7, 4] of decoder.embedding"),
            BadModel(
                testDescription: "text", damage: { _ in Array("no model at all".utf8) }, sentence: "no SafeTensors file"
            ),
        ]
    }

    @Test("damaged models are refused", arguments: BadModel.all)
    func damagedModel(bad: BadModel) throws {
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: model)))
        let path = try folder.write(bad.damage(whole), as: "bad.safetensors")
        let result = try Program.run(["transcribe", "--model", path, good])
        #expect(result.code == 1)
        #expect(result.output.isEmpty)
        #expect(result.errorLines.count == 1)
        #expect(result.errors.hasPrefix("steno: \(path)"), "\(result.errors)")
        #expect(result.errors.contains(bad.sentence), "\(result.errors)")
    }

    @Test func aMissingModel() throws {
        let result = try Program.run(["transcribe", "--model", folder.path("none.safetensors"), good])
        #expect(result.code == 1 && result.errorLines.count == 1)
    }

    // MARK: Usage

    @Test(
        "wrong usage ends with 64",
        arguments: [
            ["transcribe"], ["transcribe", "a.wav", "--format", "xml"], ["transcribe", "a.wav", "--beam", "0"],
            ["transcribe", "a.wav", "--ctc-weight", "2"], ["transcribe", "a.wav", "--threads", "0"],
            ["transcribe", "a.wav", "--shard", "3/2"], ["transcribe", "a.wav", "--raw-rate", "1"],
            ["transcribe", "a.wav", "--channel", "-1"], ["train", "recipe.yml"], ["no-such-verb"],
            ["corpus", "import", "librispeech", "x", "-o", "y", "--split", "train"],
        ])
    func usage(arguments: [String]) throws {
        let result = try Program.run(arguments)
        #expect(result.code == 64)
        #expect(result.output.isEmpty && !result.errors.isEmpty)
    }

    @Test func instructionSets() throws {
        let text = try text()
        let arguments = ["transcribe", "--model", model, good]
        let generic = try Program.run(arguments, environment: ["STENO_ISA": "generic"])
        #expect(generic.code == 0 && generic.output == text + "\n")
        let unknown = try Program.run(arguments, environment: ["STENO_ISA": "sse9"])
        #expect(unknown.code == 64 && unknown.output.isEmpty)
        #expect(unknown.errors == "steno: expected avx512, avx2 or generic for STENO_ISA, found sse9\n")
    }

    @Test func aClosedPipeEndsQuietly() throws {
        let result = try Shell.run("'\(Program.path)' transcribe --model '\(model)' '\(good)' '\(good)' | true")
        #expect(result.errors.isEmpty)
    }
}
