/// Features of one utterance.
public struct Features: Sendable, Hashable {
    public var frames: Int
    /// Features a frame.
    public var bins: Int
    /// `[frames, bins]`, row-major.
    public var values: [Float]

    public init(frames: Int, bins: Int, values: [Float]) {
        precondition(values.count == frames * bins, "\(values.count) values are not \(frames) frames of \(bins)")
        self.frames = frames
        self.bins = bins
        self.values = values
    }

    /// Adds frames of the same width at the end.
    public mutating func append(_ more: Features) {
        precondition(more.bins == bins, "\(more.bins) bins do not fit \(bins)")
        frames += more.frames
        values += more.values
    }
}
