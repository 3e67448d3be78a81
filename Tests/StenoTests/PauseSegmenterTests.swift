import AudioFrontEnd
import Steno
import Testing

@Suite("Cutting at pauses")
struct PauseSegmenterTests {
    /// Frames of two bins, by alternating lengths of speech and pauses, speech first. The level is 0 for a pause, and
    /// 10 and 8 in turns of ten frames for speech.
    private func features(_ lengths: [Int]) -> Features {
        var levels: [Float] = []
        for (index, length) in lengths.enumerated() {
            levels += (0..<length).map { index % 2 == 1 ? 0 : $0 / 10 % 2 == 0 ? 10 : 8 }
        }
        return Features(frames: levels.count, bins: 2, values: levels.flatMap { [$0, $0] })
    }

    private func segments(
        of features: Features, longest: Int = 200, piece: Int = .max
    ) -> [Range<Int>] {
        let options = PauseSegmenter.Options(hopSeconds: 0.01, longestSeconds: Double(longest) / 100)
        var segmenter = PauseSegmenter(options, bins: features.bins)
        var found: [SpeechSegment] = []
        var start = 0
        while start < features.frames {
            let end = min(features.frames, start + min(piece, features.frames))
            let values = Array(features.values[start * features.bins..<end * features.bins])
            found += segmenter.push(Features(frames: end - start, bins: features.bins, values: values))
            start = end
        }
        found += segmenter.finish()
        return found.map { $0.firstFrame..<$0.firstFrame + $0.features.frames }
    }

    @Test func aShortRecordingStaysWhole() {
        #expect(segments(of: features([50, 40, 60])) == [0..<150])
        #expect(segments(of: features([0, 200])) == [0..<200])
    }

    @Test func cutsLieInThePauses() {
        // Speech, pauses of 30 frames, speech: everything is longer than a segment may be.
        let lengths = [120, 30, 130, 30, 110, 30, 90]
        let found = segments(of: features(lengths))
        #expect(found.count == 4)
        for segment in found { #expect(segment.count <= 200) }
        var start = 0
        for (index, length) in lengths.enumerated() {
            defer { start += length }
            guard index % 2 == 0 else { continue }
            let holders = found.filter { $0.contains(start) && $0.contains(start + length - 1) }
            #expect(holders.count == 1, "speech at \(start) is whole in one segment of \(found)")
        }
    }

    @Test func theLongestPauseIsTaken() {
        let found = segments(of: features([60, 15, 60, 40, 60, 15, 60]))
        #expect(found.count == 2)
        #expect(found.first.map { (135...175).contains($0.upperBound) } == true)
        #expect(found.last.map { (135...175).contains($0.lowerBound) } == true)
    }

    @Test("pieces change nothing", arguments: [1, 7, 64, 333])
    func pieces(piece: Int) {
        let features = features([120, 30, 130, 30, 110, 30, 90, 400, 150, 13, 170])
        #expect(segments(of: features, piece: piece) == segments(of: features))
    }

    @Test func withoutAPauseTheQuietestPlaceIsTaken() {
        var features = features([500])
        // A dip that is too short to be a pause.
        for frame in 150..<158 { for bin in 0..<2 { features.values[frame * 2 + bin] = 6 } }
        let found = segments(of: features)
        #expect(found.first.map { (148...160).contains($0.upperBound) } == true, "\(found)")
        #expect(found.map(\.count).reduce(0, +) == 500)
        #expect(found.allSatisfy { $0.count <= 200 })
    }

    @Test func longSilenceIsLeftOut() {
        let found = segments(of: features([100, 1000, 100]))
        #expect(found.count == 2)
        #expect(found.map(\.count).reduce(0, +) < 300)
        #expect(found.first?.lowerBound == 0)
        #expect(found.last?.upperBound == 1200)
    }

    @Test func silenceBeforeSpeechIsLeftOut() {
        let found = segments(of: features([0, 500, 150, 500]))
        #expect(found.count == 1)
        #expect(found.first?.contains(500) == true && found.first?.contains(649) == true)
    }
}
