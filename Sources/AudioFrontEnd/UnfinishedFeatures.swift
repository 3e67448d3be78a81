/// Features that depend on the loudest value of the whole signal (`FeatureOptions.isStreamable` is false), of a signal
/// that is too long to be kept: rows come as the sound does, wait elsewhere, and are finished when all are there. Bit
/// for bit those of `FeatureExtractor.features(of:)`.
package struct UnfinishedFeatures: Sendable {
    private let extractor: FeatureExtractor
    private var frames: FrameStream
    private var maximum = -Float.infinity

    package init(_ extractor: FeatureExtractor) {
        self.extractor = extractor
        frames = FrameStream(extractor, finishesRows: false)
    }

    /// Values a row.
    package var bins: Int { extractor.rowBins }

    /// The rows that `samples` completes.
    package mutating func push(_ samples: [Float]) -> Features { heard(frames.push(samples, bins: bins)) }

    /// The rows that need the padding after the last sample.
    package mutating func finish() -> Features { heard(frames.finish(bins: bins)) }

    /// What rows are among all that have come.
    package func features(of rows: Features) -> Features {
        Features(
            frames: rows.frames, bins: extractor.options.bins,
            values: extractor.finish(rows.values, frames: rows.frames, maximum: maximum))
    }

    private mutating func heard(_ rows: Features) -> Features {
        extractor.raise(&maximum, toThatOf: rows.values, frames: rows.frames)
        return rows
    }
}

extension FrameStream {
    fileprivate mutating func push(_ samples: [Float], bins: Int) -> Features {
        collect(room(for: samples.count), bins: bins) { $0.advance(samples, to: $1) }
    }

    fileprivate mutating func finish(bins: Int) -> Features { collect(roomAtEnd, bins: bins) { $0.end(to: $1) } }

    private mutating func collect(
        _ room: Int, bins: Int, _ make: (inout FrameStream, UnsafeMutableBufferPointer<Float>) -> Int
    ) -> Features {
        var made = 0
        let values = [Float](unsafeUninitializedCapacity: room * bins) { buffer, count in
            made = make(&self, buffer)
            count = made * bins
        }
        return Features(frames: made, bins: bins, values: values)
    }
}
