/// Why a file could not be written or read; one sentence with its path.
package enum FileError: Error, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    /// The file is there, but not what it should be.
    case malformed(path: String, expected: String, found: String)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        case .unwritable(let path, let reason): "\(path) cannot be written: \(reason)"
        case .malformed(let path, let expected, let found): "\(path) is damaged: expected \(expected), found \(found)"
        }
    }

    /// What is wrong, without the path.
    package var reason: String {
        switch self {
        case .unreadable(_, let reason), .unwritable(_, let reason): reason
        case .malformed(_, let expected, let found): "expected \(expected), found \(found)"
        }
    }
}
