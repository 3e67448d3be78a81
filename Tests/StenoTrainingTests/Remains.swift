import Foundation
import StenoTestSupport
import StenoTraining
import Testing

/// Everything in a run's folder that must not differ: files as they are, logs without the clock.
struct Remains: Equatable {
    var files: [String: Data] = [:]
    var metrics: [[Substring]] = []
    var events: [[UInt8]] = []

    init(_ folder: TemporaryFolder, _ run: String) throws {
        for name in try folder.names(in: run) {
            let data = try folder.data("\(run)/\(name)")
            switch name {
            case "metrics.csv": metrics = try Remains.withoutSpeed(String(decoding: data, as: UTF8.self))
            case EventFileWriter.fileName: events = Remains.withoutTime([UInt8](data))
            default: files[name] = data
            }
        }
    }

    private static func withoutSpeed(_ table: String) throws -> [[Substring]] {
        let rows = table.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let column = try #require(rows.first?.firstIndex(of: "speed"))
        return rows.map { row in row.indices.filter { $0 != column }.map { row[$0] } }
    }

    /// An event begins with its wall time, a tag and eight bytes.
    private static func withoutTime(_ bytes: [UInt8]) -> [[UInt8]] {
        RecordFile.records(in: bytes).map { Array(bytes[$0].dropFirst(9)) }
            .filter { !String(decoding: $0, as: UTF8.self).contains("train/speed") }
    }

    func differences(from other: Remains) -> [String] {
        let names = Set(files.keys).union(other.files.keys).filter { files[$0] != other.files[$0] }.sorted()
        return names + (metrics == other.metrics ? [] : ["metrics.csv"])
            + (events == other.events ? [] : ["events"])
    }
}
