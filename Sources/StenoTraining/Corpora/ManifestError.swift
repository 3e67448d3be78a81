/// What is wrong with a manifest, and where.
package struct ManifestError: Error, Equatable, Sendable {
    package enum Reason: Error, Equatable {
        /// The file cannot be read or written; the system's words.
        case inaccessible(String)
        case empty
        case missingColumn(String, found: [String])
        case repeatedColumn(String)
        case columnCount(expected: Int, found: Int)
        case emptyField(String)
        /// `start` or `duration` is not a number of seconds.
        case badNumber(column: String, found: String)
        case duplicateID(String, firstLine: Int)
        case badJSON(String)
        case notUTF8
        /// The file begins as gzip's do; what is wrong with it.
        case badGzip(String)
        /// A packed file that becomes more than `limit` bytes.
        case unpacksTooFar(limit: Int)
        /// Of two files that belong together line by line.
        case lineCount(Int, other: String, otherCount: Int)
        /// A field to be written has a tab or newline in it, which TSV cannot hold.
        case unwritableField(column: String, id: String)
    }

    package let path: String
    /// Counted from 1; nil when it is about the file as a whole.
    package let line: Int?
    package let reason: Reason

    package init(path: String, line: Int? = nil, reason: Reason) {
        self.path = path
        self.line = line
        self.reason = reason
    }
}

extension ManifestError: CustomStringConvertible {
    /// One sentence: path, line, what was expected, what was found.
    package var description: String {
        let place = line.map { "\(path), line \($0)" } ?? path
        return "\(place): \(reason.description)"
    }
}

extension ManifestError.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inaccessible(let problem): problem
        case .empty: "expected at least one line of data, found none"
        case .missingColumn(let column, let found):
            "expected a column “\(column)” in the header line, found \(found.map { "“\($0)”" }.joined(separator: ", "))"
        case .repeatedColumn(let column): "the column “\(column)” occurs twice in the header line"
        case .columnCount(let expected, let found):
            "expected \(expected) fields between tabs, found \(found)"
        case .emptyField(let column): "expected a value in “\(column)”, found nothing"
        case .badNumber(let column, let found): "expected a number of seconds in “\(column)”, found “\(found)”"
        case .duplicateID(let id, let firstLine): "the id “\(id)” is already that of line \(firstLine)"
        case .badJSON(let problem): "expected a JSON object with the keys id, audio, duration, text: \(problem)"
        case .notUTF8: "expected text in UTF-8, found other bytes"
        case .badGzip(let problem): "the gzip file is damaged: \(problem)"
        case .unpacksTooFar(let limit): "the gzip file becomes more than \(limit >> 20) MiB, as no text does"
        case .lineCount(let count, let other, let otherCount):
            "expected as many lines as in \(other), which has \(otherCount), found \(count)"
        case .unwritableField(let column, let id):
            "the field “\(column)” of “\(id)” has a tab or line break in it, which a TSV manifest cannot hold"
        }
    }
}
