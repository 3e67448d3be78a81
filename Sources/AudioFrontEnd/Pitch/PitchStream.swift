import CKernels
import Glibc

/// The pitch of a signal that comes in pieces, bit for bit that of the whole signal at once.
///
///     var stream = tracker.stream()
///     for piece in pieces { use(stream.push(piece)) }
///     use(stream.finish())
///
/// Its memory does not grow with the signal if the options are streamable. If they are not, it keeps 4 bytes a bin of
/// pitch for every frame, and all frames come at the end.
public struct PitchStream: Sendable {
    private let tracker: PitchTracker
    /// The last samples, padding included: from the first sample of the next frame on.
    private var history: [Float]
    /// Samples of the signal so far.
    private var received = 0
    private var nextFrame = 0
    private var path: PitchPath
    /// Voicing of frames, of which the first `decided` have been told.
    private var voicing: [Float] = []
    private var decided = 0

    /// Samples that are taken at once.
    private static let piece = 1 << 15

    init(_ tracker: PitchTracker) {
        self.tracker = tracker
        history = [Float](repeating: 0, count: tracker.options.leftPadding)
        path = PitchPath(bins: tracker.options.method == .plain ? 0 : tracker.options.bins)
    }

    /// The frames that `samples` decides.
    public mutating func push(_ samples: [Float]) -> Pitch {
        var pitch = Pitch()
        received += samples.count
        samples.withUnsafeBufferPointer { samples in
            guard let base = samples.baseAddress else { return }
            for start in stride(from: 0, to: samples.count, by: Self.piece) {
                let count = min(Self.piece, samples.count - start)
                let kept = history.count
                history.append(contentsOf: repeatElement(0, count: count))
                history.withUnsafeMutableBufferPointer { history in
                    guard let target = history.baseAddress else { return }
                    var replaced: Int64 = 0
                    steno_samples_take(base + start, Int64(count), 1, 0, target + kept, &replaced)
                }
                makeFrames(to: &pitch)
            }
        }
        return pitch
    }

    /// All other frames. The stream is then at the start of another signal.
    public mutating func finish() -> Pitch {
        var pitch = Pitch()
        if received > 0 {
            history.append(contentsOf: repeatElement(0, count: tracker.options.leftPadding))
            makeFrames(to: &pitch)
            for state in path.trace(to: path.frames - (voicing.count - decided)).reversed() {
                decide(state, to: &pitch)
            }
        }
        self = PitchStream(tracker)
        return pitch
    }

    /// Makes the frames that are complete.
    private mutating func makeFrames(to pitch: inout Pitch) {
        let (length, hop, lanes) = (tracker.options.frameSamples, tracker.options.hopSamples, PitchTracker.lanes)
        guard history.count >= length else { return }
        let begin = nextFrame
        let end = begin + 1 + (history.count - length) / hop
        let tracker = tracker
        let samples = history
        tracker.withWorkspace { workspace in
            samples.withUnsafeBufferPointer { samples in
                guard let base = samples.baseAddress else { return }
                while nextFrame < end {
                    let next = min(end, (nextFrame / lanes + 1) * lanes)
                    tracker.makeDifferences(nextFrame, next, of: base + (nextFrame - begin) * hop, in: workspace)
                    switch tracker.options.method {
                    case .plain: findPeriods(until: next, in: workspace, to: &pitch)
                    case .probabilistic: findCandidates(until: next, in: workspace, to: &pitch)
                    }
                    nextFrame = next
                }
            }
        }
        history.removeFirst((end - begin) * hop)
    }

    /// Plain YIN of the frames `nextFrame ..< end`.
    private func findPeriods(until end: Int, in workspace: PitchWorkspace, to pitch: inout Pitch) {
        let options = tracker.options
        for frame in nextFrame..<end {
            var (place, depth, isBelow) = (0.0, Float(0), Int64(0))
            steno_pitch_trough(
                workspace.differences.start + frame % PitchTracker.lanes, Int64(tracker.longest - tracker.shortest + 1),
                options.troughThreshold, &place, &depth, &isBelow)
            let isVoiced = isBelow != 0
            let hertz = Double(options.sampleRate) / (Double(tracker.shortest) + place)
            // The lowest difference is 0 without being a trough in silence only.
            let voicing = isVoiced || depth > 0 ? max(0, 1 - depth) : 0
            pitch.append(
                hertz: isVoiced || options.keepsGuesses ? Float(hertz) : 0, voicing: voicing, isVoiced: isVoiced)
        }
    }

    /// Candidates of the frames `nextFrame ..< end`, with which the path goes on, and what that decides.
    private mutating func findCandidates(until end: Int, in workspace: PitchWorkspace, to pitch: inout Pitch) {
        let tracker = tracker
        tracker.prior.withKernel(tracker.options) { prior in
            tracker.transitions.withKernel { transitions in
                for frame in nextFrame..<end {
                    var (count, frameVoicing) = (Int64(0), 0.0)
                    steno_pitch_candidates(
                        prior, workspace.differences.start + frame % PitchTracker.lanes,
                        Int64(tracker.longest - tracker.shortest + 1), &workspace.thresholds, &workspace.troughs,
                        &workspace.bins, &workspace.probabilities, &count, &frameVoicing)
                    path.add(
                        transitions, count: count, bins: workspace.bins, probabilities: workspace.probabilities,
                        voicing: frameVoicing)
                    voicing.append(Float(frameVoicing))
                    if let lag = tracker.options.lag, frame >= lag {
                        decide(path.state(at: frame - lag), to: &pitch)
                        path.forget(before: frame - lag + 1)
                        if decided > 64 && 2 * decided > voicing.count {
                            voicing.removeFirst(decided)
                            decided = 0
                        }
                    }
                }
            }
        }
    }

    /// The first frame that is not decided has this state.
    private mutating func decide(_ state: Int, to pitch: inout Pitch) {
        let options = tracker.options
        let bins = tracker.transitions.bins
        let isVoiced = state < bins
        let octaves = Double(state % bins) / Double(12 * options.binsPerSemitone)
        pitch.append(
            hertz: isVoiced || options.keepsGuesses ? Float(options.lowHertz * exp2(octaves)) : 0,
            voicing: voicing[decided], isVoiced: isVoiced)
        decided += 1
    }
}
