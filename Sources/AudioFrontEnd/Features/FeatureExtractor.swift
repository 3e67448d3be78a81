import CKernels
import Glibc
import Synchronization

/// Makes features. Build one and share it: threads may use it at the same time.
///
///     let extractor = try FeatureExtractor(FeatureOptions())
///     let features = extractor.features(of: signal.samples)      // [frames, 80]
public final class FeatureExtractor: Sendable {
    public let pipeline: FeaturePipeline
    /// How frames are made, before the steps of the pipeline.
    public let options: FeatureOptions
    /// Values a frame, after all steps.
    public var bins: Int { pipeline.bins }
    /// Samples a frame, and from the start of one frame to the next.
    let length: Int
    let hop: Int
    /// Values of a row before it is finished: compressed energies, and the frame's energy.
    let rowBins: Int

    private let layout: RowLayout
    private let window: [Float]
    private let bank: MelBank
    private let compression: steno_compression
    private let energyCompression: steno_compression
    private let cosines: CosineMatrix?
    private let plan: FourierPlan
    private let workspaces = Mutex<[Workspace]>([])

    /// Frames that are made at once.
    static let lanes = Int(STENO_MEL_LANES)

    /// Refuses options out of range.
    public convenience init(_ options: FeatureOptions = FeatureOptions()) throws(AudioError) {
        try self.init(FeaturePipeline(options))
    }

    /// Refuses options and steps out of range.
    public init(_ pipeline: FeaturePipeline) throws(AudioError) {
        try pipeline.validate()
        self.pipeline = pipeline
        let options = pipeline.options
        self.options = options
        length = options.span
        hop = options.hop
        layout = RowLayout(options)
        rowBins = layout.rowBins
        window = options.frameWeights
        bank = MelBank(options)
        compression = steno_compression(options, floor: options.logFloor)
        energyCompression = steno_compression(options, floor: options.energyFloor)
        cosines = options.output == .mfcc ? CosineMatrix(options) : nil
        guard let plan = FourierPlan(points: options.transformLength) else {
            throw .option(
                name: "transformPoints", expected: "a size that FFTW transforms", found: "\(options.transformLength)")
        }
        self.plan = plan
    }

    /// Features of a whole signal at the options' sample rate. Samples must be finite.
    public func features(of samples: [Float]) -> Features {
        let frames = options.frameCount(samples: samples.count)
        // What depends on the loudest value of the signal is done to its rows when all are there.
        let isWhole = !options.isStreamable
        let width = isWhole ? rowBins : options.bins
        var values = [Float](unsafeUninitializedCapacity: frames * width) { buffer, count in
            var stream = FrameStream(self, finishesRows: !isWhole)
            var made = stream.advance(samples, to: buffer)
            made += stream.end(to: UnsafeMutableBufferPointer(rebasing: buffer[(made * width)...]))
            precondition(made == frames, "\(made) frames were made of \(frames)")
            count = frames * width
        }
        if isWhole && frames > 0 {
            var maximum = -Float.infinity
            raise(&maximum, toThatOf: values, frames: frames)
            values = finish(values, frames: frames, maximum: maximum)
        }
        let features = Features(frames: frames, bins: options.bins, values: values)
        return pipeline.steps.reduce(features) { $1.whole($0) }
    }

    /// The same features from a signal that comes in pieces, bit for bit if the pipeline is streamable. Where it is
    /// not, what the frames so far say, the frame's own included, stands for what those of the whole signal say: the
    /// running maximum, the running mean and deviation.
    public func stream() -> FeatureStream { FeatureStream(self) }

    /// Frames `first ..< end` of one group of eight, which begins at a multiple of eight frames: a frame is always
    /// made in the same lane, so that its bits do not depend on how the signal was cut.
    ///
    /// - Parameters:
    ///   - samples: from the first sample of frame `first` to the last of frame `end - 1`.
    ///   - rows: `[end - first, rowBins]`.
    func makeRows(
        _ first: Int, _ end: Int, of samples: UnsafePointer<Float>, in workspace: Workspace,
        to rows: UnsafeMutablePointer<Float>
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
            options.preEmphasisScope == .frame ? Float(options.preEmphasis) : 0, options.removeDC ? 1 : 0,
            workspace.frames.start)
        plan.transform(workspace.frames, into: workspace.spectrum)
        steno_mel_power(
            workspace.spectrum.start, Int64(plan.points), plan.cosines, plan.sines,
            options.spectrum == .magnitude ? 1 : 0, workspace.power.start)
        var energies = workspace.power.start
        if options.output != .spectrogram {
            energies = workspace.mel.start
            steno_mel_filters(
                workspace.power.start, Int64(options.melBins), bank.starts, bank.offsets, bank.weights, energies)
        }
        steno_mel_rows(
            energies, Int64(layout.energies.count), compression, Int64(lane), Int64(lane + count), Int64(rowBins),
            rows + layout.energies.lowerBound)
        if let column = layout.frameEnergy {
            makeEnergies(in: workspace)
            steno_mel_rows(
                workspace.energies.start, 1, energyCompression, Int64(lane), Int64(lane + count), Int64(rowBins),
                rows + column)
        }
    }

    /// The energies of the workspace's eight frames.
    private func makeEnergies(in workspace: Workspace) {
        let target = workspace.energies.start
        switch options.energySource {
        case .raw:
            steno_mel_raw_energies(
                workspace.columns.start, Int64(workspace.stride), Int64(hop), Int64(length), options.removeDC ? 1 : 0,
                Float(options.sampleScale * options.sampleScale), target)
        case .windowed:
            let scale = options.spectrum == .periodogram ? Float(plan.points) : 1
            steno_mel_windowed_energies(workspace.frames.start, Int64(length), scale, target)
        case .spectrum:
            steno_mel_spectrum_energies(workspace.power.start, Int64(plan.points / 2 + 1), target)
        }
    }

    /// Whether rows are features as they are made.
    var rowsAreFinished: Bool { cosines == nil && !layout.isLimited }
    /// Whether rows become features in their place.
    var finishesInPlace: Bool { cosines == nil }

    /// Makes features of rows, of which it uses up the content.
    ///
    /// - Parameters:
    ///   - maximum: the largest value; if `running`, of the rows so far, which is kept.
    ///   - output: `[count, bins]`, which is `rows` if rows are finished in place.
    func finish(
        _ rows: UnsafeMutablePointer<Float>, count: Int, maximum: inout Float, running: Bool,
        to output: UnsafeMutablePointer<Float>
    ) {
        if layout.isLimited {
            let limited = layout.limited
            let needsMaximum = !options.isStreamable
            steno_rows_limit(
                rows + limited.lowerBound, Int64(count), Int64(limited.count), Int64(rowBins),
                needsMaximum && options.range > 0 ? Float(options.range) : .infinity,
                needsMaximum && options.reference == 0 ? 1 : 0,
                Float(options.outputOffset), Float(options.outputScale), running ? 1 : 0, &maximum)
        }
        guard let cosines else { return }
        let bins = options.bins
        steno_rows_product(
            rows, Int64(count), Int64(options.melBins), Int64(rowBins), cosines.weights, Int64(cosines.width),
            Int64(options.coefficients), Int64(bins), output + (options.energy == .firstColumn ? 1 : 0))
        if let from = layout.frameEnergy {
            let to = layout.finishedEnergy
            for row in 0..<count { output[row * bins + to] = rows[row * rowBins + from] }
        }
    }

    /// Raises `maximum` to the largest value among rows that are not finished.
    func raise(_ maximum: inout Float, toThatOf rows: [Float], frames: Int) {
        let limited = layout.limited
        rows.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            steno_rows_maximum(
                start + limited.lowerBound, Int64(frames), Int64(limited.count), Int64(rowBins), &maximum)
        }
    }

    /// Features of rows that are not finished, where `maximum` is the largest value of the whole signal.
    func finish(_ rows: consuming [Float], frames: Int, maximum: Float) -> [Float] {
        var rows = consume rows
        var maximum = maximum
        if finishesInPlace {
            rows.withUnsafeMutableBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return }
                finish(start, count: frames, maximum: &maximum, running: false, to: start)
            }
            return rows
        }
        return [Float](unsafeUninitializedCapacity: frames * options.bins) { output, count in
            rows.withUnsafeMutableBufferPointer { buffer in
                guard let start = buffer.baseAddress, let target = output.baseAddress else { return }
                finish(start, count: frames, maximum: &maximum, running: false, to: target)
            }
            count = frames * options.bins
        }
    }

    /// Lends a workspace to `body`; they are kept for the next call.
    func withWorkspace(_ body: (Workspace) -> Void) {
        let workspace = workspaces.withLock { $0.popLast() } ?? Workspace(options, rowBins: rowBins)
        body(workspace)
        workspaces.withLock { $0.append(workspace) }
    }
}

/// Where a row's values stand before it is finished, and the frame's energy after.
private struct RowLayout: Sendable {
    let rowBins: Int
    /// The compressed energies of the spectrum or of the filters.
    let energies: Range<Int>
    /// Those of them that are limited to the range below their maximum.
    let limited: Range<Int>
    let frameEnergy: Int?
    /// Where the frame's energy stands among cepstra.
    let finishedEnergy: Int
    /// Whether range, reference, offset or scale change a value.
    let isLimited: Bool

    init(_ options: FeatureOptions) {
        isLimited = !options.isStreamable || options.outputOffset != 0 || options.outputScale != 1
        let hasEnergy = options.energy != .none
        if options.output == .mfcc {
            energies = 0..<options.melBins
            limited = energies
            frameEnergy = hasEnergy ? options.melBins : nil
            rowBins = options.melBins + (hasEnergy ? 1 : 0)
        } else {
            let first = options.energy == .firstColumn ? 1 : 0
            energies = first..<first + options.valueCount
            limited = options.energy == .replacesFirst ? 1..<max(1, options.valueCount) : energies
            frameEnergy = hasEnergy ? (options.energy == .lastColumn ? options.valueCount : 0) : nil
            rowBins = options.bins
        }
        finishedEnergy =
            switch options.energy {
            case .none, .firstColumn: 0
            case .replacesFirst: options.zerothLast ? options.coefficients - 1 : 0
            case .lastColumn: options.coefficients
            }
    }
}

/// What makes cepstra of log-mel energies, the lifter included: `[bins, width]`, of which the first columns are the
/// coefficients in the order in which they are given.
private struct CosineMatrix: Sendable {
    let width: Int
    let weights: [Float]

    init(_ options: FeatureOptions) {
        let (bins, count) = (options.melBins, options.coefficients)
        width = (count + 7) / 8 * 8
        var weights = [Float](repeating: 0, count: bins * width)
        for column in 0..<count {
            let i = options.zerothLast ? (column + 1) % count : column
            for bin in 0..<bins {
                weights[bin * width + column] = Float(options.cosineWeight(coefficient: i, bin: bin))
            }
        }
        self.weights = weights
    }
}

extension steno_compression {
    fileprivate init(_ options: FeatureOptions, floor: Double) {
        let least = Float.leastNormalMagnitude
        guard let factor = options.logarithmFactor else {
            self.init(added: 0, least: 0, replacement: 0, factor: 1, offset: 0, logarithm: 0)
            return
        }
        let offset = options.reference > 0 ? 0 - factor * log(max(options.reference, floor)) : 0
        let floor = Float(floor)
        switch options.floorRule {
        case .least:
            self.init(
                added: 0, least: floor, replacement: floor, factor: Float(factor), offset: Float(offset), logarithm: 1)
        case .added:
            self.init(
                added: floor, least: least, replacement: least, factor: Float(factor), offset: Float(offset),
                logarithm: 1)
        case .zeros:
            self.init(
                added: 0, least: least, replacement: floor, factor: Float(factor), offset: Float(offset), logarithm: 1)
        }
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
    /// `[8]`
    let energies: FloatBlock
    /// `[8, rowBins]`
    let rows: FloatBlock
    /// Samples gathered for one group of frames.
    let samples: FloatBlock

    init(_ options: FeatureOptions, rowBins: Int) {
        let lanes = FeatureExtractor.lanes
        let points = options.transformLength
        stride = (lanes + (options.span - 1) / options.hop + lanes - 1) / lanes * lanes
        columnCount = options.hop * stride
        columns = FloatBlock(count: columnCount)
        frames = FloatBlock(count: points * lanes)
        spectrum = FloatBlock(count: points * lanes)
        power = FloatBlock(count: (points / 2 + 1) * lanes)
        mel = FloatBlock(count: options.melBins * lanes)
        energies = FloatBlock(count: lanes)
        rows = FloatBlock(count: rowBins * lanes)
        samples = FloatBlock(count: (lanes - 1) * options.hop + options.span)
    }

    func clearColumns() { columns.start.update(repeating: 0, count: columnCount) }
}
