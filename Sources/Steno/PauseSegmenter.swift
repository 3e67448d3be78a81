import AudioFrontEnd

/// A part of a recording that is decoded at once: its features and where it lies.
package struct SpeechSegment: Sendable {
    /// Frames from the beginning of the recording.
    package let firstFrame: Int
    package let features: Features
}

/// Cuts a stream of features into segments of bounded length, at pauses where there are any.
///
/// A recording that is not longer than `longestFrames` stays whole. Of a longer one, as much is looked at as may be one
/// segment. The level of a frame is the mean of its log-mel values, smoothed. Between the floor and the peak of what
/// was heard lately lie two thresholds: a pause begins below the lower one and ends above the upper one; where the
/// level hardly changes for long there is no speech at all. The cut is made in the longest pause, where among pauses of
/// like length the later one wins; without a pause, at the quietest frame of the second half. What stands between
/// segments and is no speech, but for a margin, is left out.
package struct PauseSegmenter: Sendable {
    package struct Options: Sendable, Hashable {
        /// No segment is longer than this.
        package var longestFrames = 1500
        /// A cut leaves at least this much before it, unless there is no pause but an earlier one.
        package var shortestFrames = 150
        /// Shorter stretches of low level are not taken as pauses.
        package var pauseFrames = 12
        /// Kept of a pause on each side of a segment.
        package var marginFrames = 20
        /// The thresholds, as parts of the way from the floor to the peak.
        package var lowerThreshold: Float = 0.25
        package var upperThreshold: Float = 0.35
        /// Where floor and peak (natural logarithm of power) are nearer, speech cannot be told from noise, and no pause
        /// is seen.
        package var leastRange: Float = 1.5
        /// A window whose own floor and peak are nearer has steady noise or silence only.
        package var steadyRange: Float = 0.8

        package init() {}

        /// For frames every `hopSeconds`.
        package init(hopSeconds: Double, longestSeconds: Double) {
            func frames(_ seconds: Double, atLeast least: Int) -> Int { max(least, Int(seconds / hopSeconds)) }
            longestFrames = frames(longestSeconds, atLeast: 8)
            shortestFrames = min(frames(1.5, atLeast: 1), longestFrames / 4)
            pauseFrames = min(frames(0.12, atLeast: 1), max(1, longestFrames / 8))
            marginFrames = min(frames(0.2, atLeast: 1), max(1, longestFrames / 8))
        }
    }

    private let options: Options
    private let bins: Int
    /// Frames that are not yet in a segment, and their levels.
    private var values: [Float] = []
    private var levels: [Float] = []
    /// Where the first of them lies in the recording.
    private var firstFrame = 0
    private var isWhole = true
    /// What was heard up to now, forgotten slowly.
    private var heard: (floor: Float, peak: Float)?

    package init(_ options: Options, bins: Int) {
        self.options = options
        self.bins = bins
    }

    /// The segments that are complete with these frames.
    package mutating func push(_ features: Features) -> [SpeechSegment] {
        precondition(features.bins == bins, "\(features.bins) bins for \(bins)")
        values += features.values
        for frame in 0..<features.frames {
            var sum: Float = 0
            for value in features.values[frame * bins..<(frame + 1) * bins] { sum += value }
            levels.append(sum / Float(bins))
        }
        var segments: [SpeechSegment] = []
        while levels.count > options.longestFrames {
            isWhole = false
            if let segment = cut() { segments.append(segment) }
        }
        return segments
    }

    /// The last segment, if there is speech in it. The segmenter is then at the start of another recording.
    package mutating func finish() -> [SpeechSegment] {
        defer { self = PauseSegmenter(options, bins: bins) }
        guard !levels.isEmpty else { return [] }
        if isWhole { return [take(0..<levels.count)] }
        let pauses = pauses(in: levels)
        var (start, end) = (0, levels.count)
        if let first = pauses.first, first.lowerBound == 0 { start = max(0, first.upperBound - options.marginFrames) }
        if let last = pauses.last, last.upperBound == end { end = min(end, last.lowerBound + options.marginFrames) }
        return start < end && pauses.first != 0..<levels.count ? [take(start..<end)] : []
    }

    /// Takes a segment, or a stretch without speech, from the beginning of what is held.
    private mutating func cut() -> SpeechSegment? {
        let window = options.longestFrames
        let pauses = pauses(in: Array(levels[..<window]))
        let margin = options.marginFrames
        if let first = pauses.first, first.lowerBound == 0, first.upperBound > margin {
            drop(first.upperBound - margin)
            return nil
        }
        let inner = pauses.filter { $0.lowerBound > 0 }
        let late = inner.filter { ($0.lowerBound + $0.upperBound) / 2 >= options.shortestFrames }
        guard let pause = (late.isEmpty ? inner : late).max(by: { worth($0) < worth($1) }) else {
            let segment = take(0..<quietest(in: window / 2..<window))
            drop(segment.features.frames)
            return segment
        }
        let middle = (pause.lowerBound + pause.upperBound) / 2
        let segment = take(0..<min(pause.lowerBound + margin, middle))
        drop(max(pause.upperBound - margin, middle))
        return segment
    }

    /// How good it is to cut in a pause: long ones first, of like ones the later.
    private func worth(_ pause: Range<Int>) -> Float {
        let length = min(Float(pause.count) / Float(options.pauseFrames), 8)
        let middle = Float(pause.lowerBound + pause.upperBound) / 2
        return length + 3 * middle / Float(options.longestFrames)
    }

    /// The stretches of low level, in order.
    private mutating func pauses(in levels: [Float]) -> [Range<Int>] {
        let smooth = smoothed(levels, radius: 2)
        let sorted = smooth.sorted()
        var floor = sorted[sorted.count / 20]
        var peak = sorted[sorted.count - 1 - sorted.count / 20]
        if peak - floor < options.steadyRange && levels.count >= options.longestFrames / 4 {
            return [0..<levels.count]
        }
        if let heard {
            floor = min(floor, heard.floor + 0.5)
            peak = max(peak, heard.peak - 0.5)
        }
        heard = (floor, peak)
        guard peak - floor >= options.leastRange else { return [] }
        let lower = floor + options.lowerThreshold * (peak - floor)
        let upper = floor + options.upperThreshold * (peak - floor)
        var pauses: [Range<Int>] = []
        var start: Int?
        for (frame, level) in smooth.enumerated() {
            if let begin = start {
                if level > upper {
                    pauses.append(begin..<frame)
                    start = nil
                }
            } else if level < lower {
                start = frame
            }
        }
        if let start { pauses.append(start..<smooth.count) }
        return pauses.filter { $0.count >= options.pauseFrames }
    }

    private func quietest(in range: Range<Int>) -> Int {
        let smooth = smoothed(Array(levels[range]), radius: 7)
        let least = smooth.indices.min { smooth[$0] < smooth[$1] } ?? 0
        return max(1, range.lowerBound + least)
    }

    /// Means over `radius` frames on each side.
    private func smoothed(_ levels: [Float], radius: Int) -> [Float] {
        var sums: [Float] = [0]
        for level in levels { sums.append((sums.last ?? 0) + level) }
        return levels.indices.map { frame in
            let (from, to) = (max(0, frame - radius), min(levels.count, frame + radius + 1))
            return (sums[to] - sums[from]) / Float(to - from)
        }
    }

    private func take(_ frames: Range<Int>) -> SpeechSegment {
        SpeechSegment(
            firstFrame: firstFrame + frames.lowerBound,
            features: Features(
                frames: frames.count, bins: bins,
                values: Array(values[frames.lowerBound * bins..<frames.upperBound * bins])))
    }

    private mutating func drop(_ frames: Int) {
        values.removeFirst(frames * bins)
        levels.removeFirst(frames)
        firstFrame += frames
    }
}
