import AudioFrontEnd
import Foundation
import StenoTraining
import Synchronization

/// The features of many recordings, several at a time, to files. However long the recordings are and however many, the
/// memory is bounded: frames come as the sound is read, and many of them wait on the disk.
package final class FeatureRun: Sendable {
    /// What was written of a recording.
    package struct Written: Sendable {
        /// The file; in an archive with a colon and the name behind it.
        package let place: String
        package let frames: Int
        package let warnings: [String]
    }

    package enum Outcome: Sendable {
        case finished
        /// Ctrl-C or SIGTERM came. What is there is whole.
        case interrupted
    }

    /// What a worker made of a recording.
    private struct Made: Sendable {
        let rows: FeatureRows
        let warnings: [String]
        /// Of the array file in NumPy's archive.
        let check: UInt32
    }

    private let choice: FeatureChoice
    private let format: FeatureFormat
    private let output: String
    private let threads: Int
    private let isEnding = Atomic<Bool>(false)
    private let heardMilliseconds = Atomic<Int>(0)

    /// - Parameters:
    ///   - format: nil for what the output's name says, else NumPy's array files.
    ///   - output: a folder, made if missing; for an archive its path, to which the extension is added if it lacks it,
    ///     or with a slash at the end the folder that it is to stand in.
    ///   - threads: nil for one a processor.
    package init(
        _ choice: FeatureChoice, format: FeatureFormat?, output: String, threads: Int?
    ) throws(StenoError) {
        self.choice = choice
        (self.format, self.output) = try Self.target(output, format: format)
        self.threads = try threadCount(threads)
    }

    /// What is written where. Refuses a folder that is named like a file, and an archive that is named like another
    /// file or stands where there is a folder.
    private static func target(
        _ output: String, format: FeatureFormat?
    ) throws(StenoError) -> (FeatureFormat, String) {
        guard !output.isEmpty else { throw .option(name: "the output", expected: "a path", found: "none") }
        var path = output
        while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
        let namesFolder =
            path != output || ["/", ".", ".."].contains(path) || path.hasSuffix("/.") || path.hasSuffix("/..")
        let named = namesFolder || path.lowercased().hasSuffix(".scp") ? nil : FeatureFormat.ofFile(named: path)
        let format = format ?? (named?.isArchive == true ? named : nil) ?? .npy
        if !namesFolder && FeatureFormat.ofFile(named: path) != nil && !(format.isArchive && named == format)
            && !isFolder(path)
        {
            let isArchive = format.isArchive || path.lowercased().hasSuffix(".scp")
            throw .option(
                name: isArchive ? "the archive" : "files of format \(format.rawValue)",
                expected: isArchive
                    ? "a name that ends in .\(format.isArchive ? format.fileExtension : "ark")"
                    : "the name of a folder",
                found: output)
        }
        guard format.isArchive else { return (format, path) }
        if namesFolder { path += path == "/" ? "features" : "/features" }
        if namesFolder || named != format { path += ".\(format.fileExtension)" }
        let files = format == .kaldi ? [path, KaldiArchive.contents(of: path)] : [path]
        if let folder = files.first(where: isFolder) {
            throw .output("\(folder) cannot be written: there is a folder of that name")
        }
        return (format, path)
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Makes a folder and those that it is in, where they are missing.
    private static func makeFolder(_ path: String) throws(StenoError) {
        if isFolder(path) { return }
        let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        if !parent.isEmpty { try makeFolder(parent) }
        guard mkdir(path, 0o777) == 0 || errno == EEXIST && isFolder(path) else {
            throw .output("the folder \(path) cannot be made: \(String(cString: strerror(errno)))")
        }
    }

    /// Works through the items; `each` gets what became of them on this thread, in their order.
    package func run(
        _ items: [FeatureItem], each: (Result<Written, StenoError>) throws(StenoError) -> Void
    ) throws(StenoError) -> Outcome {
        try Self.makeFolder(folder)
        Stop.listen()
        // A reader of the lines that goes away (`| head`) is an error, so that nothing half-written stays behind.
        signal(SIGPIPE, SIG_IGN)
        switch format {
        case .npy, .csv, .htk: return try work(items, each: each) { _, _ in }
        case .npz:
            var archive = try NumPyArchive(output)
            let outcome = try work(items, each: each) { (made, name) throws(StenoError) in
                try archive.append(made.rows, name: name, check: made.check)
            }
            if outcome == .finished { try archive.finish() }
            return outcome
        case .kaldi:
            var archive = try KaldiArchive(output)
            let outcome = try work(items, each: each) { (made, name) throws(StenoError) in
                try archive.append(made.rows, name: name)
            }
            if outcome == .finished { try archive.finish() }
            return outcome
        }
    }

    /// Where files come to stand.
    private var folder: String {
        format.isArchive ? URL(fileURLWithPath: output).deletingLastPathComponent().path : output
    }

    /// Where the features of an item come to stand, for a person.
    private func place(of name: String) -> String {
        format.isArchive
            ? "\(output):\(name)" : "\(output == "/" ? "" : output)/\(name).\(format.fileExtension)"
    }

    /// - Parameter add: puts an item into the archive, if there is one.
    private func work(
        _ items: [FeatureItem], each: (Result<Written, StenoError>) throws(StenoError) -> Void,
        add: (Made, String) throws(StenoError) -> Void
    ) throws(StenoError) -> Outcome {
        let jobs = OrderedJobs(count: items.count, threads: threads) { self.make(items[$0]) }
        defer {
            isEnding.store(true, ordering: .relaxed)
            jobs.end(within: 1)
        }
        let clock = ContinuousClock()
        let start = clock.now
        func seconds() -> Double { (clock.now - start) / .seconds(1) }
        var progress = isatty(STDERR_FILENO) == 1 ? ProgressLine(total: items.count, now: 0) : nil
        defer { progress?.clear() }
        var done = 0
        while !jobs.isFinished {
            if Stop.isAsked { return .interrupted }
            let result = jobs.next(within: 0.1)
            if let result {
                progress?.clear()
                let name = items[done].name
                done += 1
                switch result {
                case .success(let made):
                    try add(made, name)
                    let written = Written(place: place(of: name), frames: made.rows.count, warnings: made.warnings)
                    try each(.success(written))
                case .failure(let error): try each(.failure(error))
                }
            }
            progress?.update(parts(done: done, of: items.count, seconds: seconds()), done: done, now: seconds())
        }
        return .finished
    }

    private func parts(done: Int, of count: Int, seconds: Double) -> [String] {
        let heard = Double(heardMilliseconds.load(ordering: .relaxed)) / 1000
        return [
            "\(done)/\(count) recordings", "\(ProgressLine.duration(heard)) of sound",
            String(format: "%.0f × real time", heard / max(seconds, 1e-3)),
        ]
    }

    /// What a worker does.
    private func make(_ item: FeatureItem) -> Result<Made, StenoError> {
        do throws(StenoError) {
            let samples = try RecordingSamples(item.recording, sampleRate: choice.sampleRate)
            var heard = 0.0
            let rows = try choice.rows(of: samples) {
                FeatureRows(columns: $0, folder: folder) { !self.isEnding.load(ordering: .relaxed) }
            } heard: {
                heardMilliseconds.add(Int(1000 * (samples.durationSeconds - heard)), ordering: .relaxed)
                heard = samples.durationSeconds
            }
            if !format.isArchive {
                try FeatureFile.write(rows, to: place(of: item.name), format: format, htk: choice.htk)
            }
            let check = format == .npz ? try NumPyArchive.check(rows) : 0
            return .success(Made(rows: rows, warnings: samples.warnings, check: check))
        } catch { return .failure(error) }
    }
}
