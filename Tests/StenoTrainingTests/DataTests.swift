import AudioFrontEnd
import Foundation
import StenoModels
import StenoTensor
import StenoTestSupport
import StenoText
import StenoTraining
import Testing

@Suite struct BatchPlanTests {
    private static let lengths: [Int] = {
        var random = RandomStream(key: 3)
        return (0..<500).map { _ in 10 + Int(random.next() % 900) }
    }()

    private func plan(key: UInt64, frames: Int = 4000, utterances: Int = 16) -> [[BatchItem]] {
        BatchPlan(
            lengths: Self.lengths, speeds: [0.9, 1, 1.1], batchFrames: frames, batchUtterances: utterances, key: key
        ).batches
    }

    @Test func everyExampleIsThereOnce() {
        #expect(plan(key: 1).joined().map(\.example).sorted() == Array(0..<500))
    }

    @Test func batchesKeepTheirLimits() {
        for batch in plan(key: 1) {
            let longest = batch.map { Double(Self.lengths[$0.example]) / $0.speed }.max() ?? 0
            #expect(batch.count <= 16)
            #expect(longest * Double(batch.count) <= 4000)
        }
    }

    @Test func anUtteranceThatIsLongerThanABatchStandsAlone() {
        for batch in plan(key: 1, frames: 100) where batch.count > 1 {
            let longest = batch.map { Double(Self.lengths[$0.example]) / $0.speed }.max() ?? 0
            #expect(longest * Double(batch.count) <= 100)
        }
        #expect(plan(key: 1, frames: 100).joined().count == 500)
    }

    @Test func theKeyAloneDecides() {
        #expect(plan(key: 1) == plan(key: 1))
        #expect(plan(key: 1) != plan(key: 2))
    }

    @Test func allSpeedsAreDrawn() {
        let speeds = plan(key: 1).joined().map(\.speed)
        for speed in [0.9, 1, 1.1] { #expect((120...220).contains(speeds.count { $0 == speed })) }
    }

    /// Sources and targets whose lengths have nothing to do with each other, as in dialogue.
    @Test func littleIsPaddingOnEitherSide() {
        var random = RandomStream(key: 5)
        func lengths() -> [Int] { (0..<20_000).map { _ in 2 + Int(random.next() % 30) } }
        let (sources, targets) = (lengths(), lengths())
        let batches = BatchPlan(
            lengths: sources, targetLengths: targets, speeds: [1], batchFrames: 2000, batchUtterances: 200, key: 6
        ).batches
        #expect(batches.joined().map(\.example).sorted() == Array(0..<20_000))
        for lengths in [sources, targets] {
            let padded = batches.map { batch in (batch.map { lengths[$0.example] }.max() ?? 0) * batch.count }
            #expect(padded.allSatisfy { $0 <= 2000 })
            #expect(Double(lengths.reduce(0, +)) / Double(padded.reduce(0, +)) > 0.85)
        }
    }

    @Test func littleIsPadding() {
        var padded = 0.0
        var real = 0.0
        for batch in plan(key: 4) {
            let lengths = batch.map { Double(Self.lengths[$0.example]) / $0.speed }
            padded += (lengths.max() ?? 0) * Double(batch.count)
            real += lengths.reduce(0, +)
        }
        #expect(real / padded > 0.85)
    }
}

@Suite struct MaskingTests {
    private let features = Features(frames: 60, bins: 30, values: [Float](repeating: 1, count: 1800))

    private func masked(_ options: MaskingOptions, key: UInt64) -> Features {
        var copy = features
        options.apply(to: &copy, key: key)
        return copy
    }

    /// Runs of indices that are masked throughout.
    private func runs(_ flags: [Bool]) -> [Int] {
        flags.split(separator: false).map(\.count)
    }

    @Test func masksStayWithinTheirWidths() {
        var options = MaskingOptions()
        (options.frequencyMasks, options.frequencyWidth, options.timeMasks) = (1, 7, 0)
        var widest = 0
        for key in 0..<300 {
            let values = masked(options, key: UInt64(key)).values
            let flags = (0..<30).map { bin in (0..<60).allSatisfy { values[$0 * 30 + bin] == 0 } }
            #expect(runs(flags).count <= 1)
            #expect(values.count { $0 == 0 } == 60 * flags.count { $0 })
            widest = max(widest, runs(flags).first ?? 0)
        }
        #expect(widest == 7)

        (options.frequencyMasks, options.timeMasks, options.timeWidth, options.timeShare) = (0, 1, 40, 0.1)
        widest = 0
        for key in 0..<300 {
            let values = masked(options, key: UInt64(key)).values
            let flags = (0..<60).map { frame in (0..<30).allSatisfy { values[frame * 30 + $0] == 0 } }
            #expect(values.count { $0 == 0 } == 30 * flags.count { $0 })
            widest = max(widest, runs(flags).first ?? 0)
        }
        #expect(widest == 6, "a tenth of the frames, though the widest mask is 40")
    }

    @Test func theKeyAloneDecides() {
        let options = MaskingOptions()
        #expect(masked(options, key: 8) == masked(options, key: 8))
        #expect(masked(options, key: 8) != masked(options, key: 9))
    }

    @Test func whatIsShorterThanAMaskIsNoError() {
        var options = MaskingOptions()
        (options.frequencyWidth, options.timeWidth, options.timeShare) = (1000, 1000, 1)
        for frames in 0..<4 {
            var short = Features(frames: frames, bins: 3, values: [Float](repeating: 1, count: 3 * frames))
            for key in 0..<50 { options.apply(to: &short, key: UInt64(key)) }
        }
    }

    @Test func noMasksChangeNothing() {
        var options = MaskingOptions()
        (options.frequencyMasks, options.timeMasks) = (0, 0)
        #expect(masked(options, key: 1) == features)
    }
}

@Suite struct AudioFeaturesTests {
    private func entry(_ folder: TemporaryFolder, start: Double = 0, duration: Double) throws -> ManifestEntry {
        let samples = (0..<16_000).map { 0.25 * Float(sin(0.3 * Double($0)) * (Double($0) / 16_000)) }
        try folder.write(ToneCorpus.wave(samples), as: "a.wav")
        return ManifestEntry(
            id: "a", audioPath: folder.path("a.wav"), startSeconds: start, durationSeconds: duration, text: "x")
    }

    private func features(cacheMegabytes: Int = 10) throws -> AudioFeatures {
        AudioFeatures(try FeatureExtractor(Recipe.tones.features), cacheMegabytes: cacheMegabytes)
    }

    @Test(arguments: [0.5, 0.9, 1.0, 1.1, 2.0]) func speedChangesTheLength(_ speed: Double) throws {
        let folder = try TemporaryFolder()
        let audio = try features()
        let frames = try audio(try entry(folder, duration: 2), speed: speed).frames
        #expect(abs(frames - audio.frames(seconds: 2 / speed)) <= 1)
    }

    /// Whether there was room in the cache must not show in the result.
    @Test func theCacheChangesNothing() throws {
        let folder = try TemporaryFolder()
        let entry = try entry(folder, duration: 2)
        let (with, without) = (try features(), try features(cacheMegabytes: 0))
        let first = try with(entry)
        #expect(try with(entry) == first)
        #expect(try without(entry) == first)
        #expect(try without(entry, speed: 0.9) == with(entry, speed: 0.9))
    }

    /// Ids are unique within one manifest only; train and dev may both have an utterance `1`.
    @Test func theCacheKnowsUtterancesOfOneIDApart() throws {
        let folder = try TemporaryFolder()
        let audio = try features()
        let entry = try entry(folder, duration: 2)
        var other = entry
        other.audioPath = folder.path("b.wav")
        try folder.write(ToneCorpus.wave([Float](repeating: 0.01, count: 4000)), as: "b.wav")
        let first = try audio(entry)
        #expect(try audio(other).frames == audio.frames(seconds: 0.5))
        #expect(try audio(entry) == first)
    }

    @Test(arguments: [0, 10]) func anUtteranceIsCutFromALongerFile(cacheMegabytes: Int) throws {
        let folder = try TemporaryFolder()
        let audio = try features(cacheMegabytes: cacheMegabytes)
        let whole = try audio(try entry(folder, duration: 2))
        let head = try audio(try entry(folder, duration: 1))
        let tail = try audio(try entry(folder, start: 1, duration: 1))
        let beyond = try audio(try entry(folder, start: 5, duration: 1))
        #expect(head.frames == audio.frames(seconds: 1))
        #expect(head.values == Array(whole.values.prefix(head.values.count)))
        #expect(tail.frames == head.frames)
        #expect(tail.values.suffix(20) == whole.values.suffix(20))
        #expect(beyond.frames == 0)
    }

    @Test func aRoundedDurationCutsNothing() throws {
        let folder = try TemporaryFolder()
        let audio = try features()
        #expect(try audio(try entry(folder, duration: 1.96)).frames == audio.frames(seconds: 2))
    }
}

@Suite struct DatasetTests {
    private func dataset(_ entries: [ManifestEntry], fastest: Double = 1) throws -> Dataset {
        Dataset(
            entries, audio: AudioFeatures(try FeatureExtractor(Recipe.tones.features), cacheMegabytes: 1),
            vocabulary: Vocabulary(characters: "ab".unicodeScalars), durations: 0.1...5, fastest: fastest,
            steps: { $0 / 4 })
    }

    private func entry(_ id: String, seconds: Double, _ text: String) -> ManifestEntry {
        ManifestEntry(id: id, audioPath: "none", durationSeconds: seconds, text: text)
    }

    @Test func whatCannotBeUsedIsNamed() throws {
        let set = try dataset([
            entry("good", seconds: 1, "ab"), entry("short", seconds: 0.05, "a"), entry("long", seconds: 9, "a"),
            entry("empty", seconds: 1, ""), entry("foreign", seconds: 1, "xa"),
            entry("crowded", seconds: 0.2, "ababab"),
        ])
        #expect(set.examples.map(\.id) == ["good"])
        #expect(set.setAside.map(\.id) == ["short", "long", "empty", "foreign", "crowded"])
        #expect(
            set.setAside.map(\.reason) == [
                "lasts 0.05 s", "lasts 9.0 s", "has no text", set.setAside[3].reason,
                "has 6 symbols to align but only 4 encoder steps",
            ])
        #expect(set.setAside[3].reason.contains("x"))
    }

    /// A repeated character needs a blank between, and the fastest speed has the fewest frames.
    @Test func repeatsAndSpeedCount() throws {
        let entries = [entry("repeats", seconds: 0.2, "aaa"), entry("plain", seconds: 0.2, "aba")]
        #expect(try dataset(entries).examples.map(\.id) == ["plain"])
        #expect(try dataset(entries, fastest: 1.5).examples.map(\.id) == [])
    }
}
