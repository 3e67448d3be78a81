/// Features of a signal that comes in pieces: each frame as soon as its last sample is there, bit for bit the frames
/// of the whole signal at once (see `FeatureExtractor.stream` for what the whole signal decides). Its memory does not
/// grow with the signal.
///
///     var stream = extractor.stream()
///     for piece in pieces { use(stream.push(piece)) }
///     use(stream.finish())
public struct FeatureStream: Sendable {
    private var frames: FrameStream
    private var steps: [any RowStep] = []

    init(_ extractor: FeatureExtractor) {
        frames = FrameStream(extractor, finishesRows: true)
        var bins = extractor.options.bins
        for step in extractor.pipeline.steps {
            steps.append(step.running(bins: bins))
            bins = step.bins(of: bins)
        }
    }

    /// The frames that `samples` completes.
    public mutating func push(_ samples: [Float]) -> Features { steps.push(frames.push(samples)) }

    /// The frames that need the padding after the last sample. The stream is then at the start of another signal.
    public mutating func finish() -> Features { steps.finish(after: frames.finish()) }
}
