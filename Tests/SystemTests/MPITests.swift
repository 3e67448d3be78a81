#if MPI
import Foundation
import Glibc
import StenoTestSupport
import Testing

/// The program started several times over by `mpirun`, which has to be on the PATH.
@Suite(.serialized) struct MPITests {
    private static let environment = [
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "OMPI_MCA_mpi_yield_when_idle": "1",
    ]

    private let tones: TonesRun
    private let folder: TemporaryFolder

    init() throws {
        tones = try TonesRun(training: "shards: 4")
        folder = tones.folder
    }

    private func arguments(_ run: String) -> [String] {
        ["train", tones.recipe, "-o", folder.path(run), "--threads", "1", "--set", "training.epochs=30"]
    }

    /// Processes of one run; each says its number as a process of the system in a file, `pid-0` and so on.
    private func start(_ processes: Int, _ run: String) throws -> Program.Run {
        let script = "echo $$ >\(folder.path("pid-"))$OMPI_COMM_WORLD_RANK; exec \"$@\""
        return try Program.Run(
            ["mpirun", "-n", "\(processes)", "sh", "-c", script, "sh", Program.path] + arguments(run),
            of: "/usr/bin/env", output: folder.path("output"), errors: folder.path("errors"),
            environment: Self.environment)
    }

    private var errors: String { (try? String(contentsOfFile: folder.path("errors"), encoding: .utf8)) ?? "" }

    private func expectSame(_ run: String, _ other: String) throws {
        for name in ["checkpoint.safetensors", "model.safetensors"] {
            let (a, b) = (folder.path("\(run)/\(name)"), folder.path("\(other)/\(name)"))
            #expect(FileManager.default.contentsEqual(atPath: a, andPath: b), "\(name)")
        }
    }

    private func train(_ run: String) throws {
        let result = try Program.run(arguments(run))
        #expect(result.code == 0, "\(result.errors)")
    }

    /// Sends a signal to one of the processes once there is a checkpoint.
    private func send(_ signal: Int32, to rank: Int, of run: String) throws {
        while !FileManager.default.fileExists(atPath: folder.path("\(run)/checkpoint.safetensors")) { usleep(2000) }
        let text = try String(contentsOfFile: folder.path("pid-\(rank)"), encoding: .utf8)
        kill(try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))), signal)
    }

    @Test(arguments: [2, 4]) func processesGiveTheBitsOfOne(processes: Int) throws {
        try train("one")
        #expect(try start(processes, "more").wait() == 0, "\(errors)")
        try expectSame("more", "one")
        #expect(errors.contains("communication: "))
        #expect(errors.split(separator: "\n").count { $0.hasPrefix("train: ") } == 1)
    }

    @Test(arguments: [0, 1]) func aKilledProcessEndsTheRunWhichGoesOnAlone(rank: Int) throws {
        try train("whole")
        let run = try start(2, "killed")
        try send(SIGKILL, to: rank, of: "killed")
        #expect(run.wait() != 0)
        #expect(errors.contains("signal 9"), "\(errors)")
        try train("killed")
        try expectSame("killed", "whole")
    }

    @Test func aProcessThatIsAskedToStopStopsAll() throws {
        try train("whole")
        let run = try start(2, "asked")
        try send(SIGTERM, to: 1, of: "asked")
        #expect(run.wait() == 130, "\(errors)")
        #expect(errors.contains("asked to stop"))
        #expect(try start(2, "asked").wait() == 0, "\(errors)")
        try expectSame("asked", "whole")
    }

    @Test func anErrorIsSaidOnce() throws {
        #expect(try start(3, "run").wait() == 1)
        #expect(errors.components(separatedBy: "training.shards is 4, but 3 processes need").count == 2, "\(errors)")
    }
}
#endif
