import Glibc

/// The numbers that the extractor computes with.
extension FeatureOptions {
    /// The window over all samples of a frame, with the scale of the samples and of the spectrum.
    var frameWeights: [Float] {
        let points = Double(transformLength)
        let scale = spectrum == .periodogram ? sampleScale / points.squareRoot() : sampleScale
        let before = windowPlacement == .centred ? (span - frameLength) / 2 : 0
        let weights = window.weights(count: frameLength).map { Float($0 * scale) }
        return [Float](repeating: 0, count: before) + weights
            + [Float](repeating: 0, count: span - frameLength - before)
    }

    /// What the natural logarithm is multiplied by; nil for none.
    package var logarithmFactor: Double? {
        switch compression {
        case .none: nil
        case .natural: 1
        case .log10: 1 / log(10)
        case .decibels: (spectrum == .magnitude ? 20 : 10) / log(10)
        }
    }

    /// What the values of digital silence are; nil for cepstra, and where the loudest value or a frame's energy decides.
    package var silentValue: Float? {
        guard output != .mfcc, isStreamable, energy == .none else { return nil }
        let offset = Float(outputOffset)
        let scale = Float(outputScale)
        guard let factor = logarithmFactor else { return offset * scale }
        let level = factor == 1 ? logf(Float(logFloor)) : Float(factor * log(logFloor))
        return (level - Float(factor * log(max(reference, logFloor))) + offset) * scale
    }

    func lifterWeight(_ coefficient: Int) -> Double {
        lifter > 0 ? 1 + lifter / 2 * sin(Double.pi * Double(coefficient + lifterFirst) / lifter) : 1
    }

    /// `cosineTransform` for `coefficients` (columns) of `melBins` (rows), with the lifter.
    func cosineWeight(coefficient: Int, bin: Int) -> Double {
        let bins = Double(melBins)
        let scale =
            switch cosineTransform {
            case .orthonormal: ((coefficient == 0 ? 1 : 2) / bins).squareRoot()
            case .htk: (2 / bins).squareRoot()
            case .plain: 2.0
            }
        return lifterWeight(coefficient) * scale * cos(Double.pi * Double(coefficient) * (Double(bin) + 0.5) / bins)
    }
}
