import Foundation
import Glibc
import StenoTestSupport
import Testing

@Suite("steno features")
struct FeaturesTests {
    private let folder: TemporaryFolder
    private let frames = 1 + (spoken("abc cab").count - 400) / 160

    init() throws {
        folder = try TemporaryFolder()
        for name in ["a/one", "a/two", "b/one"] {
            try folder.write(WaveBytes(spoken("abc cab")).file, as: "\(name).wav")
        }
    }

    @Test func eachRecordingHasAFile() throws {
        let output = folder.path("features")
        let result = try Program.run(["features", folder.path("a"), folder.path("none.wav"), "-o", output])
        #expect(result.code == 1 && result.errorLines.count == 1)
        #expect(result.outputLines == ["\(output)/one.npy\t\(frames)", "\(output)/two.npy\t\(frames)"])
        let array = try Data(contentsOf: URL(fileURLWithPath: output + "/one.npy"))
        #expect(array.count == 128 + frames * 80 * 4)
        #expect(String(decoding: array.prefix(128), as: UTF8.self).contains("'shape': (\(frames), 80)"))
    }

    @Test func anArchiveHoldsAll() throws {
        let output = folder.path("all.ark")
        let result = try Program.run(["features", folder.path("a"), folder.path("b"), "-o", output, "--threads", "2"])
        #expect(result.code == 0)
        #expect(result.outputLines == ["a-one", "two", "b-one"].map { "\(output):\($0)\t\(frames)" })
        let contents = try String(contentsOfFile: folder.path("all.scp"), encoding: .utf8)
        #expect(contents.hasPrefix("a-one \(output):6\ntwo \(output):"))
    }

    @Test(arguments: ["all.npz", "all.ark"])
    func anArchiveOfNothingDoesNotAppear(name: String) throws {
        let noise = try folder.write([UInt8](0...255), as: "noise.wav")
        let result = try Program.run(["features", noise, "-o", folder.path("out/\(name)")])
        #expect(result.code == 1 && result.errorLines.count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("out")).isEmpty)
    }

    @Test func aReaderThatGoesAwayLeavesNothingHalfWritten() throws {
        let files = "'\(folder.path("a"))' '\(folder.path("b"))'"
        _ = try Shell.run("'\(Program.path)' features \(files) -o '\(folder.path("out/all.npz"))' | true")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("out"))
        #expect(names.allSatisfy { $0 == "all.npz" })
    }

    @Test func aPictureIsDrawn() throws {
        let picture = folder.path("one.svg")
        #expect(try Program.run(["features", folder.path("a/one.wav"), "--picture", picture]).code == 0)
        let svg = try String(contentsOfFile: picture, encoding: .utf8)
        for text in ["one", "seconds", "hertz (mel scale)", "1000", "dB"] { #expect(svg.contains(">\(text)</text>")) }
        let map = folder.path("one.png")
        #expect(try Program.run(["features", folder.path("a/one.wav"), "--picture", map]).code == 0)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: map))
        #expect(bytes.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
        #expect(bytes[16..<24] == Data([0, 0, 0, UInt8(frames), 0, 0, 0, 80]), "a pixel for each frame and filter")
    }

    @Test(arguments: [
        (["--kind", "pitch"], ["pitch, hertz", "spectrogram and pitch"]),
        (["--kind", "spectrogram", "--rate", "8000"], ["hertz", "4000", "0"]),
        (["--convention", "librosa", "--kind", "mfcc"], ["coefficient", "20 cepstra, 22050 Hz"]),
    ])
    func picturesSayWhatTheyShow(options: [String], texts: [String]) throws {
        let picture = folder.path("one.svg")
        let result = try Program.run(["features", folder.path("a/one.wav"), "--picture", picture] + options)
        #expect(result.code == 0 && result.errors.isEmpty)
        let svg = try String(contentsOfFile: picture, encoding: .utf8)
        for text in texts { #expect(svg.contains(">\(text)</text>"), "\(text)") }
    }

    @Test(arguments: [
        ["-o", "x", "--picture", "x.gif"], [], ["-o", "x", "--threads", "0"], ["-o", "x", "--convention", "kaldy"],
        ["-o", "x", "--convention", "kaldi", "--recipe", "r.yaml"], ["-o", "x", "--kind", "pitch", "--bins", "40"],
        ["-o", "x", "--kind", "pitch", "--normalise", "sliding"], ["-o", "x", "--set", "melBins"],
        ["-o", "x", "--set", "melBins="], ["-o", "x", "--kind", "spectrogram", "--bins", "40"], ["-o", ""],
        ["--picture", "x.svg", "--deltas", "2"], ["--picture", "x.svg", "--normalise", "utterance"],
        ["-o", "x", "--picture", "x.svg", "-"], ["-o", "x", "--kind", "pitch", "--pipeline", "p.yaml"],
        ["--picture", "x.svg", "--pipeline", "p.yaml"], ["-o", "x", "--model", "m", "--pipeline", "p.yaml"],
    ])
    func wrongUseIsRefused(options: [String]) throws {
        #expect(try Program.run(["features", folder.path("a/one.wav")] + options).code == 64)
    }

    @Test(arguments: [
        (["--convention", "whisper"], "max(f, the largest f of the signal"),
        (["--kind", "pitch"], "lag: 3000"), (["--kind", "pitch", "--set", "lag=9"], "lag: 9"),
        (["--convention", "htk", "--kind", "mfcc", "--deltas", "2"], "39 values every 160 samples"),
        (["--normalise", "utterance"], "(x - mean) / deviation"), (["--set", "melSlope=hertz"], "melSlope: hertz"),
    ])
    func featuresAreDescribed(options: [String], text: String) throws {
        let result = try Program.run(["features", "--describe"] + options)
        #expect(result.code == 0 && result.output.contains(text), "\(result.output)")
    }

    /// The archive is begun, and then standard input gives nothing.
    @Test func ctrlCLeavesNothingHalfWritten() throws {
        let run = try Program.Run(
            ["features", folder.path("a"), "-", "-o", folder.path("out/all.npz")], output: folder.path("output"),
            errors: folder.path("errors"), takesInput: true)
        func files() -> [String] {
            (try? FileManager.default.contentsOfDirectory(atPath: folder.path("out"))) ?? []
        }
        while files().isEmpty { sched_yield() }
        run.send(SIGINT)
        #expect(run.wait() == 130)
        #expect(files().isEmpty)
        run.feed([])
    }
}
