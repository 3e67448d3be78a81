import AudioFrontEnd
import Foundation
import Testing

@Suite("Pitch")
struct PitchTests {
    struct Golden: Decodable {
        struct Case: Decodable {
            let name: String
            let signal: String
            let options: PitchOptions
            let count: Int?
            let hertz: Double?
            let depth: Double?
            let harmonics: Int?
            let parts: Int?
            let noise: Double?
            let pyin: [Float]
            let voicing: [Float]
            let yin: [Float]
        }
        /// 16-bit samples, little-endian.
        let clip: Data
        let cases: [Case]

        /// The signal of a case, by the formula of pitch.py.
        func samples(of example: Case) throws -> [Float] {
            if example.signal == "clip" {
                return stride(from: 0, to: clip.count, by: 2).map {
                    Float(Int16(bitPattern: UInt16(clip[$0]) | UInt16(clip[$0 + 1]) << 8)) / 32768
                }
            }
            let count = try #require(example.count)
            let (hertz, depth) = (try #require(example.hertz), try #require(example.depth))
            let (harmonics, parts) = (try #require(example.harmonics), try #require(example.parts))
            let noise = try #require(example.noise)
            var random = SeededGenerator(1)
            return (0..<count).map { n in
                let time = Double(n) / Double(example.options.sampleRate)
                let phase = 2 * Double.pi * hertz * time - depth / 2 * cos(4 * Double.pi * time)
                var voice = 0.0
                for harmonic in 0..<harmonics { voice += sin(Double(harmonic + 1) * phase) / Double(harmonic + 1) }
                let isSounding = n * parts / count % 2 == 0
                let uniform = Double(random.next() >> 11) * 0x1p-52 - 1
                return Float((8000 * (isSounding ? voice : 0) + noise * uniform + 0.5).rounded(.down)) / 32768
            }
        }
    }

    private static func golden() throws -> Golden {
        let url = try #require(Bundle.module.url(forResource: "pitch", withExtension: "json", subdirectory: "Goldens"))
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }

    @Test("frequencies, decisions and probabilities equal librosa.pyin's")
    func probabilisticGoldens() throws {
        let golden = try Self.golden()
        #expect(golden.cases.count == 13)
        for example in golden.cases {
            let pitch = try PitchTracker(example.options).pitch(of: golden.samples(of: example))
            try #require(pitch.frames == example.pyin.count, "\(example.name)")
            for frame in 0..<pitch.frames {
                let wanted = example.pyin[frame]
                #expect(abs(pitch.hertz[frame] - wanted) <= 1e-6 * wanted, "\(example.name), frame \(frame)")
                #expect(pitch.isVoiced[frame] == (wanted > 0), "\(example.name), frame \(frame)")
                #expect(abs(pitch.voicing[frame] - example.voicing[frame]) < 1e-5, "\(example.name), frame \(frame)")
            }
        }
    }

    @Test("frequencies equal librosa.yin's to 1e-4")
    func plainGoldens() throws {
        let golden = try Self.golden()
        for example in golden.cases {
            var options = example.options
            options.method = .plain
            options.keepsGuesses = true
            let pitch = try PitchTracker(options).pitch(of: golden.samples(of: example))
            try #require(pitch.frames == example.yin.count, "\(example.name)")
            for (frame, (found, wanted)) in zip(pitch.hertz, example.yin).enumerated() {
                #expect(abs(found - wanted) < 1e-4 * wanted, "\(example.name), frame \(frame)")
            }
        }
    }

    @Test(
        "a tone has its frequency within 0.5 % where a frame holds 16 periods",
        arguments: [(8000, 2048), (16_000, 4096), (44_100, 16_384)])
    func tones(rate: Int, frameSamples: Int) throws {
        for hertz in [70, 98.7, 220, 441.3, 570] {
            for method in PitchOptions.Method.allCases {
                var options = PitchOptions()
                options.method = method
                options.sampleRate = rate
                options.frameSamples = frameSamples
                let pitch = try PitchTracker(options).pitch(of: tone(hertz, rate: Double(rate), count: rate))
                let reach = frameSamples / 2 / options.hopSamples + 1  // frames that reach beyond the signal
                #expect(pitch.frames > 2 * reach)
                for frame in reach..<pitch.frames - reach {
                    #expect(pitch.isVoiced[frame])
                    #expect(abs(Double(pitch.hertz[frame]) - hertz) < 0.005 * hertz, "\(hertz) Hz")
                }
            }
        }
    }

    @Test("a glide is followed within 0.5 %")
    func glide() throws {
        var options = PitchOptions()
        options.hopSamples = 160
        let frequency = { (time: Double) in 120 + 100 * time }
        let samples = (0..<48_000).map { n in
            let time = Double(n) / 16_000
            let phase = 2 * Double.pi * (120 * time + 50 * time * time)
            return Float((1...6).reduce(0) { $0 + 0.2 * sin(Double($1) * phase) / Double($1) })
        }
        for method in PitchOptions.Method.allCases {
            options.method = method
            let pitch = try PitchTracker(options).pitch(of: samples)
            for frame in 8..<pitch.frames - 8 {
                let wanted = frequency(Double(frame * 160) / 16_000)
                #expect(pitch.isVoiced[frame])
                #expect(abs(Double(pitch.hertz[frame]) - wanted) < 0.005 * wanted, "frame \(frame)")
            }
        }
    }

    @Test(
        "no octave is missed where the fundamental is weak or missing",
        arguments: [[0.05, 1, 1, 0.3], [0, 1, 0.8, 0.5], [0.3, 1, 0.3, 1], [1, 0.1, 0, 0.05]])
    func octaves(amplitudes: [Double]) throws {
        for hertz in [92.0, 180, 290] {
            let samples = (0..<16_000).map { n in
                let phase = 2 * Double.pi * hertz * Double(n) / 16_000
                let voice = amplitudes.enumerated().reduce(0) { $0 + $1.element * sin(Double($1.offset + 1) * phase) }
                return Float(0.2 * voice)
            }
            let pitch = try PitchTracker().pitch(of: samples)
            for frame in 2..<pitch.frames - 2 {
                #expect(abs(Double(pitch.hertz[frame]) - hertz) < 0.01 * hertz, "\(hertz) Hz, frame \(frame)")
            }
        }
    }

    @Test("silence has no voice and no frequency")
    func silence() throws {
        for method in PitchOptions.Method.allCases {
            var options = PitchOptions()
            options.method = method
            let pitch = try PitchTracker(options).pitch(of: [Float](repeating: 0, count: 16_000))
            #expect(pitch.frames == 32)
            #expect(pitch.isVoiced.allSatisfy { !$0 })
            #expect(pitch.hertz.allSatisfy { $0 == 0 })
            #expect(pitch.voicing.allSatisfy { $0 == 0 })
        }
    }

    @Test("a signal of no samples has no frames, a short one has those of its formula", arguments: [true, false])
    func short(isCentred: Bool) throws {
        for count in [0, 1, 2, 511, 512, 2047, 2048, 2559, 2560] {
            for method in PitchOptions.Method.allCases {
                var options = PitchOptions()
                options.isCentred = isCentred
                options.method = method
                let expected =
                    isCentred ? (count == 0 ? 0 : 1 + count / 512) : (count < 2048 ? 0 : 1 + (count - 2048) / 512)
                #expect(options.frameCount(samples: count) == expected)
                let pitch = try PitchTracker(options).pitch(of: tone(300, rate: 16_000, count: count))
                #expect(pitch.frames == expected)
                #expect(pitch.hertz.allSatisfy { $0.isFinite })
            }
        }
    }

    @Test("loudness does not matter, from the softest number to the loudest")
    func loudness() throws {
        let samples = Self.voice(8000)
        let tracker = try PitchTracker()
        let pitch = tracker.pitch(of: samples)
        for power in [-90, -40, 20, 100] as [Float] {
            #expect(tracker.pitch(of: samples.map { $0 * exp2(power) }) == pitch)
        }
        let loudest = tracker.pitch(of: samples.map { $0 * 0x1p127 })
        #expect(loudest == pitch)
    }

    @Test("samples that are no numbers count as 0")
    func notNumbers() throws {
        let samples = Self.voice(8000)
        let tracker = try PitchTracker()
        for bad in [Float.nan, .infinity, -.infinity, .signalingNaN] {
            var (one, other) = (samples, samples)
            for place in [0, 1234, 4000, 4001, 7999] {
                one[place] = bad
                other[place] = 0
            }
            #expect(tracker.pitch(of: one) == tracker.pitch(of: other))
        }
        let none = tracker.pitch(of: [Float](repeating: .nan, count: 4000))
        #expect(none == tracker.pitch(of: [Float](repeating: 0, count: 4000)))
    }

    // MARK: Streams

    /// A voice with pauses and noise.
    private static func voice(_ count: Int, rate: Double = 16_000) -> [Float] {
        var random = SeededGenerator(5)
        return (0..<count).map { n in
            let time = Double(n) / rate
            let phase = 2 * Double.pi * 160 * time - 10 * cos(6 * time)
            let voice = sin(phase) + 0.5 * sin(2 * phase) + 0.3 * sin(5 * phase)
            return Float((sin(14 * time) > -0.4 ? 0.2 * voice : 0) + Double.random(in: -0.01...0.01, using: &random))
        }
    }

    static let variants: [PitchOptions] = {
        var plain = PitchOptions()
        plain.method = .plain
        var prompt = PitchOptions()
        prompt.lag = 0
        prompt.isCentred = false
        var speech = PitchOptions()
        speech.frameSamples = 801
        speech.hopSamples = 160
        speech.lowHertz = 60
        speech.highHertz = 500
        speech.lag = 9
        var dense = speech
        dense.hopSamples = 37
        dense.lag = 200
        return [PitchOptions(), plain, prompt, speech, dense]
    }()

    private func pieces(_ samples: [Float], to stream: inout PitchStream, random: inout SeededGenerator) -> Pitch {
        var pitch = Pitch()
        var start = 0
        let longest = [1, 50, 161, 700, 5000].randomElement(using: &random) ?? 1
        while start < samples.count {
            let end = min(samples.count, start + Int.random(in: 0...longest, using: &random))
            pitch.append(stream.push(Array(samples[start..<end])))
            start = end
        }
        pitch.append(stream.finish())
        return pitch
    }

    @Test("a signal in any pieces gives bit for bit the pitch of the whole", arguments: variants)
    func streaming(options: PitchOptions) throws {
        var random = SeededGenerator(2)
        let tracker = try PitchTracker(options)
        var stream = tracker.stream()
        for round in 0..<20 {
            let count =
                round < 8 ? Int.random(in: 0...3000, using: &random) : Int.random(in: 0...40_000, using: &random)
            let samples = Self.voice(count)
            let whole = tracker.pitch(of: samples)
            #expect(whole.frames == options.frameCount(samples: count))
            // One stream for all rounds: a finished stream begins again.
            let pitch = pieces(samples, to: &stream, random: &random)
            #expect(pitch.hertz.map(\.bitPattern) == whole.hertz.map(\.bitPattern), "\(count) samples")
            #expect(pitch.voicing.map(\.bitPattern) == whole.voicing.map(\.bitPattern), "\(count) samples")
            #expect(pitch.isVoiced == whole.isVoiced, "\(count) samples")
        }
    }

    @Test("a lag as long as the signal gives the pitch of the whole signal, a short one most of it")
    func lags() throws {
        let samples = Self.voice(64_000)
        var options = PitchOptions()
        options.hopSamples = 160
        let whole = try PitchTracker(options).pitch(of: samples)
        for lag in [whole.frames - 1, whole.frames, 100_000] {
            options.lag = lag
            #expect(try PitchTracker(options).pitch(of: samples) == whole)
        }
        for (lag, least) in [(0, 0.85), (10, 0.95), (50, 0.98)] {
            options.lag = lag
            let running = try PitchTracker(options).pitch(of: samples)
            #expect(running.voicing == whole.voicing)
            let same = zip(running.hertz, whole.hertz).filter { $0 == $1 }.count
            #expect(Double(same) >= least * Double(whole.frames), "lag \(lag): \(same) of \(whole.frames)")
        }
    }

    @Test("a frame comes after the latency that its options state, and not before", arguments: variants)
    func latency(options: PitchOptions) throws {
        let samples = Self.voice(9000)
        let tracker = try PitchTracker(options)
        var stream = tracker.stream()
        var frames = 0
        for (index, sample) in samples.enumerated() {
            frames += stream.push([sample]).frames
            guard let latency = options.latencySamples else {
                #expect(frames == 0)
                continue
            }
            let due = index + 1 < latency ? 0 : 1 + (index + 1 - latency) / options.hopSamples
            #expect(frames == due, "\(index + 1) samples")
        }
        #expect(options.isStreamable == (options.latencySamples != nil))
        #expect(frames + stream.finish().frames == options.frameCount(samples: samples.count))
    }

    @Test("frames that are not voiced keep their guess where that is asked for")
    func guesses() throws {
        let samples = Self.voice(32_000)
        for method in PitchOptions.Method.allCases {
            var options = PitchOptions()
            options.method = method
            let pitch = try PitchTracker(options).pitch(of: samples)
            options.keepsGuesses = true
            let guessed = try PitchTracker(options).pitch(of: samples)
            #expect(guessed.isVoiced == pitch.isVoiced)
            #expect(pitch.isVoiced.contains(false) && pitch.isVoiced.contains(true))
            for frame in 0..<pitch.frames {
                #expect(guessed.hertz[frame] > 60)
                #expect(pitch.hertz[frame] == (pitch.isVoiced[frame] ? guessed.hertz[frame] : 0))
            }
        }
    }

    @Test("threads that share a tracker get the same pitch")
    func threads() async throws {
        let tracker = try PitchTracker()
        let signals = (1...8).map { tone(Double($0) * 200, rate: 16_000, count: 16_000) }
        let alone = signals.map { tracker.pitch(of: $0) }
        let together = await withTaskGroup(of: (Int, Pitch).self) { group in
            for (index, signal) in signals.enumerated() {
                group.addTask { (index, tracker.pitch(of: signal)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(together.count == 8)
        for (index, pitch) in together { #expect(pitch == alone[index]) }
    }

    // MARK: Options

    struct Wrong: Sendable, CustomTestStringConvertible {
        let name: String
        let change: @Sendable (inout PitchOptions) -> Void
        var testDescription: String { name }
    }

    static let wrong: [Wrong] = [
        Wrong(name: "sampleRate") { $0.sampleRate = 0 },
        Wrong(name: "frameSamples") { $0.frameSamples = 3 },
        Wrong(name: "frameSamples") { $0.frameSamples = .max },
        Wrong(name: "hopSamples") { $0.hopSamples = 0 },
        Wrong(name: "hopSamples") { $0.hopSamples = 2049 },
        Wrong(name: "highHertz") { $0.highHertz = 8001 },
        Wrong(name: "highHertz") { $0.highHertz = .nan },
        Wrong(name: "highHertz") { $0.highHertz = 0 },
        Wrong(name: "lowHertz") { $0.lowHertz = 0 },
        Wrong(name: "lowHertz") { $0.lowHertz = 7.8 },
        Wrong(name: "lowHertz") { $0.lowHertz = 3000 },
        Wrong(name: "lowHertz") { $0.lowHertz = .nan },
        Wrong(name: "troughThreshold") { $0.troughThreshold = 0 },
        Wrong(name: "troughThreshold") { $0.troughThreshold = .infinity },
        Wrong(name: "thresholds") { $0.thresholds = 0 },
        Wrong(name: "thresholdAlpha") { $0.thresholdAlpha = 0 },
        Wrong(name: "thresholdBeta") { $0.thresholdBeta = .nan },
        Wrong(name: "boltzmann") { $0.boltzmann = 0 },
        Wrong(name: "resolution") { $0.resolution = 0.001 },
        Wrong(name: "octavesPerSecond") { $0.octavesPerSecond = -1 },
        Wrong(name: "switchProbability") { $0.switchProbability = 1 },
        Wrong(name: "noTroughProbability") { $0.noTroughProbability = 2 },
        Wrong(name: "lag") { $0.lag = -1 },
    ]

    @Test("an option out of range is refused by name, in one sentence", arguments: wrong)
    func refused(wrong: Wrong) throws {
        var options = PitchOptions()
        wrong.change(&options)
        let error = try #require(throws: AudioError.self) { try PitchTracker(options) }
        guard case .option(let name, _, _) = error else {
            Issue.record(error)
            return
        }
        #expect(name == wrong.name)
        #expect(error.description.hasSuffix(".") && !error.description.dropLast().contains(". "))
    }

    @Test("the extremes of the options work")
    func extremes() throws {
        var smallest = PitchOptions()
        smallest.frameSamples = 4
        smallest.hopSamples = 1
        smallest.highHertz = 8000
        smallest.lowHertz = 7990
        smallest.resolution = 1
        smallest.thresholds = 1
        smallest.octavesPerSecond = 10_000
        var widest = PitchOptions()
        widest.frameSamples = 65_536
        widest.hopSamples = 65_536
        widest.lowHertz = 0.25
        widest.highHertz = 8000
        widest.resolution = 0.01
        widest.octavesPerSecond = 10_000
        widest.thresholdAlpha = 1000
        widest.thresholdBeta = 1e-3
        widest.boltzmann = 100
        widest.noTroughProbability = 1
        for options in [smallest, widest] {
            let pitch = try PitchTracker(options).pitch(of: Self.voice(70_000))
            #expect(pitch.frames == options.frameCount(samples: 70_000))
            #expect(pitch.hertz.allSatisfy { $0.isFinite })
            #expect(pitch.voicing.allSatisfy { (0...1).contains($0) })
        }
    }

    @Test("options come back from JSON, and what JSON leaves out has its default")
    func codable() throws {
        for options in Self.variants {
            let data = try JSONEncoder().encode(options)
            #expect(try JSONDecoder().decode(PitchOptions.self, from: data) == options)
        }
        #expect(try JSONDecoder().decode(PitchOptions.self, from: Data("{}".utf8)) == PitchOptions())
    }
}
