import CKernels
import Glibc

/// Probabilities of changes from one bin of pitch to another within a frame's time: a triangle around the bin, cut at
/// the lowest and the highest, and whether a frame stays voiced or unvoiced. Logarithms, for the path.
struct PitchTransitions: Sendable {
    let bins: Int
    private let width: Int
    private let centre: Int
    private let logWindow: [Double]
    private let logSums: [Double]
    private let logStay: Double
    private let logSwitch: Double

    init(_ options: PitchOptions) {
        bins = options.bins
        let semitones = (options.octavesPerSecond * 12 * Double(options.hopSamples) / Double(options.sampleRate))
            .rounded(.toNearestOrEven)
        let full = Int(semitones) * options.binsPerSemitone + 1
        // A triangle of even width has its two middle bins where librosa's lie, which the number of bins decides.
        let middle = full % 2 == 1 || bins % 2 == 1 ? full / 2 : full / 2 - 1
        let reach = min(full / 2, bins - 1)
        let low = max(0, middle - reach)
        let high = min(full - 1, middle + reach)
        let window = (low...high).map { place -> Double in
            let step = Double(min(place + 1, full - place))
            return full % 2 == 1 ? 2 * step / Double(full + 1) : (2 * step - 1) / Double(full)
        }
        let centre = middle - low
        var cumulative = [0.0]
        for weight in window { cumulative.append((cumulative.last ?? 0) + weight) }
        let bins = bins
        logSums = (0..<bins).map { bin in
            log(cumulative[min(window.count, bins - bin + centre)] - cumulative[max(0, centre - bin)])
        }
        width = window.count
        self.centre = centre
        let padding = [Double](repeating: -.infinity, count: Int(STENO_PITCH_PADDING))
        logWindow = padding + window.map { log($0) } + padding
        logStay = log(1 - options.switchProbability)
        logSwitch = log(options.switchProbability)
    }

    /// Lends the kernels' view of this to `body`.
    func withKernel(_ body: (UnsafePointer<steno_pitch_transitions_t>) -> Void) {
        logWindow.withUnsafeBufferPointer { logWindow in
            logSums.withUnsafeBufferPointer { logSums in
                var transitions = steno_pitch_transitions_t()
                transitions.bins = Int64(bins)
                transitions.width = Int64(width)
                transitions.centre = Int64(centre)
                transitions.log_window_top = logWindow.max() ?? 0
                transitions.log_stay = logStay
                transitions.log_switch = logSwitch
                transitions.log_floor = log(Double.leastNormalMagnitude)
                transitions.log_window = logWindow.baseAddress
                transitions.log_sums = logSums.baseAddress
                body(&transitions)
            }
        }
    }
}

/// The most likely path through the frames so far (Viterbi). A state is a bin of pitch, voiced below the number of
/// bins and unvoiced from there on.
struct PitchPath: Sendable {
    private let states: Int
    private var scores: [Double]
    private var scratch: [Double]
    private var sources: [Int32]
    /// A row a frame from `firstRow` on: where the best path to each state came from.
    private var moves: [UInt16] = []
    private var firstRow = 1
    /// Frames so far.
    private(set) var frames = 0
    private var top: Int64 = 0

    init(bins: Int) {
        states = 2 * bins
        let room = bins + Int(STENO_PITCH_PADDING)
        scores = [Double](repeating: 0, count: states)
        scratch = [Double](repeating: 0, count: 6 * room)
        sources = [Int32](repeating: 0, count: room)
    }

    /// Goes on by a frame with `count` candidates; `voicing` is their probability.
    mutating func add(
        _ transitions: UnsafePointer<steno_pitch_transitions_t>, count: Int64, bins: UnsafePointer<Int32>,
        probabilities: UnsafePointer<Double>, voicing: Double
    ) {
        if frames == 0 {
            steno_pitch_path_step(
                transitions, count, bins, probabilities, 1 - voicing, &scores, &scratch, &sources, nil, &top)
        } else {
            let row = moves.count
            moves.append(contentsOf: repeatElement(0, count: states))
            moves.withUnsafeMutableBufferPointer { moves in
                guard let start = moves.baseAddress else { return }
                steno_pitch_path_step(
                    transitions, count, bins, probabilities, 1 - voicing, &scores, &scratch, &sources, start + row,
                    &top)
            }
        }
        frames += 1
    }

    /// The states of the frames `first ..< frames` on the best path so far, from the last frame backward.
    func trace(to first: Int) -> [Int] {
        guard first < frames else { return [] }
        var path = [Int(top)]
        for frame in stride(from: frames - 1, to: first, by: -1) {
            path.append(Int(moves[(frame - firstRow) * states + path[path.count - 1]]))
        }
        return path
    }

    /// The state of a frame on the best path so far.
    func state(at frame: Int) -> Int {
        var state = Int(top)
        for later in stride(from: frames - 1, to: frame, by: -1) {
            state = Int(moves[(later - firstRow) * states + state])
        }
        return state
    }

    /// Frames before `first` will not be asked for.
    mutating func forget(before first: Int) {
        let rows = min(first + 1, frames) - firstRow
        guard rows > 64, rows * 2 * states > moves.count else { return }
        moves.removeFirst(rows * states)
        firstRow += rows
    }
}
