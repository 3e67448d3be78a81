import Foundation
import Steno
import StenoTensor

/// Times one reference workload, or all: `Benchmarks [workload] [mode]`. Prints one JSON line a workload.
@main
struct Benchmarks {
    /// `hasProducts`: whether there are matrix products whose precision can be chosen.
    static let workloads: [(name: String, hasProducts: Bool, run: @Sendable (Settings) throws -> Result)] = [
        ("speech-step", true, { speechStep($0) }), ("log-mel", false, { try logMel($0) }),
    ]

    struct Settings: Sendable {
        /// Of the factors of products.
        var precision = Precision.float32
        var threads = ProcessInfo.processInfo.activeProcessorCount
        var runs = 5
    }

    struct Result: Encodable {
        var workload = ""
        var mode = ""
        var threads = 0
        var instructionSet = ""
        var secondsMedian = 0.0
        var secondsMinimum = 0.0
        /// Of audio, a second.
        var timesRealTime: Double?
        var peakMegabytes = 0
        var parameters: Int?

        enum CodingKeys: String, CodingKey {
            case workload, mode, threads, parameters
            case instructionSet = "instruction_set"
            case secondsMedian = "seconds_median"
            case secondsMinimum = "seconds_min"
            case timesRealTime = "times_real_time"
            case peakMegabytes = "peak_megabytes"
        }
    }

    static func main() {
        do { try run() } catch { fail("Benchmarks: \(error)") }
    }

    private static func run() throws {
        try InstructionSet.followEnvironment()
        let arguments = Array(CommandLine.arguments.dropFirst())
        let (positional, options) = (arguments.filter { !$0.hasPrefix("--") }, arguments.filter { $0.hasPrefix("--") })
        var settings = Settings()
        for option in options {
            let parts = option.dropFirst(2).split(separator: "=")
            guard parts.count == 2, let number = Int(parts[1]), number > 0 else { return usage() }
            switch parts[0] {
            case "threads": settings.threads = number
            case "runs": settings.runs = number
            default: return usage()
            }
        }
        if positional.count > 1 {
            guard let precision = Precision(rawValue: positional[1]) else { return usage() }
            settings.precision = precision
        }
        guard settings.precision.isAvailable else {
            fail("Benchmarks: bfloat16 needs AVX-512 with avx512_bf16, which is not to be had here")
        }
        let named = positional.first.map { name in workloads.filter { $0.name == name } } ?? workloads
        let chosen = settings.precision == .float32 ? named : named.filter(\.hasProducts)
        if chosen.isEmpty { return usage() }
        for (name, _, run) in chosen {
            var result = try run(settings)
            result.workload = name
            result.mode = settings.precision.rawValue
            result.instructionSet = InstructionSet.current.rawValue
            result.peakMegabytes = peakMegabytes()
            print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
        }
    }

    static func usage() {
        let names = workloads.map(\.name).joined(separator: "|")
        fail("usage: Benchmarks [\(names)] [float32|bfloat16] [--threads=N] [--runs=N]; log-mel has float32 alone")
    }

    private static func fail(_ sentence: String) -> Never {
        FileHandle.standardError.write(Data("\(sentence)\n".utf8))
        exit(64)
    }

    /// Runs `body` once untimed, then as often as wanted; seconds of each run.
    static func time(_ runs: Int, _ body: () throws -> Void) rethrows -> [Double] {
        try body()
        return try (0..<runs).map { _ in
            let start = DispatchTime.now().uptimeNanoseconds
            try body()
            return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        }.sorted()
    }

    private static func peakMegabytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Int(usage.ru_maxrss) / 1024
    }
}

extension Benchmarks.Result {
    init(seconds: [Double], threads: Int, audioSeconds: Double? = nil) {
        self.threads = threads
        secondsMedian = seconds[seconds.count / 2]
        secondsMinimum = seconds[0]
        timesRealTime = audioSeconds.map { $0 / secondsMedian }
    }
}
