import Foundation
import Glibc
import StenoTestSupport

/// The built program `steno`, which stands beside the test bundle.
struct Program {
    /// What one run of it gave.
    struct Result {
        /// The exit code; of a run that a signal ended, 128 and the signal's number.
        let code: Int32
        let output: String
        let errors: String

        var outputLines: [String] { output.split(separator: "\n").map { String($0) } }
        var errorLines: [String] { errors.split(separator: "\n").map { String($0) } }
    }

    static let path: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("steno").path
    }()

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - input: what it reads from a pipe as standard input; nothing if nil.
    ///   - environment: added to that of the tests.
    static func run(
        _ arguments: [String], input: [UInt8]? = nil, environment: [String: String] = [:]
    ) throws -> Result {
        let folder = try TemporaryFolder()
        let (output, errors) = (folder.path("output"), folder.path("errors"))
        let run = try Run(arguments, output: output, errors: errors, takesInput: input != nil, environment: environment)
        if let input { run.feed(input) }
        let code = run.wait()
        return Result(
            code: code, output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    /// The program at work.
    final class Run {
        private let process: pid_t
        private let input: Int32?

        init(
            _ arguments: [String], of program: String = Program.path, output: String, errors: String,
            takesInput: Bool = false, environment: [String: String] = [:]
        ) throws {
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            var ends: [Int32] = [-1, -1]
            if takesInput {
                guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
                for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
                posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
            } else {
                posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
            }
            // Threads of tests hold signals back, which a program that they start must not inherit.
            var attributes = posix_spawnattr_t()
            posix_spawnattr_init(&attributes)
            defer { posix_spawnattr_destroy(&attributes) }
            var signals = sigset_t()
            sigemptyset(&signals)
            posix_spawnattr_setsigmask(&attributes, &signals)
            sigaddset(&signals, SIGINT)
            sigaddset(&signals, SIGPIPE)
            posix_spawnattr_setsigdefault(&attributes, &signals)
            posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
            var variables = ProcessInfo.processInfo.environment
            variables["COLUMNS"] = "80"
            variables["STENO_ISA"] = nil
            variables.merge(environment) { $1 }
            var process = pid_t()
            let status = Self.withStrings([program] + arguments) { arguments in
                Self.withStrings(variables.map { "\($0)=\($1)" }) { environment in
                    posix_spawn(&process, program, &actions, &attributes, arguments, environment)
                }
            }
            if takesInput { close(ends[0]) }
            guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .ENOENT) }
            self.process = process
            input = takesInput ? ends[1] : nil
        }

        /// Writes standard input and closes it.
        func feed(_ bytes: [UInt8]) {
            guard let input else { return }
            signal(SIGPIPE, SIG_IGN)
            var done = 0
            while done < bytes.count {
                let count = bytes.withUnsafeBytes { write(input, $0.baseAddress.map { $0 + done }, $0.count - done) }
                guard count > 0 else { break }
                done += count
            }
            close(input)
        }

        func send(_ signal: Int32) { kill(process, signal) }

        func wait() -> Int32 {
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0 && errno == EINTR {}
            let signal = status & 0x7F
            return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
        }

        private static func withStrings<Value>(
            _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
        ) -> Value {
            let pointers = strings.map { strdup($0) }
            defer { for pointer in pointers { free(pointer) } }
            return body(pointers + [nil])
        }
    }
}

/// A line of shell, for what the program does at the ends of pipes.
enum Shell {
    static func run(_ command: String) throws -> (code: Int32, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let data = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
