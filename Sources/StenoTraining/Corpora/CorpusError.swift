/// Why a folder cannot be imported as a corpus of its kind.
package enum CorpusError: Error, Equatable, Sendable {
    case noDirectory(path: String)
    /// What makes a folder a corpus of its kind is not there.
    case notFound(path: String, expected: String)
    /// The system's words.
    case inaccessible(path: String, problem: String)
    case badLine(path: String, line: Int, expected: String, found: String)
    /// `wav.scp` has a command, which Steno does not run.
    case pipe(path: String, line: Int, command: String)
}

extension CorpusError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDirectory(let path): "\(path): expected a directory, found none"
        case .notFound(let path, let expected): "\(path): expected \(expected), found none"
        case .inaccessible(let path, let problem): "\(path): \(problem)"
        case .badLine(let path, let line, let expected, let found):
            "\(path), line \(line): expected \(expected), found “\(found)”"
        case .pipe(let path, let line, let command):
            "\(path), line \(line): expected the path of an audio file, found the command “\(command)”, which is not "
                + "run; write the audio to files first"
        }
    }
}
