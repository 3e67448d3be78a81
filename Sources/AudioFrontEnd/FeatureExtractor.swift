import CKernels
import Synchronization

/// Makes log-mel features. Build one and share it: threads may use it at the same time.
///
///     let extractor = try FeatureExtractor(FeatureOptions())
///     let features = extractor.features(of: signal.samples)      // [frames, 80]
public final class FeatureExtractor: Sendable {
    public let options: FeatureOptions
    /// Samples a frame, and from the start of one frame to the next.
    let length: Int
    let hop: Int

    private let window: [Float]
    private let bank: MelBank
    private let plan: FourierPlan
    private let workspaces = Mutex<[Workspace]>([])

    /// Frames that are made at once.
    static let lanes = Int(STENO_MEL_LANES)

    /// Refuses options out of range.
    public init(_ options: FeatureOptions = FeatureOptions()) throws(AudioError) {
        try options.validate()
        self.options = options
        length = options.frameLength
        hop = options.hop
        window = options.window.weights(count: length).map { Float($0 * options.sampleScale) }
        bank = MelBank(options)
        guard let plan = FourierPlan(points: options.transformLength) else {
            throw .option(
                name: "transformPoints", expected: "a size that FFTW transforms", found: "\(options.transformLength)")
        }
        self.plan = plan
    }

    /// Features of a whole signal at the options' sample rate. Samples must be finite.
    public func features(of samples: [Float]) -> Features {
        let frames = options.frameCount(samples: samples.count)
        let bins = options.melBins
        let values = [Float](unsafeUninitializedCapacity: frames * bins) { buffer, count in
            var stream = FeatureStream(self)
            var made = stream.advance(samples, to: buffer)
            made += stream.end(to: UnsafeMutableBufferPointer(rebasing: buffer[(made * bins)...]))
            precondition(made == frames, "\(made) frames were made of \(frames)")
            count = frames * bins
        }
        return Features(frames: frames, bins: bins, values: values)
    }

    /// The same features from a signal that comes in pieces, bit for bit.
    public func stream() -> FeatureStream { FeatureStream(self) }

    /// Frames `first ..< end` of one group of eight, which begins at a multiple of eight frames: a frame is always
    /// made in the same lane, so that its bits do not depend on how the signal was cut.
    ///
    /// - Parameters:
    ///   - samples: from the first sample of frame `first` to the last of frame `end - 1`.
    ///   - output: `[end - first, bins]`.
    func makeFrames(
        _ first: Int, _ end: Int, of samples: UnsafePointer<Float>, in workspace: Workspace,
        to output: UnsafeMutablePointer<Float>
    ) {
        let lanes = Self.lanes
        let lane = first % lanes
        let count = end - first
        let columns = count + (length - 1) / hop
        if count < lanes { workspace.clearColumns() }
        steno_mel_columns(
            samples, Int64((count - 1) * hop + length), Int64(hop), Int64(hop), Int64(columns),
            Int64(workspace.stride), workspace.columns.start + lane)
        steno_mel_frames(
            workspace.columns.start, Int64(workspace.stride), Int64(hop), Int64(length), window,
            Float(options.preEmphasis), options.removeDC ? 1 : 0, workspace.frames.start)
        plan.transform(workspace.frames, into: workspace.spectrum)
        steno_mel_power(
            workspace.spectrum.start, Int64(plan.points), plan.cosines, plan.sines,
            options.spectrum == .magnitude ? 1 : 0, workspace.power.start)
        steno_mel_filters(
            workspace.power.start, Int64(options.melBins), bank.starts, bank.offsets, bank.weights,
            workspace.mel.start)
        steno_mel_log_rows(
            workspace.mel.start, Int64(options.melBins), Float(options.logFloor), Int64(lane), Int64(lane + count),
            output)
    }

    /// Lends a workspace to `body`; they are kept for the next call.
    func withWorkspace(_ body: (Workspace) -> Void) {
        let workspace = workspaces.withLock { $0.popLast() } ?? Workspace(options)
        body(workspace)
        workspaces.withLock { $0.append(workspace) }
    }
}

/// The memory in which eight frames are made; used by one thread at a time.
final class Workspace: @unchecked Sendable {  // lent to one caller at a time
    /// The signal as columns of one hop, `[hop, stride]`.
    let columns: FloatBlock
    let stride: Int
    private let columnCount: Int
    /// `[points / 2, 8]` complex: samples beyond a frame's length stay 0.
    let frames: FloatBlock
    let spectrum: FloatBlock
    /// `[points / 2 + 1, 8]`
    let power: FloatBlock
    /// `[bins, 8]`
    let mel: FloatBlock
    /// Samples gathered for one group of frames.
    let samples: FloatBlock

    init(_ options: FeatureOptions) {
        let lanes = FeatureExtractor.lanes
        let points = options.transformLength
        stride = (lanes + (options.frameLength - 1) / options.hop + lanes - 1) / lanes * lanes
        columnCount = options.hop * stride
        columns = FloatBlock(count: columnCount)
        frames = FloatBlock(count: points * lanes)
        spectrum = FloatBlock(count: points * lanes)
        power = FloatBlock(count: (points / 2 + 1) * lanes)
        mel = FloatBlock(count: options.melBins * lanes)
        samples = FloatBlock(count: (lanes - 1) * options.hop + options.frameLength)
    }

    func clearColumns() { columns.start.update(repeating: 0, count: columnCount) }
}
