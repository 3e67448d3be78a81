import Glibc

/// The weights of a frame's samples. N is the frame's length and n runs from 0.
public enum WindowShape: String, Sendable, Codable, CaseIterable {
    /// `(0.5 - 0.5 cos(2πn / (N - 1)))^0.85`: Kaldi's default, a Hann window that does not quite reach 0 flatly.
    case povey
    /// `0.5 - 0.5 cos(2πn / (N - 1))`
    case hann
    /// `0.5 - 0.5 cos(2πn / N)`: librosa's, torch's and Whisper's default.
    case hannPeriodic
    /// `0.54 - 0.46 cos(2πn / (N - 1))`: HTK's.
    case hamming
    /// `0.54 - 0.46 cos(2πn / N)`
    case hammingPeriodic
    /// `0.42 - 0.5 cos(2πn / (N - 1)) + 0.08 cos(4πn / (N - 1))`
    case blackman
    /// `0.42 - 0.5 cos(2πn / N) + 0.08 cos(4πn / N)`
    case blackmanPeriodic
    /// `1`: python_speech_features' default.
    case rectangular

    /// The weights of a frame of `count` samples.
    func weights(count: Int) -> [Double] {
        let period = isPeriodic ? count : count - 1
        return (0..<count).map { n in
            let angle = period > 0 ? 2 * Double.pi * Double(n) / Double(period) : Double.pi
            switch self {
            case .povey: return pow(0.5 - 0.5 * cos(angle), 0.85)
            case .hann, .hannPeriodic: return 0.5 - 0.5 * cos(angle)
            case .hamming, .hammingPeriodic: return 0.54 - 0.46 * cos(angle)
            case .blackman, .blackmanPeriodic: return 0.42 - 0.5 * cos(angle) + 0.08 * cos(2 * angle)
            case .rectangular: return 1
            }
        }
    }

    private var isPeriodic: Bool {
        switch self {
        case .hannPeriodic, .hammingPeriodic, .blackmanPeriodic: true
        case .povey, .hann, .hamming, .blackman, .rectangular: false
        }
    }

    /// w[n], as text.
    var formula: String {
        let angle = isPeriodic ? "2πn / N" : "2πn / (N - 1)"
        switch self {
        case .povey: return "(0.5 - 0.5 cos(\(angle)))^0.85"
        case .hann, .hannPeriodic: return "0.5 - 0.5 cos(\(angle))"
        case .hamming, .hammingPeriodic: return "0.54 - 0.46 cos(\(angle))"
        case .blackman, .blackmanPeriodic: return "0.42 - 0.5 cos(\(angle)) + 0.08 cos(2 · \(angle))"
        case .rectangular: return "1"
        }
    }
}
