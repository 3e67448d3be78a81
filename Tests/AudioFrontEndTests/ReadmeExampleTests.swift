import AudioFrontEnd
import Testing

/// The program of the README, as it stands there.
private func printFrames(of path: String) throws -> Int {
    let signal = try AudioSignal.read(path: path, options: AudioReadOptions(sampleRate: 16_000))
    let extractor = try FeatureExtractor()
    var features = extractor.features(of: signal.samples)
    try Normalisation.utterance.apply(to: &features)
    for frame in 0..<features.frames {
        let bins = features.values[frame * features.bins..<(frame + 1) * features.bins]
        print(bins.map { "\($0)" }.joined(separator: "\t"))
    }
    return features.frames
}

@Suite struct ReadmeExampleTests {
    @Test func theProgramOfTheReadmePrintsAFrameEveryTenMilliseconds() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(WaveBytes(pcm: tone16(440, rate: 16_000, count: 16_000)).file, as: "tone.wav")
        #expect(try printFrames(of: path) == 98)
    }
}
