import CKernels
import Synchronization

/// Finds the fundamental frequency of a voice, and where there is none. Build one and share it: threads may use it at
/// the same time.
///
///     let tracker = try PitchTracker(PitchOptions())
///     let pitch = tracker.pitch(of: signal.samples)      // a frame every 512 samples
///
/// Loudness does not matter: each frame is brought to the same peak, and one whose peak is below 2⁻¹⁰⁰ is silent.
/// Samples that are NaN or infinite count as 0.
public final class PitchTracker: Sendable {
    public let options: PitchOptions
    /// Periods in samples.
    let shortest: Int
    let longest: Int
    let prior: PitchPrior
    let transitions: PitchTransitions

    private let plan: FourierPlan
    private let workspaces = Mutex<[PitchWorkspace]>([])

    /// Frames that are made at once.
    static let lanes = Int(STENO_MEL_LANES)

    /// Refuses options out of range.
    public init(_ options: PitchOptions = PitchOptions()) throws(AudioError) {
        try options.validate()
        self.options = options
        shortest = options.shortestPeriod
        longest = options.longestPeriod
        prior = PitchPrior(options, troughs: (longest - shortest) / 2 + 1)
        transitions = PitchTransitions(options)
        let points = Self.transformPoints(atLeast: options.frameSamples + longest)
        guard let plan = FourierPlan(points: points) else {
            throw .option(name: "frameSamples", expected: "a size that FFTW transforms", found: "\(points)")
        }
        self.plan = plan
    }

    /// The pitch of a whole signal at the options' sample rate.
    public func pitch(of samples: [Float]) -> Pitch {
        var stream = stream()
        var pitch = stream.push(samples)
        pitch.append(stream.finish())
        return pitch
    }

    /// The same pitch from a signal that comes in pieces, bit for bit; see `PitchOptions.isStreamable` for whether it
    /// comes before the end.
    public func stream() -> PitchStream { PitchStream(self) }

    /// A size that FFTW transforms fast: eight times a product of 2, 3 and 5.
    private static func transformPoints(atLeast least: Int) -> Int {
        var points = (least + 7) / 8 * 8
        while true {
            var rest = points
            for factor in [2, 3, 5] { while rest % factor == 0 { rest /= factor } }
            if rest == 1 { return points }
            points += 8
        }
    }

    /// The normalised differences of the frames `first ..< end` of one group of eight, which begins at a multiple of
    /// eight frames, into `workspace.differences`, where each has its column: a frame is always made in the same one,
    /// so that its bits do not depend on how the signal was cut.
    ///
    /// - Parameter samples: from the first sample of frame `first` to the last of frame `end - 1`.
    func makeDifferences(
        _ first: Int, _ end: Int, of samples: UnsafePointer<Float>, in workspace: PitchWorkspace
    ) {
        let (length, hop) = (options.frameSamples, options.hopSamples)
        let count = end - first
        if count < Self.lanes { workspace.clearColumns() }
        steno_mel_columns(
            samples, Int64((count - 1) * hop + length), Int64(hop), Int64(hop), Int64(count + (length - 1) / hop),
            Int64(workspace.stride), workspace.columns.start + first % Self.lanes)
        steno_pitch_frames(
            workspace.columns.start, Int64(workspace.stride), Int64(hop), Int64(length), Int64(longest),
            workspace.frames.start, workspace.energies.start)
        let points = Int64(plan.points)
        plan.transform(workspace.frames, into: workspace.spectrum)
        steno_mel_power(workspace.spectrum.start, points, plan.cosines, plan.sines, 0, workspace.power.start)
        steno_pitch_mirror(workspace.power.start, points, workspace.mirrored.start)
        plan.transform(workspace.mirrored, into: workspace.spectrum)
        steno_pitch_differences(
            workspace.spectrum.start, points, plan.cosines, plan.sines, workspace.energies.start, Int64(shortest),
            Int64(longest), workspace.correlations.start, workspace.differences.start)
    }

    /// Lends a workspace to `body`; they are kept for the next call.
    func withWorkspace(_ body: (PitchWorkspace) -> Void) {
        let workspace = workspaces.withLock { $0.popLast() } ?? PitchWorkspace(self, points: plan.points)
        body(workspace)
        workspaces.withLock { $0.append(workspace) }
    }
}

/// The memory in which eight frames are made; used by one thread at a time.
final class PitchWorkspace: @unchecked Sendable {  // lent to one caller at a time
    /// The signal as columns of one hop, `[hop, stride]`.
    let columns: FloatBlock
    let stride: Int
    private let columnCount: Int
    /// `[points / 2, 8]` complex: samples beyond a frame's length stay 0.
    let frames: FloatBlock
    let mirrored: FloatBlock
    let spectrum: FloatBlock
    /// `[points / 2 + 1, 8]`
    let power: FloatBlock
    /// `[longest + 1, 8]`
    let energies: FloatBlock
    let correlations: FloatBlock
    /// `[longest - shortest + 1, 8]`
    let differences: FloatBlock
    /// A frame's candidates, and what finding them takes.
    var thresholds: [Double]
    var troughs: [Int32]
    var bins: [Int32]
    var probabilities: [Double]

    init(_ tracker: PitchTracker, points: Int) {
        let lanes = PitchTracker.lanes
        let options = tracker.options
        let differenceCount = tracker.longest - tracker.shortest + 1
        stride = (lanes + (options.frameSamples - 1) / options.hopSamples + lanes - 1) / lanes * lanes
        columnCount = options.hopSamples * stride
        columns = FloatBlock(count: columnCount)
        frames = FloatBlock(count: points * lanes)
        mirrored = FloatBlock(count: points * lanes)
        spectrum = FloatBlock(count: points * lanes)
        power = FloatBlock(count: (points / 2 + 1) * lanes)
        energies = FloatBlock(count: (tracker.longest + 1) * lanes)
        correlations = FloatBlock(count: (tracker.longest + 1) * lanes)
        differences = FloatBlock(count: differenceCount * lanes)
        thresholds = [Double](repeating: 0, count: options.thresholds)
        troughs = [Int32](repeating: 0, count: 2 * differenceCount)
        bins = [Int32](repeating: 0, count: differenceCount)
        probabilities = [Double](repeating: 0, count: differenceCount)
    }

    func clearColumns() { columns.start.update(repeating: 0, count: columnCount) }
}
