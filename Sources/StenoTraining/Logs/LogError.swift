/// Why a log cannot be written, read back, or continued.
package enum LogError: Error, Equatable, Sendable {
    /// The system's words.
    case inaccessible(path: String, problem: String)
    case otherColumns(path: String, expected: [String], found: [String])
    case badLine(path: String, line: Int, expected: String, found: String)
}

extension LogError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inaccessible(let path, let problem): "\(path): \(problem)"
        case .otherColumns(let path, let expected, let found):
            "\(path): expected the columns \(expected.joined(separator: ",")), found \(found.joined(separator: ","))"
        case .badLine(let path, let line, let expected, let found):
            "\(path), line \(line): expected \(expected), found “\(found)”"
        }
    }
}
