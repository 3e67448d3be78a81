import AudioFrontEnd
import Foundation
import Steno
import StenoTestSupport
import Testing

@Suite("Features of many recordings")
struct FeatureRunTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func items(_ count: Int) throws -> [FeatureItem] {
        let paths = try (0..<count).map { number in
            let samples = tone(200 + 50 * Double(number), seconds: 0.1 + 0.05 * Double(number % 7))
            return try folder.write(WaveBytes(floats: samples).file, as: "audio/\(number).wav")
        }
        return FeatureItem.items(paths + [folder.path("none.wav")], template: Recording(path: "-")) { _ in }
    }

    private func run(
        _ items: [FeatureItem], to name: String, format: FeatureFormat?, threads: Int,
        choice: FeatureChoice? = nil
    ) throws -> [String] {
        var lines: [String] = []
        let run = try FeatureRun(
            choice ?? FeatureChoice(.standard), format: format,
            output: folder.path(name) + (name.hasSuffix("/") ? "/" : ""),
            threads: threads)
        let outcome = try run.run(items) { result in
            switch result {
            case .success(let written): lines.append("\(written.place) \(written.frames)")
            case .failure(let error): lines.append("\(error)")
            }
        }
        #expect(outcome == .finished)
        return lines
    }

    @Test func filesHoldWhatTheExtractorGives() throws {
        let items = try items(9)
        let lines = try run(items, to: "out", format: nil, threads: 3)
        let extractor = try FeatureExtractor()
        for number in 0..<9 {
            let signal = try AudioSignal.read(path: folder.path("audio/\(number).wav"))
            let features = extractor.features(of: signal.samples)
            #expect(lines[number] == "\(folder.path("out"))/\(number).npy \(features.frames)")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("out/\(number).npy")))
            #expect(bytes.dropFirst(128) == features.values.withUnsafeBytes { Data($0) })
        }
        #expect(lines.count == 10 && lines[9].contains("none.wav"))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("out"))
        #expect(names.count == 9 && names.allSatisfy { $0.hasSuffix(".npy") })
    }

    /// Options that need the loudest value of the whole signal, which is longer than what is held in memory.
    @Test(arguments: ["whisper", "librosaMFCC"])
    func whatTheWholeSignalDecidesIsDecidedByIt(convention: String) throws {
        let samples = (0..<200).flatMap { number in
            tone(100 + 10 * Double(number), seconds: 1, amplitude: number == 170 ? 0.9 : 0.01)
        }
        let path = try folder.write(WaveBytes(floats: samples).file, as: "long.wav")
        let choice = try FeatureChoice(.convention(convention), sampleRate: 16_000)
        let items = FeatureItem.items([path], template: Recording(path: "-")) { Issue.record("\($0)") }
        let lines = try run(items, to: "out", format: .npy, threads: 1, choice: choice)
        let options = try #require(FeatureOptions.conventions.first { $0.name == convention }?.options)
        var changed = options
        changed.sampleRate = 16_000
        let features = try FeatureExtractor(changed).features(of: samples)
        #expect(lines == ["\(folder.path("out"))/long.npy \(features.frames)"])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("out/long.npy")))
        #expect(bytes.dropFirst(128) == features.values.withUnsafeBytes { Data($0) })
    }

    @Test(arguments: [
        ("kaldi", FeatureChoice.Kind?.some(.mfcc), 13), ("kaldi", .spectrogram, 257), ("whisper", .mfcc, 13),
        ("librosaMFCC", nil, 20), ("htk", nil, 26),
    ])
    func aKindOfATool(convention: String, kind: FeatureChoice.Kind?, columns: Int) throws {
        let choice = try FeatureChoice(.convention(convention), kind: kind)
        _ = try run(Array(items(1).prefix(1)), to: "out", format: .csv, threads: 1, choice: choice)
        let lines = try String(contentsOfFile: folder.path("out/0.csv"), encoding: .utf8).split(separator: "\n")
        #expect(lines.allSatisfy { $0.split(separator: ",").count == columns })
    }

    @Test func fieldsAreChangedByName() throws {
        let choice = try FeatureChoice(
            .convention("kaldi"), bins: 40, changes: ["energy=lastColumn", "lowHertz=100"], deltas: 1)
        _ = try run(Array(items(1).prefix(1)), to: "out", format: .htk, threads: 1, choice: choice)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("out/0.htk")))
        #expect(bytes[8..<12] == Data([1, 72, 1, 71]), "41 values and their deltas; a filter bank with energy")
        #expect(throws: StenoError.self) { _ = try FeatureChoice(.standard, changes: ["melBin=3"]) }
        #expect(throws: StenoError.self) { _ = try FeatureChoice(.convention("kaldy")) }
        #expect(throws: StenoError.self) { _ = try FeatureChoice(.standard, bins: 0) }
        #expect(throws: StenoError.self) { _ = try FeatureChoice(.standard, bins: 40, changes: ["output=spectrogram"]) }
        let error = #expect(throws: StenoError.self) { _ = try FeatureChoice(.standard, changes: ["window=hanning"]) }
        #expect(error?.description.contains("window must be one of povey, hann, hannPeriodic, ") == true)
    }

    @Test(arguments: FeatureChoice.Normalising.allCases)
    func valuesAreNormalised(normalising: FeatureChoice.Normalising) throws {
        let choice = try FeatureChoice(.convention("librosa"), kind: .mfcc, deltas: 1, normalising: normalising)
        _ = try run(Array(items(7).suffix(2).prefix(1)), to: "out", format: .csv, threads: 1, choice: choice)
        let lines = try String(contentsOfFile: folder.path("out/6.csv"), encoding: .utf8).split(separator: "\n")
        let rows = try lines.map { try $0.split(separator: ",").map { try #require(Double($0)) } }
        #expect(rows.allSatisfy { $0.count == 40 })
        for column in 0..<40 {
            let values = rows.map { $0[column] }
            let mean = values.reduce(0, +) / Double(values.count)
            #expect(abs(mean) < 1e-3)
            if normalising == .utterance {
                #expect(abs(values.reduce(0) { $0 + $1 * $1 } / Double(values.count) - 1) < 1e-3)
            }
        }
    }

    @Test func pitchIsThatOfATone() throws {
        let path = try folder.write(WaveBytes(floats: tone(220, seconds: 0.5)).file, as: "a.wav")
        let items = FeatureItem.items([path], template: Recording(path: "-")) { Issue.record("\($0)") }
        _ = try run(items, to: "out", format: .csv, threads: 1, choice: FeatureChoice(.standard, kind: .pitch))
        let lines = try String(contentsOfFile: folder.path("out/a.csv"), encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 51)
        let values = try lines[10..<40].map { try $0.split(separator: ",").map { try #require(Float($0)) } }
        #expect(values.allSatisfy { abs($0[0] - 220) < 2 && $0[1] > 0.5 && $0[1] <= 1 })
    }

    @Test(arguments: [("a.npz", ["a.npz"]), ("a.ark", ["a.ark", "a.scp"])])
    func archivesDoNotDependOnTheNumberOfThreads(name: String, files: [String]) throws {
        let items = try items(40)
        let lines = try run(items, to: name, format: nil, threads: 1)
        #expect(lines[3] == "\(folder.path(name)):3 23")
        let once = try files.map { try Data(contentsOf: URL(fileURLWithPath: folder.path($0))) }
        #expect(try run(items, to: name, format: nil, threads: 4) == lines)
        #expect(try files.map { try Data(contentsOf: URL(fileURLWithPath: folder.path($0))) } == once)
    }

    @Test func anArchiveHasItsExtension() throws {
        _ = try run(try items(1), to: "new/all", format: .kaldi, threads: 1)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path("new")).sorted() == ["all.ark", "all.scp"])
    }

    @Test func anArchiveInAFolderIsCalledFeatures() throws {
        _ = try run(try items(1), to: "new/", format: .kaldi, threads: 1)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path("new")).sorted()
                == ["features.ark", "features.scp"])
    }

    @Test func aSlashBehindTheFolderIsNotDoubled() throws {
        let lines = try run(Array(items(1).prefix(1)), to: "new/", format: nil, threads: 1)
        #expect(lines.map { $0.hasPrefix("\(folder.path("new"))/0.npy ") } == [true])
    }

    @Test(
        arguments: [
            ("x.csv", nil), ("x.npy", nil), ("x.scp", nil), ("x.npz", .csv), ("x.npz", .kaldi), ("x.ark", .npz),
            ("x.scp", .kaldi), ("x.HTK", .htk), ("", nil),
        ] as [(String, FeatureFormat?)])
    func aNameThatSaysSomethingElseIsRefused(name: String, format: FeatureFormat?) throws {
        let output = name.isEmpty ? name : folder.path(name)
        #expect(throws: StenoError.self) {
            _ = try FeatureRun(FeatureChoice(.standard), format: format, output: output, threads: 1)
        }
    }

    @Test(arguments: [("all.npz", FeatureFormat?.none), ("all.ark", nil), ("all", .npz), ("other", .kaldi)])
    func aFolderInTheArchivesPlaceIsNamedBeforeTheWork(name: String, format: FeatureFormat?) throws {
        for taken in ["all.npz", "all.ark", "other.scp"] { try folder.write("", as: "\(taken)/file") }
        #expect(throws: StenoError.self) {
            _ = try FeatureRun(FeatureChoice(.standard), format: format, output: folder.path(name), threads: 1)
        }
    }

    @Test(arguments: ["", "/sub", "/sub/sub"])
    func aFolderThatCannotBeMadeEndsTheRun(below: String) throws {
        let file = try folder.write("x", as: "file") + below
        let run = try FeatureRun(FeatureChoice(.standard), format: .csv, output: file, threads: 1)
        let error = #expect(throws: StenoError.self) { try run.run([]) { _ in } }
        #expect(error?.description.hasSuffix("/file cannot be made: File exists") == true)
    }

    @Test(arguments: [
        ("kaldi", 399, 0.025), ("whisper", 159, 0.01), ("kaldi", 1, 0.025),
    ])
    func whatIsTooShortIsToldHowMuchIsNeeded(convention: String, samples: Int, seconds: Double) throws {
        let path = try folder.write(WaveBytes(floats: [Float](repeating: 0.1, count: samples)).file, as: "a.wav")
        let items = FeatureItem.items([path], template: Recording(path: "-")) { Issue.record("\($0)") }
        let lines = try run(
            items, to: "out", format: nil, threads: 1, choice: FeatureChoice(.convention(convention)))
        #expect(lines == ["\(path): expected at least \(seconds) s, found \(Double(samples) / 16_000) s"])
    }
}
