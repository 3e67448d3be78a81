import CFFTW
import CKernels
import Glibc
import Synchronization

/// The transforms of eight real frames at once, as complex ones of half the points (see mel.c).
///
/// FFTW estimates the plan instead of measuring, so that every run on a machine computes the same bits. Its planner is
/// not safe for threads and sits behind a lock; executing a plan is.
final class FourierPlan: @unchecked Sendable {  // the plan is never changed once made
    let points: Int
    private let plan: fftwf_plan

    private static let planner = Mutex(())
    /// FFTW_ESTIMATE, a macro that Swift does not see.
    private static let estimate: UInt32 = 1 << 6
    /// Of 2πk / points for k up to points / 4.
    let cosines: [Float]
    let sines: [Float]

    /// - Parameter points: even.
    init?(points: Int) {
        self.points = points
        let angles = (0...points / 4).map { 2 * Double.pi * Double($0) / Double(points) }
        cosines = angles.map { Float(cos($0)) }
        sines = angles.map { Float(sin($0)) }
        let input = FloatBlock(count: points * Int(STENO_MEL_LANES))
        let output = FloatBlock(count: points * Int(STENO_MEL_LANES))
        nonisolated(unsafe) var made: fftwf_plan?
        Self.planner.withLock { _ in
            var size = CInt(points / 2)
            let lanes = CInt(STENO_MEL_LANES)
            made = fftwf_plan_many_dft(
                1, &size, lanes, input.complex, nil, lanes, 1, output.complex, nil, 1, size, FFTW_FORWARD,
                Self.estimate)
        }
        guard let made else { return nil }
        plan = made
    }

    deinit { Self.planner.withLock { _ in fftwf_destroy_plan(plan) } }

    /// `input` is `[points / 2, 8]` complex numbers and is kept, `output` `[8, points / 2]`.
    func transform(_ input: FloatBlock, into output: FloatBlock) {
        fftwf_execute_dft(plan, input.complex, output.complex)
    }
}

/// Zeroed floats at an address aligned for FFTW.
final class FloatBlock {
    let start: UnsafeMutablePointer<Float>
    private let count: Int

    init(count: Int) {
        guard let start = fftwf_alloc_real(max(1, count)) else { fatalError("out of memory") }
        self.start = start
        self.count = count
        start.initialize(repeating: 0, count: count)
    }

    deinit { fftwf_free(start) }

    var complex: UnsafeMutablePointer<fftwf_complex> {
        UnsafeMutableRawPointer(start).assumingMemoryBound(to: fftwf_complex.self)
    }
}
