/// How features are written.
package enum FeatureFormat: String, CaseIterable, Sendable {
    /// NumPy's array file: float32, `[frames, features]`.
    case npy
    /// NumPy's archive of such files.
    case npz
    /// A line for each frame, commas between the features.
    case csv
    /// Kaldi's archive of matrices, with its table of contents (scp) beside it.
    case kaldi
    /// HTK's parameter file.
    case htk

    /// Whether one file holds all recordings.
    var isArchive: Bool { self == .npz || self == .kaldi }

    /// What names of such files end in.
    var fileExtension: String { self == .kaldi ? "ark" : rawValue }

    /// The format whose archives are named like this.
    package static func ofArchive(named path: String) -> FeatureFormat? {
        allCases.first { $0.isArchive && path.hasSuffix(".\($0.fileExtension)") }
    }
}
