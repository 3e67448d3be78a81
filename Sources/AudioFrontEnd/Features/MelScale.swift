import Glibc

/// How frequency in hertz is bent to the ear's.
public enum MelScale: String, Sendable, Codable, CaseIterable {
    /// `1127 ln(1 + f / 700)`: HTK, Kaldi.
    case htk
    /// Linear to 1 kHz, logarithmic above: Slaney's Auditory Toolbox, librosa, Whisper.
    case slaney

    private static let hertzPerMel = 200.0 / 3
    private static let logarithmicFrom = 1000.0
    private static let logarithmicStep = log(6.4) / 27

    public func mel(hertz: Double) -> Double {
        switch self {
        case .htk: return 1127 * log(1 + hertz / 700)
        case .slaney:
            guard hertz >= Self.logarithmicFrom else { return hertz / Self.hertzPerMel }
            return (Self.logarithmicFrom / Self.hertzPerMel)
                + log(hertz / Self.logarithmicFrom) / Self.logarithmicStep
        }
    }

    public func hertz(mel: Double) -> Double {
        switch self {
        case .htk: return 700 * (exp(mel / 1127) - 1)
        case .slaney:
            let bend = Self.logarithmicFrom / Self.hertzPerMel
            guard mel >= bend else { return mel * Self.hertzPerMel }
            return Self.logarithmicFrom * exp((mel - bend) * Self.logarithmicStep)
        }
    }
}
