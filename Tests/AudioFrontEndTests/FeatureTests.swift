import AudioFrontEnd
import Foundation
import Testing

@Suite("Features")
struct FeatureTests {
    struct Golden: Decodable {
        struct Case: Decodable {
            let name: String
            let options: FeatureOptions
            let frames: Int
            let values: [Float]
        }
        let samples: [Float]
        let cases: [Case]
    }

    @Test("equal Kaldi's to 1e-4")
    func goldens() throws {
        let url = try #require(
            Bundle.module.url(forResource: "filter_banks", withExtension: "json", subdirectory: "Goldens"))
        let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
        #expect(golden.cases.count == 6)
        for example in golden.cases {
            let features = try FeatureExtractor(example.options).features(of: golden.samples.map { $0 / 32768 })
            #expect(features.frames == example.frames, "\(example.name)")
            #expect(features.bins == example.options.melBins)
            try #require(features.values.count == example.values.count)
            let worst = zip(features.values, example.values).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .infinity
            #expect(worst < 1e-4, "\(example.name)")
        }
    }

    @Test("the spectrum is the direct sum for any even transform", arguments: [400, 402, 404, 406, 500, 512, 1024])
    func directSum(points: Int) throws {
        var options = FeatureOptions()
        options.transformPoints = points
        options.window = .rectangular
        options.preEmphasis = 0
        options.removeDC = false
        options.melBins = 10
        let samples = tone(1000, rate: 16_000, count: 400).enumerated().map { $1 + Float($0 % 7) * 0.1 }
        let features = try FeatureExtractor(options).features(of: samples)
        let power = (0...points / 2).map { k in
            var (real, imaginary) = (0.0, 0.0)
            for (n, sample) in samples.enumerated() {
                let angle = 2 * Double.pi * Double(k * n % points) / Double(points)
                real += Double(sample) * cos(angle)
                imaginary -= Double(sample) * sin(angle)
            }
            return real * real + imaginary * imaginary
        }
        let scale = MelScale.htk
        let (low, high) = (scale.mel(hertz: 20), scale.mel(hertz: 8000))
        let step = (high - low) / 11
        for bin in 0..<10 {
            var energy = 0.0
            for (k, value) in power.enumerated() {
                let mel = scale.mel(hertz: Double(k) * 16_000 / Double(points))
                energy += value * max(0, 1 - abs(mel - low - Double(bin + 1) * step) / step)
            }
            #expect(abs(Double(features.values[bin]) - log(energy)) < 1e-5)
        }
    }

    static let variants: [FeatureOptions] = {
        var centred = FeatureOptions()
        centred.framing = .centred
        centred.edges = .reflect
        var zero = centred
        zero.edges = .zero
        zero.transformPoints = 400
        var between = FeatureOptions()
        between.framing = .hopCentred
        between.melBins = 23
        between.hopSeconds = 0.007
        return [FeatureOptions(), centred, zero, between]
    }()

    /// Conventions and combinations of which no frame depends on later ones.
    static let streamable: [FeatureOptions] = {
        var all = variants
        for var options in FeatureOptions.conventions.map(\.options) {
            options.range = 0
            all.append(options)
        }
        var dithered = FeatureOptions()
        dithered.dither = 1e-4
        dithered.energy = .lastColumn
        dithered.energySource = .windowed
        all.append(dithered)
        var placed = FeatureOptions.pythonSpeechFeaturesMFCC
        placed.dither = 3
        placed.frameSamples = 301
        placed.hopSamples = 77
        placed.windowPlacement = .centred
        placed.energy = .firstColumn
        placed.edges = .nearest
        placed.zerothLast = true
        placed.floorRule = .added
        all.append(placed)
        return all
    }()

    @Test("a signal in any pieces gives bit for bit the frames of the whole", arguments: streamable)
    func streaming(options: FeatureOptions) throws {
        var random = SeededGenerator(2)
        let extractor = try FeatureExtractor(options)
        for round in 0..<40 {
            let count =
                round < 20 ? Int.random(in: 0...1200, using: &random) : Int.random(in: 0...20_000, using: &random)
            let samples = (0..<count).map { _ in Float.random(in: -0.5...0.5, using: &random) }
            let whole = extractor.features(of: samples)
            #expect(whole.frames == options.frameCount(samples: count))
            var stream = extractor.stream()
            var pieces = Features(frames: 0, bins: options.bins, values: [])
            var start = 0
            let longest = [1, 50, 161, 700, 5000].randomElement(using: &random) ?? 1
            while start < count {
                let end = min(count, start + Int.random(in: 0...longest, using: &random))
                pieces.append(stream.push(Array(samples[start..<end])))
                start = end
            }
            pieces.append(stream.finish())
            #expect(pieces.frames == whole.frames)
            let same = pieces.values.map(\.bitPattern) == whole.values.map(\.bitPattern)
            #expect(same, "\(count) samples")
        }
    }

    @Test(
        "a frame comes no later than the latency says, and the latency is no larger than it must", arguments: streamable
    )
    func latency(options: FeatureOptions) throws {
        var stream = try FeatureExtractor(options).stream()
        let hop = options.hop
        var (frames, latest) = (0, 0)
        for count in 1...hop * 12 + options.latencySamples {
            for frame in frames..<frames + stream.push([0.1]).frames {
                latest = max(latest, count - frame * hop)
                frames += 1
            }
        }
        #expect(frames >= 12)
        #expect(latest == options.latencySamples)
        #expect(abs(options.latencySeconds - Double(latest) / Double(options.sampleRate)) < 1e-12)
    }

    @Test("a frame comes as soon as its last sample is there")
    func atOnce() throws {
        var stream = try FeatureExtractor().stream()
        #expect(stream.push([Float](repeating: 0.1, count: 399)).frames == 0)
        #expect(stream.push([0.1]).frames == 1)
        #expect(stream.push([Float](repeating: 0.1, count: 159)).frames == 0)
        #expect(stream.push([0.1]).frames == 1)
        #expect(stream.finish().frames == 0)
    }

    @Test("a finished stream begins again")
    func reuse() throws {
        let extractor = try FeatureExtractor(Self.variants[1])
        let samples = tone(440, rate: 16_000, count: 3000)
        var stream = extractor.stream()
        var first = stream.push(samples)
        first.append(stream.finish())
        var second = stream.push(samples)
        second.append(stream.finish())
        #expect(first == second)
        #expect(first == extractor.features(of: samples))
    }

    @Test("silence and signals too short for a frame are handled")
    func edges() throws {
        let extractor = try FeatureExtractor()
        let silence = extractor.features(of: [Float](repeating: 0, count: 1600))
        #expect(silence.frames == 8)
        #expect(silence.values.allSatisfy { abs($0 - Float(log(1.1920928955078125e-07))) < 1e-5 })
        for count in [0, 1, 399] {
            #expect(extractor.features(of: [Float](repeating: 0.5, count: count)).frames == 0)
        }
    }

    @Test("loud and impossible samples still give finite features")
    func finite() throws {
        let extractor = try FeatureExtractor()
        for sample in [Float.greatestFiniteMagnitude, 1e30, .nan, .infinity] {
            var samples = tone(440, rate: 16_000, count: 1600)
            samples[700] = sample
            let features = extractor.features(of: samples)
            #expect(features.values.allSatisfy { $0.isFinite })
        }
    }

    @Test("a loud frame does not touch the others that are made with it")
    func leakage() throws {
        let extractor = try FeatureExtractor()
        let quiet = tone(440, rate: 16_000, count: 3000).map { $0 * 1e-3 }
        var loud = quiet
        for index in 1700..<1900 { loud[index] = 1e6 }
        let (one, other) = (extractor.features(of: quiet), extractor.features(of: loud))
        for frame in 0..<one.frames where frame * 160 + 400 <= 1700 || frame * 160 >= 1900 {
            let range = frame * 80..<(frame + 1) * 80
            #expect(one.values[range] == other.values[range])
        }
    }

    @Test("a tone is loudest in the filter of its frequency")
    func tonePlace() throws {
        let extractor = try FeatureExtractor()
        let scale = MelScale.htk
        for hertz in [300.0, 1000, 4000] {
            let features = extractor.features(of: tone(hertz, rate: 16_000, count: 1600))
            let frame = Array(features.values[..<80])
            let loudest = try #require(frame.indices.max { frame[$0] < frame[$1] })
            let step = (scale.mel(hertz: 8000) - scale.mel(hertz: 20)) / 81
            let centre = scale.hertz(mel: scale.mel(hertz: 20) + Double(loudest + 1) * step)
            #expect(abs(scale.mel(hertz: centre) - scale.mel(hertz: hertz)) <= step)
        }
    }

    @Test("threads that share an extractor get the same features")
    func threads() async throws {
        let extractor = try FeatureExtractor()
        let signals = (1...8).map { tone(Double($0) * 200, rate: 16_000, count: 16_000) }
        let alone = signals.map { extractor.features(of: $0) }
        let together = await withTaskGroup(of: (Int, Features, Bool).self) { group in
            for (index, signal) in signals.enumerated() {
                group.addTask {
                    let other = try? FeatureExtractor().features(of: signal)
                    let features = extractor.features(of: signal)
                    return (index, features, other == features)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(together.count == 8)
        for (index, features, same) in together {
            #expect(features == alone[index])
            #expect(same)
        }
    }

    @Test("the Slaney scale bends at 1 kHz and comes back")
    func slaney() {
        #expect(abs(MelScale.slaney.mel(hertz: 500) - 7.5) < 1e-9)
        #expect(abs(MelScale.slaney.mel(hertz: 1000) - 15) < 1e-9)
        #expect(abs(MelScale.slaney.mel(hertz: 6400) - 42) < 1e-9)
        for scale in MelScale.allCases {
            for hertz in [0.0, 20, 999, 1001, 7999] {
                #expect(abs(scale.hertz(mel: scale.mel(hertz: hertz)) - hertz) < 1e-6)
            }
        }
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let name: String
        let change: @Sendable (inout FeatureOptions) -> Void
        var testDescription: String { name }
    }

    static let wrong: [Wrong] = [
        Wrong(name: "sampleRate") { $0.sampleRate = 1 },
        Wrong(name: "frameSeconds") { $0.frameSeconds = 0 },
        Wrong(name: "frameSeconds") { $0.frameSeconds = .nan },
        Wrong(name: "frameSeconds") { $0.frameSeconds = 1e300 },
        Wrong(name: "hopSeconds") { $0.hopSeconds = 0.026 },
        Wrong(name: "hopSeconds") { $0.hopSeconds = 0 },
        Wrong(name: "transformPoints") { $0.transformPoints = 398 },
        Wrong(name: "transformPoints") { $0.transformPoints = 401 },
        Wrong(name: "preEmphasis") { $0.preEmphasis = 2 },
        Wrong(name: "sampleScale") { $0.sampleScale = 0 },
        Wrong(name: "melBins") { $0.melBins = 0 },
        Wrong(name: "lowHertz") { $0.lowHertz = -1 },
        Wrong(name: "lowHertz") { $0.lowHertz = 8000 },
        Wrong(name: "highHertz") { $0.highHertz = 8001 },
        Wrong(name: "highHertz") { $0.highHertz = 10 },
        Wrong(name: "logFloor") { $0.logFloor = 0 },
        Wrong(name: "energyFloor") { $0.energyFloor = -1 },
        Wrong(name: "frameSamples") { $0.frameSamples = -1 },
        Wrong(name: "frameSamples") { $0.frameSamples = 70_000 },
        Wrong(name: "hopSamples") { $0.hopSamples = 401 },
        Wrong(name: "dither") { $0.dither = -1 },
        Wrong(name: "dither") { $0.dither = .nan },
        Wrong(name: "reference") { $0.reference = -1 },
        Wrong(name: "range") { $0.range = -80 },
        Wrong(name: "outputOffset") { $0.outputOffset = .infinity },
        Wrong(name: "outputScale") { $0.outputScale = 0 },
        Wrong(name: "lifter") { $0.lifter = -22 },
        Wrong(name: "coefficients") {
            $0.output = .mfcc
            $0.coefficients = 81
        },
    ]

    @Test("an option out of range is refused by name", arguments: wrong)
    func refused(wrong: Wrong) throws {
        var options = FeatureOptions()
        wrong.change(&options)
        let error = try #require(throws: AudioError.self) { try FeatureExtractor(options) }
        guard case .option(let name, _, _) = error else {
            Issue.record(error)
            return
        }
        #expect(name == wrong.name)
    }

    @Test("a refusal says what is nearest")
    func nearest() throws {
        var options = FeatureOptions()
        options.melBins = 5000
        let error = try #require(throws: AudioError.self) { try options.validate() }
        #expect(error.description == "melBins: expected 1 to 1024 (nearest: 1024), found 5000.")
        options = FeatureOptions()
        options.transformPoints = 401
        let odd = try #require(throws: AudioError.self) { try options.validate() }
        #expect(odd.description.contains("(nearest: 402)"))
        options = FeatureOptions()
        options.frameSeconds = 0
        let short = try #require(throws: AudioError.self) { try options.validate() }
        #expect(short.description.contains("2 to 65536 samples (nearest: 0.000125 s), found 0.0 s."))
    }

    @Test("dither is normal, of the given deviation, and another for another seed")
    func dither() throws {
        var options = FeatureOptions()
        options.output = .spectrogram
        options.compression = .none
        options.window = .rectangular
        options.preEmphasis = 0
        options.removeDC = false
        options.framing = .snipEdges
        options.dither = 0.5
        options.sampleScale = 100
        options.energy = .firstColumn
        let silence = [Float](repeating: 0, count: 400_000)
        let noise = try FeatureExtractor(options).features(of: silence)
        let energies = (0..<noise.frames).map { Double(noise.values[$0 * noise.bins]) }
        let mean = energies.reduce(0, +) / Double(energies.count) / 400
        #expect(abs(mean - 0.25) < 0.002)  // 400,000 squares of deviation 0.35: four deviations of their mean
        let spread = energies.map { ($0 / 400 - mean) * ($0 / 400 - mean) }.reduce(0, +) / Double(energies.count)
        #expect(abs(spread * 400 / (mean * mean) - 2) < 0.25)  // the fourth moment of a normal distribution
        options.ditherSeed = 1
        #expect(try FeatureExtractor(options).features(of: silence) != noise)
        options.ditherSeed = 0
        #expect(try FeatureExtractor(options).features(of: silence) == noise)
    }

    @Test("dither is the generator that its documentation names")
    func generator() throws {
        var options = FeatureOptions()
        options.output = .spectrogram
        options.compression = .none
        options.window = .rectangular
        options.preEmphasis = 0
        options.removeDC = false
        options.frameSamples = 2
        options.hopSamples = 2
        options.dither = 1
        let features = try FeatureExtractor(options).features(of: [0, 0, 0, 0])
        try #require(features.frames == 2 && features.bins == 2)
        // Philox4x32-10's published answer for counter 0 and key 0.
        let words: [UInt32] = [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]
        for pair in 0..<2 {
            let radius = (-2 * log(Double((words[2 * pair] >> 8) + 1) / 16_777_216)).squareRoot()
            let angle = 2 * Double.pi * Double(words[2 * pair + 1]) / 4_294_967_296
            let (one, other) = (radius * cos(angle), radius * sin(angle))
            #expect(abs(Double(features.values[2 * pair]) - (one + other) * (one + other)) < 1e-5)
            #expect(abs(Double(features.values[2 * pair + 1]) - (one - other) * (one - other)) < 1e-5)
        }
    }

    @Test("the largest value of the whole signal bounds the range, and the largest so far does in a stream")
    func range() throws {
        var options = FeatureOptions.whisper
        options.outputOffset = 0
        options.outputScale = 1
        var unbounded = options
        unbounded.range = 0
        #expect(unbounded.isStreamable && !options.isStreamable)
        let samples = tone(440, rate: 16_000, count: 8000).enumerated().map { $1 * Float($0) * 1e-4 }
        let plain = try FeatureExtractor(unbounded).features(of: samples)
        let top = try #require(plain.values.max())
        let extractor = try FeatureExtractor(options)
        #expect(extractor.features(of: samples).values == plain.values.map { max($0, top - 8) })
        var stream = extractor.stream()
        var pieces = Features(frames: 0, bins: 80, values: [])
        for start in stride(from: 0, to: 8000, by: 123) {
            pieces.append(stream.push(Array(samples[start..<min(8000, start + 123)])))
        }
        pieces.append(stream.finish())
        var running = -Float.infinity
        var expected: [Float] = []
        for frame in 0..<plain.frames {
            let row = plain.values[frame * 80..<(frame + 1) * 80]
            running = max(running, row.max() ?? running)
            expected += row.map { max($0, running - 8) }
        }
        #expect(pieces.values == expected)
        options.range = 0
        options.reference = 0
        #expect(try FeatureExtractor(options).features(of: samples).values == plain.values.map { $0 - top })
    }

    @Test("options come back from JSON, and what JSON leaves out has its default")
    func codable() throws {
        for options in Self.streamable {
            let data = try JSONEncoder().encode(options)
            #expect(try JSONDecoder().decode(FeatureOptions.self, from: data) == options)
        }
        #expect(try JSONDecoder().decode(FeatureOptions.self, from: Data("{}".utf8)) == FeatureOptions())
    }
}
