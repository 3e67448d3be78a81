import Glibc

/// The weights of a frame's samples. N is the frame's length and n runs from 0.
public enum WindowShape: String, Sendable, Codable, CaseIterable {
    /// `(0.5 - 0.5 cos(2πn / (N - 1)))^0.85`: Kaldi's default, a Hann window that does not quite reach 0 flatly.
    case povey
    /// `0.5 - 0.5 cos(2πn / (N - 1))`
    case hann
    /// `0.5 - 0.5 cos(2πn / N)`: librosa's, torch's and Whisper's default.
    case hannPeriodic
    /// `0.54 - 0.46 cos(2πn / (N - 1))`
    case hamming
    /// `0.42 - 0.5 cos(2πn / (N - 1)) + 0.08 cos(4πn / (N - 1))`
    case blackman
    case rectangular

    /// The weights of a frame of `count` samples.
    func weights(count: Int) -> [Double] {
        (0..<count).map { n in
            let symmetric = count > 1 ? 2 * Double.pi * Double(n) / Double(count - 1) : Double.pi
            switch self {
            case .povey: return pow(0.5 - 0.5 * cos(symmetric), 0.85)
            case .hann: return 0.5 - 0.5 * cos(symmetric)
            case .hannPeriodic: return 0.5 - 0.5 * cos(2 * Double.pi * Double(n) / Double(count))
            case .hamming: return 0.54 - 0.46 * cos(symmetric)
            case .blackman: return 0.42 - 0.5 * cos(symmetric) + 0.08 * cos(2 * symmetric)
            case .rectangular: return 1
            }
        }
    }
}
