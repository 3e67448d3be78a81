import AudioFrontEnd
import Testing

@Suite("Normalisation")
struct NormalisationTests {
    static func random(_ frames: Int, _ bins: Int, _ centre: Float) -> Features {
        var random = SeededGenerator(UInt64(frames))
        let values = (0..<frames * bins).map {
            Float.random(in: -1...1, using: &random) * Float($0 % bins + 1) + centre
        }
        return Features(frames: frames, bins: bins, values: values)
    }

    /// Mean and standard deviation of one bin over several utterances.
    static func moments(_ all: [Features], bin: Int) -> (mean: Double, deviation: Double) {
        let values = all.flatMap { one in (0..<one.frames).map { Double(one.values[$0 * one.bins + bin]) } }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)
        return (mean, variance.squareRoot())
    }

    @Test("global statistics over many utterances give mean 0 and deviation 1 over them")
    func global() throws {
        var all = (1...5).map { Self.random($0 * 37, 13, Float($0)) }
        var statistics = FeatureStatistics(bins: 13)
        for features in all { try statistics.add(features) }
        #expect(statistics.frames == 15 * 37)
        let normalisation = Normalisation.global(statistics)
        for index in all.indices { try normalisation.apply(to: &all[index]) }
        for bin in 0..<13 {
            let (mean, deviation) = Self.moments(all, bin: bin)
            #expect(abs(mean) < 1e-5)
            #expect(abs(deviation - 1) < 1e-5)
        }
        #expect(abs(Self.moments([all[0]], bin: 0).mean) > 1e-3)
    }

    @Test("an utterance's own statistics give mean 0 and deviation 1 in it")
    func utterance() throws {
        var features = Self.random(200, 80, -7)
        try Normalisation.utterance.apply(to: &features)
        for bin in 0..<80 {
            let (mean, deviation) = Self.moments([features], bin: bin)
            #expect(abs(mean) < 1e-5)
            #expect(abs(deviation - 1) < 1e-5)
        }
    }

    @Test("parts merged are the whole")
    func merged() throws {
        let (one, other) = (Self.random(50, 8, 1), Self.random(70, 8, 2))
        var whole = FeatureStatistics(bins: 8)
        try whole.add(one)
        try whole.add(other)
        var first = FeatureStatistics(bins: 8)
        try first.add(one)
        var second = FeatureStatistics(bins: 8)
        try second.add(other)
        try first.merge(second)
        #expect(first.frames == whole.frames)
        for bin in 0..<8 {
            #expect(abs(first.means[bin] - whole.means[bin]) < 1e-6)
            #expect(abs(first.deviations[bin] - whole.deviations[bin]) < 1e-6)
        }
    }

    @Test("a bin that never changes becomes 0, and one frame does too")
    func constant() throws {
        var features = Features(frames: 3, bins: 2, values: [5, 1, 5, 2, 5, 3])
        try Normalisation.utterance.apply(to: &features)
        #expect([0, 2, 4].allSatisfy { features.values[$0] == 0 })
        var single = Features(frames: 1, bins: 2, values: [5, 1])
        try Normalisation.utterance.apply(to: &single)
        #expect(single.values == [0, 0])
    }

    @Test("another width is refused")
    func width() throws {
        var statistics = FeatureStatistics(bins: 3)
        var features = Features(frames: 1, bins: 2, values: [5, 1])
        #expect(throws: AudioError.width(expected: 3, found: 2)) { try statistics.add(features) }
        #expect(throws: AudioError.width(expected: 3, found: 2)) {
            try Normalisation.global(statistics).apply(to: &features)
        }
    }

    @Test("none changes nothing")
    func none() throws {
        var features = Self.random(3, 4, 1)
        let before = features
        try Normalisation.none.apply(to: &features)
        #expect(features == before)
    }
}
