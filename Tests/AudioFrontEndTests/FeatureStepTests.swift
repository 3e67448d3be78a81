import AudioFrontEnd
import Foundation
import Testing

extension FeaturePipeline: CustomTestStringConvertible {
    public var testDescription: String { steps.map(\.description).joined(separator: "; ") }
}

@Suite("Steps")
struct FeatureStepTests {
    struct Golden: Decodable {
        struct Case: Decodable {
            let step: FeatureStep
            let frames: Int
            let values: [Float]
        }
        let bins: Int
        let input: [Float]
        let cases: [Case]
    }

    @Test("give what Kaldi, HTK's formula, librosa and torchaudio give")
    func goldens() throws {
        let url = try #require(Bundle.module.url(forResource: "steps", withExtension: "json", subdirectory: "Goldens"))
        let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
        #expect(golden.cases.count == 24)
        for example in golden.cases {
            let values = Array(golden.input[..<(example.frames * golden.bins)])
            let output = try example.step.apply(
                to: Features(frames: example.frames, bins: golden.bins, values: values))
            #expect(output.frames == example.step.frameCount(of: example.frames))
            #expect(output.bins == example.step.bins(of: golden.bins))
            try #require(output.values.count == example.values.count, "\(example.step)")
            let worst = zip(output.values, example.values).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .infinity
            // torchaudio's variances are differences of sums in single precision.
            #expect(worst < 5e-5, "\(example.step) \(example.frames)")
        }
    }

    static let pipelines: [FeaturePipeline] = {
        var centred = SlidingNormalisation()
        centred.isCentred = true
        centred.window = 21
        centred.scalesVariance = true
        var sliding = SlidingNormalisation()
        sliding.window = 30
        sliding.minimum = 9
        var small = FeatureOptions.whisper
        small.melBins = 5
        small.range = 0
        var statistics = FeatureStatistics(bins: 5)
        try? statistics.add(Features(frames: 2, bins: 5, values: (0..<10).map { Float($0 * $0) }))
        return [
            FeaturePipeline(.kaldiMFCC, steps: [.deltas(Deltas())]),
            FeaturePipeline(small, steps: [.deltas(Deltas(order: 3, window: 2, kind: .htk))]),
            FeaturePipeline(small, steps: [.deltas(Deltas(order: 2, window: 4, kind: .librosa))]),
            FeaturePipeline(small, steps: [.slidingNormalisation(sliding)]),
            FeaturePipeline(small, steps: [.slidingNormalisation(centred)]),
            FeaturePipeline(small, steps: [.stacking(Stacking(left: 3, right: 3, stride: 6))]),
            FeaturePipeline(small, steps: [.stacking(Stacking(left: 0, right: 0, stride: 7))]),
            FeaturePipeline(
                small,
                steps: [
                    .normalisation(.global(statistics)), .deltas(Deltas(order: 1, window: 3)),
                    .slidingNormalisation(sliding), .stacking(Stacking(left: 1, right: 2, stride: 3)),
                    .deltas(Deltas(order: 2, window: 1, kind: .htk)),
                ]),
        ]
    }()

    private func pieces(
        of samples: [Float], _ extractor: FeatureExtractor, longest: Int, _ random: inout SeededGenerator
    ) -> Features {
        var stream = extractor.stream()
        var all = Features(frames: 0, bins: extractor.bins, values: [])
        var start = 0
        while start < samples.count {
            let end = min(samples.count, start + Int.random(in: 0...longest, using: &random))
            all.append(stream.push(Array(samples[start..<end])))
            start = end
        }
        all.append(stream.finish())
        return all
    }

    @Test("a signal in any pieces gives bit for bit the frames of the whole", arguments: pipelines)
    func streaming(pipeline: FeaturePipeline) throws {
        #expect(pipeline.isStreamable)
        var random = SeededGenerator(3)
        let extractor = try FeatureExtractor(pipeline)
        for round in 0..<30 {
            let count = Int.random(in: 0...(round < 15 ? 3000 : 30_000), using: &random)
            let samples = (0..<count).map { _ in Float.random(in: -0.5...0.5, using: &random) }
            let whole = extractor.features(of: samples)
            #expect(whole.frames == pipeline.frameCount(samples: count) && whole.bins == pipeline.bins)
            let parts = pieces(of: samples, extractor, longest: [50, 700, 9000][round % 3], &random)
            #expect(parts.frames == whole.frames)
            #expect(parts.values.map(\.bitPattern) == whole.values.map(\.bitPattern), "\(count) samples")
        }
    }

    @Test("no frame comes later than the latency says", arguments: pipelines)
    func latency(pipeline: FeaturePipeline) throws {
        var stream = try FeatureExtractor(pipeline).stream()
        var (frames, latest) = (0, 0)
        for count in 1...pipeline.hop * 12 + pipeline.latencySamples {
            for frame in frames..<frames + stream.push([0.1]).frames {
                latest = max(latest, count - frame * pipeline.hop)
                frames += 1
            }
        }
        #expect(frames >= 12)
        #expect(latest <= pipeline.latencySamples)
        // Reflection at the beginning, which may make the first frame wait for one sample more, ends within a step's.
        if pipeline.steps.count == 1 { #expect(latest >= pipeline.latencySamples - 1) }
    }

    @Test("a stream normalises with the frames so far", arguments: [Normalisation.utterance, .utteranceMean])
    func running(normalisation: Normalisation) throws {
        var options = FeatureOptions()
        options.melBins = 7
        let pipeline = FeaturePipeline(options, steps: [.normalisation(normalisation)])
        #expect(!pipeline.isStreamable)
        var random = SeededGenerator(8)
        let samples = (0..<9000).map { _ in Float.random(in: -0.5...0.5, using: &random) }
        let plain = try FeatureExtractor(options).features(of: samples)
        let extractor = try FeatureExtractor(pipeline)
        var expected = plain
        try normalisation.apply(to: &expected)
        #expect(extractor.features(of: samples) == expected)
        let parts = pieces(of: samples, extractor, longest: 700, &random)
        #expect(parts == pieces(of: samples, extractor, longest: 5000, &random))
        for frame in [0, 1, 10, plain.frames - 1] {
            var start = Features(frames: frame + 1, bins: 7, values: Array(plain.values[..<((frame + 1) * 7)]))
            try normalisation.apply(to: &start)
            for bin in 0..<7 { #expect(abs(start.values[frame * 7 + bin] - parts.values[frame * 7 + bin]) < 1e-4) }
        }
    }

    @Test("a finished stream with steps begins again")
    func reuse() throws {
        for pipeline in Self.pipelines {
            var stream = try FeatureExtractor(pipeline).stream()
            let samples = tone(440, rate: 16_000, count: 9000)
            var first = stream.push(samples)
            first.append(stream.finish())
            var second = stream.push(samples)
            second.append(stream.finish())
            #expect(first == second)
        }
    }

    @Test("a pipeline comes back from JSON, and a step names only what differs")
    func codable() throws {
        for pipeline in Self.pipelines {
            let data = try JSONEncoder().encode(pipeline)
            #expect(try JSONDecoder().decode(FeaturePipeline.self, from: data) == pipeline)
        }
        let json = #"{"steps": [{"deltas": {}}, {"stacking": {"stride": 3}}, {"slidingNormalisation": {}}]}"#
        let read = try JSONDecoder().decode(FeaturePipeline.self, from: Data(json.utf8))
        #expect(
            read
                == FeaturePipeline(
                    steps: [
                        .deltas(Deltas()), .stacking(Stacking(stride: 3)),
                        .slidingNormalisation(SlidingNormalisation()),
                    ]))
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(FeatureStep.self, from: Data(#"{"splice": {}}"#.utf8))
        }
    }

    @Test("a step out of range or of another width is refused by one sentence")
    func refused() throws {
        func sentence(_ step: FeatureStep) throws -> String {
            try #require(throws: AudioError.self) {
                try FeatureExtractor(FeaturePipeline(steps: [step]))
            }.description
        }
        #expect(
            try sentence(.deltas(Deltas(order: 9))) == "deltas.order: expected 1 to 4 (nearest: 4), found 9.")
        #expect(try sentence(.deltas(Deltas(window: 0))).hasPrefix("deltas.window: expected 1 to 100"))
        #expect(try sentence(.stacking(Stacking(stride: 0))).hasPrefix("stacking.stride: expected 1 to 1000"))
        var sliding = SlidingNormalisation()
        sliding.minimum = 700
        #expect(try sentence(.slidingNormalisation(sliding)).contains("1 to 600 (nearest: 600), found 700"))
        #expect(
            try sentence(.normalisation(.global(FeatureStatistics(bins: 3))))
                == "expected features of 3 bins, found 80.")
    }

    @Test("a description has the formula with its numbers and every option")
    func description() throws {
        let text = FeaturePipeline(.kaldiMFCC, steps: [.deltas(Deltas()), .normalisation(.utterance)]).description
        for part in [
            "x in [-1, 1] at 16000 Hz, times 32768.0", "400 samples from i · 160, inside of the signal only",
            "x[n] - 0.97 x[max(n - 1, 0)]", "(0.5 - 0.5 cos(2πn / (N - 1)))^0.85, N = 400",
            "P[k] = |Σ_n w[n] x[n] e^(-2πi kn / 512)|², k = 0 ... 256", "from 20.0 to 8000.0 Hz",
            "f = ln (max(E[b], 1.1920928955078125e-07))", "cos(πi (b + ½) / 23), i = 0 ... 12",
            "c[i] (1 + 11.0 sin(πi / 22.0))", "in the place of c[0]", "Δx[t] = Σ_j j x[t + j] / Σ_j j², j = -2 ... 2",
            "features   39 values every 160 samples (0.01 s)", "with running values",
            "\nmelBins: 23\n", "\nlifter: 22.0\n",
        ] { #expect(text.contains(part), "\(part) in \(text)") }
        for (name, options) in FeatureOptions.conventions {
            #expect(!options.description.contains("  \n") && !options.description.contains("nil"), "\(name)")
        }
        let whisper = FeaturePipeline(.whisper).description
        #expect(whisper.contains("max(f, the largest f of the signal (in a stream: so far) - 8.0)"))
        #expect(whisper.contains("(f + 4.0) · 0.25"))
    }
}
