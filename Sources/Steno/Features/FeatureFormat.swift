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

    /// The format whose files are named like this, in small letters or capitals. Kaldi's table of contents is one of
    /// them.
    static func ofFile(named path: String) -> FeatureFormat? {
        let path = path.lowercased()
        return path.hasSuffix(".scp") ? .kaldi : allCases.first { path.hasSuffix(".\($0.fileExtension)") }
    }
}
