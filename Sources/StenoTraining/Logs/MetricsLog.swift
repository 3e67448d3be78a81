/// A table of figures as comma-separated values: a header line, then one line each time figures are logged.
///
/// The first column is `step`; the others are fixed when the log is made. A figure that was not measured is left empty.
package final class MetricsLog {
    package let columns: [String]
    private let file: AppendedFile

    /// Opens the log at `path`; its folder is made where it is missing.
    ///
    /// - Parameters:
    ///   - columns: names after `step`, without commas, quotes and line breaks.
    ///   - resumeStep: lines of later steps are dropped, and what a killed run left half-written; nil drops all.
    ///     Columns that the file lacks are empty in its lines; others than these are an error.
    package init(path: String, columns: [String], resumeStep: Int?) throws(LogError) {
        precondition(
            !columns.contains { $0.contains { ",\"\n\r".contains($0) } || $0 == "step" }, "plain names of columns")
        self.columns = columns
        let header = ["step"] + columns
        var kept = header.joined(separator: ",") + "\n"
        if let resumeStep {
            kept += try Self.lines(of: path, header: header, resumeStep: resumeStep)
        }
        file = try AppendedFile(path: path, contents: Array(kept.utf8))
    }

    /// Adds a line. Figures are written so that they can be read back exactly.
    ///
    /// - Precondition: every name is one of the columns.
    package func append(step: Int, _ figures: [String: Double]) throws(LogError) {
        precondition(figures.keys.allSatisfy(columns.contains), "only the columns the log was made with")
        let fields = columns.map { figures[$0].map(Self.formatted) ?? "" }
        try file.append(Array(("\(step)," + fields.joined(separator: ",") + "\n").utf8))
    }

    private static func formatted(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    /// The lines up to `resumeStep` of a log already there, each with its newline.
    private static func lines(of path: String, header: [String], resumeStep: Int) throws(LogError) -> String {
        let bytes = try AppendedFile.contents(of: path)
        // What follows the last newline was cut off in the middle.
        guard let lastNewline = bytes.lastIndex(of: 0x0A) else { return "" }
        let lines = String(decoding: bytes[..<lastNewline], as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let found = lines[0].split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
        guard found.first == "step", Set(found).count == found.count, Set(found).isSubset(of: header) else {
            throw .otherColumns(path: path, expected: header, found: found)
        }
        let places = header.map { found.firstIndex(of: $0) }
        var kept = ""
        for (index, line) in lines.enumerated().dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == found.count, let step = Int(fields[0]) else {
                throw .badLine(
                    path: path, line: index + 1, expected: "a step and \(found.count - 1) figures",
                    found: String(line))
            }
            if step <= resumeStep { kept += places.map { $0.map { fields[$0] } ?? "" }.joined(separator: ",") + "\n" }
        }
        return kept
    }
}
