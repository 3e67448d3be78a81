/// The features of a signal that is too long to be kept, bit for bit those of `FeatureExtractor.features(of:)`: in a
/// pass over the samples and one more over the rows of the pass before for everything that needs all of the signal (a
/// range below its maximum, its mean). The caller keeps the rows between passes, wherever there is room.
package struct FeaturePasses: Sendable {
    /// Values of a row of this pass.
    package private(set) var bins: Int

    private let extractor: FeatureExtractor
    private var frames: FrameStream
    /// What this pass does to rows, and the number of steps of the pipeline that have been taken.
    private var steps: [any RowStep] = []
    private var taken = 0
    /// What this pass finds out for the next one; nil on the last.
    private var finding: Finding?

    private enum Finding {
        case maximum(Float)
        case statistics(FeatureStatistics, scalesVariance: Bool)
    }

    /// Begins the pass over the samples.
    package init(_ extractor: FeatureExtractor) {
        self.extractor = extractor
        let isStreamable = extractor.options.isStreamable
        frames = FrameStream(extractor, finishesRows: isStreamable)
        bins = isStreamable ? extractor.options.bins : extractor.rowBins
        if isStreamable { takeSteps() } else { finding = .maximum(-.infinity) }
    }

    /// Whether what this pass gives are the features.
    package var isLast: Bool { finding == nil }

    /// The rows that `samples` completes.
    package mutating func push(_ samples: [Float]) -> Features { found(steps.push(frames.push(samples))) }

    /// All other rows of the pass over the samples.
    package mutating func finish() -> Features { found(steps.finish(after: frames.finish())) }

    /// Begins the next pass, over the rows of this one.
    package mutating func next() {
        switch finding {
        case .maximum(let maximum):
            steps = [Finishing(extractor: extractor, maximum: maximum)]
            bins = extractor.options.bins
        case .statistics(let statistics, let scalesVariance):
            var normalisation = Normalisation.global(statistics)
            if !scalesVariance { normalisation.deviations = [Float](repeating: 1, count: bins) }
            steps = [RunningNormalisation(normalisation, bins: bins)]
        case nil: preconditionFailure("there is no pass after the last")
        }
        finding = nil
        takeSteps()
    }

    /// What comes of rows of the pass before.
    package mutating func push(rows: Features) -> Features { found(steps.push(rows)) }

    /// All other rows of a pass over rows.
    package mutating func finishRows() -> Features {
        found(steps.finish(after: Features(frames: 0, bins: bins, values: [])))
    }

    /// Takes the pipeline's steps up to the next one that needs all of the signal.
    private mutating func takeSteps() {
        while taken < extractor.pipeline.steps.count {
            let step = extractor.pipeline.steps[taken]
            taken += 1
            if case .normalisation(let normalisation) = step, !normalisation.isStreamable {
                finding = .statistics(
                    FeatureStatistics(bins: bins), scalesVariance: normalisation.mode == .utterance)
                return
            }
            steps.append(step.running(bins: bins))
            bins = step.bins(of: bins)
        }
    }

    private mutating func found(_ rows: Features) -> Features {
        switch finding {
        case .maximum(var maximum):
            extractor.raise(&maximum, toThatOf: rows.values, frames: rows.frames)
            finding = .maximum(maximum)
        case .statistics(var statistics, let scalesVariance):
            statistics.accumulate(rows)
            finding = .statistics(statistics, scalesVariance: scalesVariance)
        case nil: break
        }
        return rows
    }
}

/// Makes features of rows as the extractor makes them, once the largest value of the signal is known.
private struct Finishing: RowStep {
    let extractor: FeatureExtractor
    let maximum: Float

    mutating func push(_ rows: Features) -> Features {
        let values = extractor.finish(rows.values, frames: rows.frames, maximum: maximum)
        return Features(frames: rows.frames, bins: extractor.options.bins, values: values)
    }

    mutating func finish() -> Features { Features(frames: 0, bins: extractor.options.bins, values: []) }
}
