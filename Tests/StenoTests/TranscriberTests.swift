import AudioFrontEnd
import Foundation
import Steno
import StenoTestSupport
import Testing

@Suite("Transcriber")
struct TranscriberTests {
    let folder: TemporaryFolder
    let model: String

    init() throws {
        folder = try TemporaryFolder()
        model = folder.path("tiny.safetensors")
        try tinyModel().write(to: model, matrices: .float32)
    }

    private func transcriber(threads: Int = 2, longest: Double? = nil) throws -> Transcriber {
        try Transcriber(
            model: URL(fileURLWithPath: model), threads: threads, options: .init(longestSegmentSeconds: longest))
    }

    @Test func aFileAndItsSamplesGiveTheSame() throws {
        let samples = spoken("abc cab")
        let path = try folder.write(WaveBytes(floats: samples).file, as: "clip.wav")
        let transcriber = try transcriber()
        let fromFile = try transcriber.transcribe(URL(fileURLWithPath: path))
        #expect(try transcriber.transcribe(samples: samples, sampleRate: 16_000) == fromFile)
        #expect(fromFile.segments.count == 1)
        #expect(fromFile.segments.first?.startSeconds == 0)
        #expect(abs(fromFile.durationSeconds - Double(samples.count) / 16_000) < 1e-6)
        #expect(fromFile.segments.first.map { abs($0.endSeconds - fromFile.durationSeconds) < 0.02 } == true)
        #expect(fromFile.score < 0)
    }

    @Test func manyTogetherAreAsEachAlone() throws {
        let recordings = (0..<20).map { number in
            Recording(.samples(spoken(String(repeating: "ab c", count: 1 + number * 3 % 7)), sampleRate: 16_000))
        }
        let transcriber = try transcriber()
        var numbers: [Int] = []
        var together: [Transcription] = []
        try transcriber.transcribe(recordings) { number, outcome in
            numbers.append(number)
            together.append(try outcome.get())
        }
        #expect(numbers == Array(0..<20))
        for (recording, transcription) in zip(recordings, together) {
            try transcriber.transcribe([recording]) { _, outcome in
                let alone = try outcome.get()
                #expect(alone.text == transcription.text)
                #expect(abs(alone.score - transcription.score) < 1e-3)
            }
        }
    }

    @Test func threadsDoNotChangeTheText() throws {
        let samples = (0..<12).flatMap { _ in spoken("abc a b") + hush(seconds: 0.4) }
        let one = try transcriber(threads: 1, longest: 2).transcribe(samples: samples, sampleRate: 16_000)
        let three = try transcriber(threads: 3, longest: 2).transcribe(samples: samples, sampleRate: 16_000)
        #expect(one.segments == three.segments)
        #expect(one.segments.count > 5)
    }

    @Test func longRecordingsHaveTimes() throws {
        let word = spoken("abcabc")
        let pause = hush(seconds: 0.5)
        let samples = (0..<8).flatMap { _ in word + pause }
        let transcription = try transcriber(longest: 2).transcribe(samples: samples, sampleRate: 16_000)
        let period = Double(word.count + pause.count) / 16_000
        #expect(transcription.segments.count == 8)
        for (number, segment) in transcription.segments.enumerated() {
            #expect(abs(segment.startSeconds - Double(number) * period) < 0.5)
            #expect(segment.endSeconds > segment.startSeconds && segment.endSeconds - segment.startSeconds <= 2.1)
        }
        let texts = transcription.segments.map(\.text).filter { !$0.isEmpty }
        #expect(transcription.text == texts.joined(separator: " "))
    }

    @Test func digitalSilenceHasNoText() throws {
        let transcription = try transcriber().transcribe(
            samples: [Float](repeating: 0, count: 16_000), sampleRate: 16_000)
        #expect(transcription.text.isEmpty && transcription.segments.isEmpty)
        #expect(transcription.durationSeconds == 1)
    }

    @Test func aBadRecordingLeavesTheOthers() throws {
        let good = try folder.write(WaveBytes(spoken("abc")).file, as: "good.wav")
        let short = try folder.write(WaveBytes([Float](repeating: 0.1, count: 100)).file, as: "short.wav")
        var outcomes: [Result<Transcription, StenoError>] = []
        let paths = [good, folder.path("none.wav"), short, good]
        try transcriber().transcribe(paths.map(Recording.init(path:))) { outcomes.append($1) }
        #expect(throws: Never.self) { try outcomes[0].get() }
        #expect(throws: StenoError.audio(.missing(path: folder.path("none.wav")))) { try outcomes[1].get() }
        #expect(throws: StenoError.audioTooShort(path: short, seconds: 0.00625, neededSeconds: 0.025)) {
            try outcomes[2].get()
        }
        #expect(try outcomes[3].get() == outcomes[0].get())
    }

    @Test func aPartOfAFileIsAsTheFileOfThatPart() throws {
        let samples = hush(seconds: 1) + spoken("abc") + hush(seconds: 1)
        let path = try folder.write(WaveBytes(floats: samples).file, as: "long.wav")
        var part = Recording(path: path)
        part.startSeconds = 1
        part.durationSeconds = Double(spoken("abc").count) / 16_000
        let transcriber = try transcriber()
        let whole = try transcriber.transcribe(samples: spoken("abc"), sampleRate: 16_000)
        try transcriber.transcribe([part]) { _, outcome in
            let found = try outcome.get()
            #expect(found.text == whole.text)
        }
    }

    /// A model beside itself has the mean of equal probabilities: its own.
    @Test func aModelBesideItselfFindsTheSame() throws {
        let alone = try Transcriber(models: [model]).transcribe(samples: spoken("abc"), sampleRate: 16_000)
        let both = try Transcriber(models: [model, model]).transcribe(samples: spoken("abc"), sampleRate: 16_000)
        #expect(!alone.text.isEmpty && both.text == alone.text)
    }

    @Test func aMissingModelIsNamed() {
        #expect(throws: StenoError.self) { try Transcriber(models: ["/nowhere/model.safetensors"]) }
        let error = #expect(throws: StenoError.self) { try Transcriber(models: ["no-such-model"]) }
        #expect(error?.description.contains("no-such-model.safetensors") == true)
    }

    @Test func optionsOutOfRangeAreRefused() {
        for options in [Transcriber.Options(beam: 0), .init(ctcWeight: 2), .init(longestSegmentSeconds: 0)] {
            #expect(throws: StenoError.self) {
                try Transcriber(model: URL(fileURLWithPath: model), options: options)
            }
        }
        #expect(throws: StenoError.self) { try Transcriber(model: URL(fileURLWithPath: model), threads: 0) }
    }
}
