import Foundation
import Glibc
import StenoModels
import Testing

/// A run that is killed again and again ends with the weights of one that was not.
@Suite struct KillTests {
    @Test func twentyKillsChangeNothing() throws {
        let tones = try TonesRun()
        let (folder, recipe) = (tones.folder, tones.recipe)
        let started = try seconds { _ = try Program.run(["train", recipe, "--describe"]) }
        let total = try seconds {
            let whole = try Program.run(["train", recipe, "-o", folder.path("whole"), "--threads", "1"])
            #expect(whole.code == 0, "\(whole.errors)")
        }

        // From the program's first moment to a little way into the run, so that all kills together stay within it.
        let longest = started + 2 * max(0, total - started) / 25
        var random = SystemRandomNumberGenerator()
        var kills = 0
        for _ in 0..<20 {
            let run = try Program.Run(
                ["train", recipe, "-o", folder.path("killed"), "--threads", "1"], output: folder.path("output"),
                errors: folder.path("errors"))
            usleep(UInt32(1e6 * Double.random(in: 0...longest, using: &random)))
            run.send(SIGKILL)
            let code = run.wait()
            #expect(code == 128 + SIGKILL || code == 0)
            kills += code == 0 ? 0 : 1
            try everyFileIsWhole(in: folder.path("killed"))
        }
        #expect(kills >= 10, "on a machine that was busy at first the run may end early, but not as early as this")

        let last = try Program.run(["train", recipe, "-o", folder.path("killed"), "--threads", "1"])
        #expect(last.code == 0, "\(last.errors)")
        for name in ["checkpoint.safetensors", "model.safetensors"] {
            let (a, b) = (folder.path("whole/\(name)"), folder.path("killed/\(name)"))
            #expect(FileManager.default.contentsEqual(atPath: a, andPath: b), "\(name)")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("killed"))
        #expect(try names.sorted() == FileManager.default.contentsOfDirectory(atPath: folder.path("whole")).sorted())
    }

    /// Whatever stands under its own name can be read to its end.
    private func everyFileIsWhole(in folder: String) throws {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where name.hasSuffix(".safetensors") {
            _ = try TrainedModel(path: "\(folder)/\(name)")
        }
    }

    private func seconds(_ work: () throws -> Void) rethrows -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        try work()
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    }
}
