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
        return try FeatureItem.items(paths + [folder.path("none.wav")], template: Recording(path: "-")) { _ in }
    }

    private func run(_ items: [FeatureItem], to name: String, format: FeatureFormat?, threads: Int) throws -> [String] {
        var lines: [String] = []
        let run = try FeatureRun(
            FeatureChoice(model: nil, recipe: nil), format: format, output: folder.path(name), threads: threads)
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

    @Test func aFolderThatCannotBeMadeEndsTheRun() throws {
        let file = try folder.write("x", as: "file")
        let run = try FeatureRun(
            FeatureChoice(model: nil, recipe: nil), format: .csv, output: file + "/sub", threads: 1)
        #expect(throws: StenoError.self) { try run.run([]) { _ in } }
    }
}
