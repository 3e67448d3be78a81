import CKernels

/// The frames of a signal that comes in pieces, without the steps that follow them (see `FeatureStream`).
struct FrameStream: Sendable {
    private let extractor: FeatureExtractor
    /// Whether the output is features, or rows that are yet to be finished.
    private let finishesRows: Bool
    /// The last samples, padding included: what the next frame and the padding at the end need.
    private var history: [Float] = []
    /// Places are counted from the first padded sample; `history[0]` is at this one.
    private var historyStart = 0
    /// Samples of the signal so far.
    private var received = 0
    private var nextFrame = 0
    /// Whether the padding before the first sample has been made.
    private var begun = false

    /// The signal's last sample so far, before it is pre-emphasised.
    private var previous: Float = 0
    /// The largest value so far.
    private var maximum = -Float.infinity
    /// Values a frame in the output.
    private let width: Int

    /// Samples that are dithered and pre-emphasised at once.
    private static let pieceSamples = 1 << 14

    init(_ extractor: FeatureExtractor, finishesRows: Bool) {
        self.extractor = extractor
        self.finishesRows = finishesRows
        width = finishesRows ? extractor.options.bins : extractor.rowBins
    }

    /// Frames that `advance` gives for so many samples.
    func room(for count: Int) -> Int { max(0, completeFrames(received + count) - nextFrame) }
    /// Frames that `end` gives.
    var roomAtEnd: Int { max(0, extractor.options.frameCount(samples: received) - nextFrame) }

    /// The frames that `samples` completes.
    mutating func push(_ samples: [Float]) -> Features {
        collect(room(for: samples.count)) { $0.advance(samples, to: $1) }
    }

    /// The frames that need the padding after the last sample. The stream is then at the start of another signal.
    mutating func finish() -> Features { collect(roomAtEnd) { $0.end(to: $1) } }

    private mutating func collect(
        _ room: Int, _ make: (inout FrameStream, UnsafeMutableBufferPointer<Float>) -> Int
    ) -> Features {
        var made = 0
        let values = [Float](unsafeUninitializedCapacity: room * width) { buffer, count in
            made = make(&self, buffer)
            count = made * width
        }
        return Features(frames: made, bins: width, values: values)
    }

    /// Takes samples and makes the frames that they complete, to a place with room for them; returns how many.
    mutating func advance(_ samples: [Float], to output: UnsafeMutableBufferPointer<Float>) -> Int {
        let options = extractor.options
        let emphasises = options.preEmphasisScope == .signal && options.preEmphasis > 0
        guard options.dither > 0 || emphasises else { return take(samples, to: output) }
        var made = 0
        var first = 0
        while first < samples.count {
            let count = min(Self.pieceSamples, samples.count - first)
            let prepared = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
                filled = count
                guard let target = buffer.baseAddress else { return }
                samples.withUnsafeBufferPointer { source in
                    guard let start = source.baseAddress else { return }
                    prepare(start + first, count: count, emphasises: emphasises, to: target)
                }
            }
            made += take(prepared, to: UnsafeMutableBufferPointer(rebasing: output[(made * width)...]))
            first += count
        }
        return made
    }

    /// The next `count` samples with dither and, if `emphasises`, with the pre-emphasis of the whole signal.
    private mutating func prepare(
        _ samples: UnsafePointer<Float>, count: Int, emphasises: Bool, to target: UnsafeMutablePointer<Float>
    ) {
        let options = extractor.options
        if options.dither > 0 {
            steno_dither(
                samples, Int64(count), Int64(received), UInt64(bitPattern: Int64(options.ditherSeed)),
                Float(options.dither / options.sampleScale), target)
        } else {
            target.update(from: samples, count: count)
        }
        if emphasises {
            let last = target[count - 1]
            steno_samples_emphasise(target, Int64(count), Float(options.preEmphasis), previous, target)
            previous = last
        }
    }

    private mutating func take(_ samples: [Float], to output: UnsafeMutableBufferPointer<Float>) -> Int {
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
                let early = history
                history += samples.prefix(left + 1 - early.count)
                history = padding(-left..<0, signalStart: 0) + early
            }
        }
        return process(samples, upTo: completeFrames(received), to: output)
    }

    /// Makes the frames that need the padding after the last sample, to a place with room for them; returns how many.
    /// The stream is then at the start of another signal.
    mutating func end(to output: UnsafeMutableBufferPointer<Float>) -> Int {
        let options = extractor.options
        let left = options.leftPadding
        defer { self = FrameStream(extractor, finishesRows: finishesRows) }
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
        let (hop, length) = (extractor.hop, extractor.length)
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
                            makeFrames(
                                frame, next, of: source, in: workspace, to: target + (frame - begin) * width)
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

    private mutating func makeFrames(
        _ first: Int, _ end: Int, of samples: UnsafePointer<Float>, in workspace: Workspace,
        to output: UnsafeMutablePointer<Float>
    ) {
        let isFinished = !finishesRows || extractor.rowsAreFinished
        let rows = isFinished || extractor.finishesInPlace ? output : workspace.rows.start
        extractor.makeRows(first, end, of: samples, in: workspace, to: rows)
        if !isFinished { extractor.finish(rows, count: end - first, maximum: &maximum, running: true, to: output) }
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
        case .nearest: return place < 0 ? 0 : count - 1
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
