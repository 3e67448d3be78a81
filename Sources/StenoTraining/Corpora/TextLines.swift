import Foundation

/// The lines of a text file, packed by gzip or not, with their numbers.
package struct TextLines: Sendable {
    package struct Line: Sendable {
        /// Counted from 1, empty lines included.
        package let number: Int
        package let text: String

        /// What stands between tabs.
        package var fields: [String] { text.fields(separatedBy: "\t") }
    }

    package let path: String
    package let lines: [Line]

    /// - Parameters:
    ///   - path: "-" is standard input.
    ///   - keepsEmpty: whether empty lines count as lines; they are left out otherwise.
    package init(path: String, keepsEmpty: Bool = false) throws(ManifestError) {
        try self.init(bytes: TextFile.bytes(path), path: path, keepsEmpty: keepsEmpty)
    }

    /// Splits UTF-8 at line feeds; a carriage return before one and a byte order mark at the beginning are dropped.
    init(bytes: [UInt8], path: String, keepsEmpty: Bool = false) throws(ManifestError) {
        self.path = path
        var rest = TextFile.withoutByteOrderMark(bytes)
        // What follows the last line feed is a line only if there is something.
        let isEmpty = rest.isEmpty
        if rest.last == 0x0A { rest.removeLast() }
        var lines: [Line] = []
        let pieces = isEmpty ? [] : rest.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, var line) in pieces.enumerated() {
            if line.last == 0x0D { line.removeLast() }
            guard keepsEmpty || !line.isEmpty else { continue }
            guard let text = String(validating: line, as: UTF8.self) else {
                throw ManifestError(path: path, line: index + 1, reason: .notUTF8)
            }
            lines.append(Line(number: index + 1, text: text))
        }
        self.lines = lines
    }
}

extension String {
    /// The text between separators, empty ones included.
    ///
    /// Bytes are looked at, not characters: a separator before a combining mark is one still.
    func fields(separatedBy separator: Unicode.Scalar) -> [String] {
        precondition(separator.isASCII, "a separator of one byte")
        return utf8.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
    }
}

extension Error {
    /// One sentence for a person: the operating system's words where the error comes from there.
    var sentence: String {
        if let error = self as? DecodingError { return error.sentence }
        let error = self as NSError
        if error.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(error.code))) }
        if let cause = error.userInfo[NSUnderlyingErrorKey] as? any Error { return cause.sentence }
        return "\(self)"
    }
}

extension DecodingError {
    fileprivate var sentence: String {
        switch self {
        case .keyNotFound(let key, _): "the key “\(key.stringValue)” is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "“\(context.codingPath.map(\.stringValue).joined(separator: "."))” is of another type"
        case .dataCorrupted: "this is not JSON"
        @unknown default: "\(self)"
        }
    }
}

/// The numbered lines of a UTF-8 file, each cut at tabs; empty lines are left out.
package func tabSeparatedLines(_ path: String) throws(ManifestError) -> [(number: Int, fields: [String])] {
    try TextLines(path: path).lines.map { ($0.number, $0.fields) }
}

/// The lines of a UTF-8 file, or of standard input if the path is "-"; empty lines are left out.
package func textLines(_ path: String) throws(ManifestError) -> [String] {
    try TextLines(path: path).lines.map(\.text)
}
