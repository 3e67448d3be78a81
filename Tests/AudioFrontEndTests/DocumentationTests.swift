import AudioFrontEnd
import Foundation
import Testing

// The programs of the README and of the library's page, as they stand there: `programsAreThoseOfTheDocuments` holds the
// two against each other.

private func readme(_ path: String) throws -> Features {
    let signal = try AudioSignal.read(path: path, options: AudioReadOptions(sampleRate: 16_000))
    let extractor = try FeatureExtractor()  // Kaldi's log-mel, 80 bins, a frame every 10 ms
    var features = extractor.features(of: signal.samples)  // values: [frames, bins]
    try Normalisation.utterance.apply(to: &features)
    for frame in 0..<features.frames {
        let bins = features.values[frame * features.bins..<(frame + 1) * features.bins]
        print(bins.map { "\($0)" }.joined(separator: "\t"))
    }
    return features
}

private func aFileToFeatures(_ path: String) throws -> Features {
    let signal = try AudioSignal.read(path: path, options: AudioReadOptions(sampleRate: 16_000))
    let extractor = try FeatureExtractor(.whisper)
    let features = extractor.features(of: signal.samples)
    print(features.frames, features.bins)  // a frame every 10 ms, 80 values each
    print(features.values[0..<features.bins])  // the first frame: values are [frames, bins]
    return features
}

private func otherTools() throws -> [Int] {
    var options = FeatureOptions.kaldi  // compute-fbank-feats: 23 bins, samples as 16-bit integers
    options.melBins = 80
    options.highHertz = 7_600
    let fbank = try FeatureExtractor(options)
    let cepstra = try FeatureExtractor(.htkMFCC)
    print(fbank.options, cepstra.options)  // the formula, and every parameter in it
    return [fbank.bins, cepstra.bins]
}

private func steps(_ samples: [Float]) throws -> Features {
    let pipeline = FeaturePipeline(
        .kaldiMFCC, steps: [.deltas(Deltas(order: 2)), .slidingNormalisation(SlidingNormalisation())])
    let frames = try FeatureExtractor(pipeline).features(of: samples)
    print(frames.bins)  // 39: 13 coefficients, their deltas and delta-deltas
    return frames
}

private func pieces(_ path: String) throws -> Int {
    let reader = try AudioReader(path: path, options: AudioReadOptions(sampleRate: 16_000))
    var stream = try FeatureExtractor().stream()
    var count = 0
    while case let piece = try reader.read(upTo: 1_600), !piece.isEmpty {
        count += stream.push(piece).frames
    }
    count += stream.finish().frames
    return count
}

private func pitch(_ samples: [Float]) throws -> Pitch {
    let pitch = try PitchTracker(PitchOptions()).pitch(of: samples)
    for frame in 0..<pitch.frames where pitch.isVoiced[frame] {
        print(pitch.hertz[frame], pitch.voicing[frame])  // hertz, and a probability
    }
    return pitch
}

@Suite("Documents")
struct DocumentationTests {
    @Test func programsDoWhatTheirCommentsSay() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(WaveBytes(pcm: tone16(440, rate: 16_000, count: 16_000)).file, as: "tone.wav")
        let samples = tone(440, rate: 16_000, count: 16_000)
        #expect(try readme(path).frames == 98)
        let features = try aFileToFeatures(path)
        #expect(features.frames == 100 && features.bins == 80)
        #expect(try otherTools() == [80, 13])
        #expect(try steps(samples).bins == 39)
        #expect(try pieces(path) == 98)
        let pitch = try pitch(samples)
        #expect(pitch.isVoiced.filter(\.self).count > pitch.frames / 2)
    }

    @Test(
        "programs are those of the documents",
        arguments: ["README.md", "Sources/AudioFrontEnd/AudioFrontEnd.docc/AudioFrontEnd.md"])
    func programsAreThoseOfTheDocuments(document: String) throws {
        func lines(_ text: Substring) -> [String] {
            text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        }
        let source = URL(fileURLWithPath: #filePath)
        let root = source.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let compiled = lines(Substring(try String(contentsOf: source, encoding: .utf8)))
        let text = try String(contentsOf: root.appendingPathComponent(document), encoding: .utf8)
        let programs = text.components(separatedBy: "```swift\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        var found = 0
        for program in programs where program.contains("FeatureExtractor") || program.contains("PitchTracker") {
            let wanted = lines(Substring(program)).filter { !$0.isEmpty && !$0.hasPrefix("import ") }
                .map { $0.replacing("path: \"talk.flac\"", with: "path: path") }
            #expect(compiled.contains(wanted), "not compiled: \(program)")
            found += 1
        }
        #expect(found >= 1)
    }
}
