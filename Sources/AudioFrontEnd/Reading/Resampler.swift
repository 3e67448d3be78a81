import CSoxr
import Synchronization

/// Converts a stream of samples from one rate to another with libsoxr at its "high quality" (20 bit) setting:
/// linear phase, pass band to 0.913 of the lower Nyquist frequency.
///
/// Feed pieces of any size to `process`, then call `finish` once. One value for one stream; not shared by threads.
public final class Resampler {
    private static let creation = Mutex(())
    private let handle: soxr_t
    private let from: Double
    private let to: Double

    /// - Parameters:
    ///   - from: samples a second of what is put in; only the ratio matters.
    ///   - to: samples a second of what comes out.
    public init(from: Double, to: Double) throws(AudioError) {
        guard from > 0, to > 0, from.isFinite, to.isFinite, (1.0 / 1024...1024).contains(from / to) else {
            throw .resampling(from: from, to: to, reason: "the ratio is not between 1/1024 and 1024")
        }
        var format = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
        var quality = soxr_quality_spec(UInt(SOXR_20_BITQ), 0)
        var threads = soxr_runtime_spec(1)
        var error: soxr_error_t?
        // Creating sets variables that all resamplers of the process share (soxr 0.1.3).
        nonisolated(unsafe) var created: soxr_t?
        Resampler.creation.withLock { _ in
            created = soxr_create(from, to, 1, &error, &format, &quality, &threads)
        }
        guard let created, error == nil else {
            if let created { soxr_delete(created) }
            throw .resampling(from: from, to: to, reason: error.map { String(cString: $0) } ?? "not created")
        }
        handle = created
        self.from = from
        self.to = to
    }

    deinit { soxr_delete(handle) }

    /// What `samples` adds to the output.
    public func process(_ samples: [Float]) throws(AudioError) -> [Float] {
        var output: [Float] = []
        output.reserveCapacity(Int(Double(samples.count) * to / from) + 64)
        var offset = 0
        while offset < samples.count {
            let (used, piece) = try step(samples, from: offset)
            offset += used
            output += piece
            guard used > 0 || !piece.isEmpty else {
                throw .resampling(from: from, to: to, reason: "the library takes no more input")
            }
        }
        return output
    }

    /// The rest of the output; nothing may be processed after it.
    public func finish() throws(AudioError) -> [Float] {
        var output: [Float] = []
        while case (_, let piece) = try step(nil, from: 0), !piece.isEmpty { output += piece }
        return output
    }

    /// All of `samples` at once.
    public static func resample(_ samples: [Float], from: Double, to: Double) throws(AudioError) -> [Float] {
        if from == to { return samples }
        let resampler = try Resampler(from: from, to: to)
        return try resampler.process(samples) + resampler.finish()
    }

    private func step(_ samples: [Float]?, from offset: Int) throws(AudioError) -> (used: Int, piece: [Float]) {
        let room = 8192
        var used = 0
        var error: soxr_error_t?
        let piece = [Float](unsafeUninitializedCapacity: room) { buffer, made in
            if let samples {
                samples.withUnsafeBufferPointer { input in
                    error = soxr_process(
                        handle, input.baseAddress.map { $0 + offset }, input.count - offset, &used,
                        buffer.baseAddress, room, &made)
                }
            } else {
                error = soxr_process(handle, nil, 0, nil, buffer.baseAddress, room, &made)
            }
        }
        if let error { throw .resampling(from: self.from, to: to, reason: String(cString: error)) }
        return (used, piece)
    }
}

/// The samples played `factor` times as fast: pitch and tempo both rise above 1 and fall below it, the usual
/// augmentation with 0.9, 1 and 1.1 (Ko et al. 2015, "Audio augmentation for speech recognition").
///
/// - Parameter factor: 0.1 to 10. The result has `samples.count / factor` samples, within one.
public func changeSpeed(_ samples: [Float], by factor: Double) throws(AudioError) -> [Float] {
    guard (0.1...10).contains(factor) else {
        throw .option(name: "speed factor", expected: "0.1 to 10", found: "\(factor)")
    }
    return try Resampler.resample(samples, from: factor, to: 1)
}
