/// Features of a signal that comes in pieces: each frame as soon as its last sample is there, bit for bit the frames
/// of the whole signal at once. Its memory does not grow with the signal.
///
///     var stream = extractor.stream()
///     for piece in pieces { use(stream.push(piece)) }
///     use(stream.finish())
public struct FeatureStream: Sendable {
    private let extractor: FeatureExtractor
    /// The last samples, padding included: what the next frame and the padding at the end need.
    private var history: [Float] = []
    /// Places are counted from the first padded sample; `history[0]` is at this one.
    private var historyStart = 0
    /// Samples of the signal so far.
    private var received = 0
    private var nextFrame = 0
    /// Whether the padding before the first sample has been made.
    private var begun = false

    init(_ extractor: FeatureExtractor) { self.extractor = extractor }

    /// The frames that `samples` completes.
    public mutating func push(_ samples: [Float]) -> Features {
        let bins = extractor.options.melBins
        let room = max(0, completeFrames(received + samples.count) - nextFrame)
        var frames = 0
        let values = [Float](unsafeUninitializedCapacity: room * bins) { buffer, count in
            frames = advance(samples, to: buffer)
            count = frames * bins
        }
        return Features(frames: frames, bins: bins, values: values)
    }

    /// The frames that need the padding after the last sample. The stream is then at the start of another signal.
    public mutating func finish() -> Features {
        let bins = extractor.options.melBins
        let room = max(0, extractor.options.frameCount(samples: received) - nextFrame)
        var frames = 0
        let values = [Float](unsafeUninitializedCapacity: room * bins) { buffer, count in
            frames = end(to: buffer)
            count = frames * bins
        }
        return Features(frames: frames, bins: bins, values: values)
    }

    /// `push` to a place with room for the frames; returns how many there were.
    mutating func advance(_ samples: [Float], to output: UnsafeMutableBufferPointer<Float>) -> Int {
        received += samples.count
        let left = extractor.options.leftPadding
        if !begun {
            // Reflection needs as many samples as there is padding.
            guard received > left else {
                history += samples
                return 0
            }
            begun = true
            if left > 0 {
                history += samples
                history = padding(-left..<0, signalStart: 0) + history
                return process([], upTo: completeFrames(received), to: output)
            }
        }
        return process(samples, upTo: completeFrames(received), to: output)
    }

    /// `finish` to a place with room for the frames; returns how many there were.
    mutating func end(to output: UnsafeMutableBufferPointer<Float>) -> Int {
        let options = extractor.options
        let left = options.leftPadding
        defer { self = FeatureStream(extractor) }
        if !begun && received > 0 {
            history = padding(-left..<0, signalStart: 0) + history
            begun = true
        }
        let frames = options.frameCount(samples: received)
        guard frames > nextFrame else { return 0 }
        let needed = (frames - 1) * extractor.hop + extractor.length - left
        let right = padding(received..<max(received, needed), signalStart: historyStart - left)
        return process(right, upTo: frames, to: output)
    }

    /// Frames that lie within the padding before the signal and its first `count` samples.
    private func completeFrames(_ count: Int) -> Int {
        let left = extractor.options.leftPadding
        guard count > left || left == 0, left + count >= extractor.length else { return 0 }
        return min(
            1 + (left + count - extractor.length) / extractor.hop, extractor.options.frameCount(samples: count))
    }

    /// What stands at `places` outside of the signal, from the history, whose first sample is sample `signalStart`.
    private func padding(_ places: Range<Int>, signalStart: Int) -> [Float] {
        let edges = extractor.options.edges
        return places.map { place in
            guard let index = edges.index(of: place, count: received) else { return 0 }
            return history[index - signalStart]
        }
    }

    /// Makes the frames `nextFrame ..< end` from the history and what follows it, and keeps what later frames need.
    private mutating func process(
        _ samples: [Float], upTo end: Int, to output: UnsafeMutableBufferPointer<Float>
    ) -> Int {
        let extractor = extractor
        let (hop, length, bins) = (extractor.hop, extractor.length, extractor.options.melBins)
        let begin = nextFrame
        let pieceStart = historyStart + history.count
        if end > begin, let target = output.baseAddress {
            extractor.withWorkspace { workspace in
                history.withUnsafeBufferPointer { old in
                    samples.withUnsafeBufferPointer { new in
                        var frame = begin
                        while frame < end {
                            let next = min(end, (frame / FeatureExtractor.lanes + 1) * FeatureExtractor.lanes)
                            let start = frame * hop
                            let count = (next - 1) * hop + length - start
                            let source: UnsafePointer<Float>
                            if start >= pieceStart, let piece = new.baseAddress {
                                source = piece + (start - pieceStart)
                            } else if start + count <= pieceStart, let kept = old.baseAddress {
                                source = kept + (start - historyStart)
                            } else {
                                let fromOld = pieceStart - start
                                let gathered = workspace.samples.start
                                if let kept = old.baseAddress {
                                    gathered.update(from: kept + (start - historyStart), count: fromOld)
                                }
                                if let piece = new.baseAddress {
                                    (gathered + fromOld).update(from: piece, count: count - fromOld)
                                }
                                source = UnsafePointer(gathered)
                            }
                            extractor.makeFrames(
                                frame, next, of: source, in: workspace, to: target + (frame - begin) * bins)
                            frame = next
                        }
                    }
                }
            }
            nextFrame = end
        }
        keep(samples, from: pieceStart)
        return nextFrame - begin
    }

    /// Keeps the samples of the next frame, and a frame's length for the padding at the end.
    private mutating func keep(_ samples: [Float], from pieceStart: Int) {
        let end = pieceStart + samples.count
        var first = nextFrame * extractor.hop
        if extractor.options.framing != .snipEdges { first = min(first, end - extractor.length - 1) }
        first = min(max(first, historyStart), end)
        if first >= pieceStart {
            history = Array(samples[(first - pieceStart)...])
        } else {
            history.removeFirst(first - historyStart)
            history += samples
        }
        historyStart = first
    }
}

extension FeatureOptions.Edges {
    /// The sample that stands at `place`, outside of `0 ..< count`; nil for 0.
    func index(of place: Int, count: Int) -> Int? {
        guard count > 0 else { return nil }
        switch self {
        case .zero: return nil
        case .symmetric:
            let period = 2 * count
            let folded = ((place % period) + period) % period
            return folded < count ? folded : period - 1 - folded
        case .reflect:
            guard count > 1 else { return 0 }
            let period = 2 * count - 2
            let folded = ((place % period) + period) % period
            return folded < count ? folded : period - folded
        }
    }
}
