import AudioFrontEnd
import Foundation
import Testing

@Suite("Passes over a signal")
struct FeaturePassesTests {
    private static let pipelines: [(pipeline: FeaturePipeline, passes: Int)] = [
        (FeaturePipeline(), 1),
        (FeaturePipeline(.kaldiMFCC, steps: [.deltas(Deltas()), .slidingNormalisation(SlidingNormalisation())]), 1),
        (FeaturePipeline(.whisper), 2),
        (FeaturePipeline(.kaldi, steps: [.normalisation(.utterance), .deltas(Deltas(order: 1))]), 2),
        (FeaturePipeline(.kaldi, steps: [.normalisation(.utteranceMean)]), 2),
        (
            FeaturePipeline(
                .librosaMFCC,
                steps: [
                    .normalisation(.utteranceMean), .stacking(Stacking(left: 1, right: 1, stride: 2)),
                    .normalisation(.utterance), .deltas(Deltas(order: 2, window: 4, kind: .librosa)),
                ]), 4
        ),
    ]

    /// Whatever the cuts, of the samples and of the rows between the passes.
    @Test(arguments: pipelines.indices, [0, 300, 30_000])
    func theFeaturesAreThoseOfTheWholeSignal(pipeline: Int, count: Int) throws {
        var generator = SeededGenerator(5)
        let samples = (0..<count).map { index in
            Float(sin(0.001 * Double(index))) * Float.random(in: -0.5...0.5, using: &generator)
        }
        let (pipeline, expectedPasses) = Self.pipelines[pipeline]
        let extractor = try FeatureExtractor(pipeline)

        var passes = FeaturePasses(extractor)
        var rows = Features(frames: 0, bins: passes.bins, values: [])
        var first = 0
        while first < count {
            let some = min(Int.random(in: 1...3000, using: &generator), count - first)
            rows.append(passes.push(Array(samples[first..<first + some])))
            first += some
        }
        rows.append(passes.finish())
        var number = 1
        while !passes.isLast {
            passes.next()
            number += 1
            let before = rows
            rows = Features(frames: 0, bins: passes.bins, values: [])
            for frame in stride(from: 0, to: before.frames, by: 7) {
                let end = min(frame + 7, before.frames)
                let values = Array(before.values[frame * before.bins..<end * before.bins])
                rows.append(passes.push(rows: Features(frames: end - frame, bins: before.bins, values: values)))
            }
            rows.append(passes.finishRows())
        }
        #expect(number == expectedPasses)
        let whole = extractor.features(of: samples)
        #expect(rows.frames == whole.frames && rows.bins == whole.bins)
        #expect(rows.values.map(\.bitPattern) == whole.values.map(\.bitPattern))
    }
}
