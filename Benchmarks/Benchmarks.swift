import AudioFrontEnd
import Foundation
import Steno
import StenoTensor

/// Times one reference workload, or all: `Benchmarks [workload] [mode] [options]`. Prints one JSON line a workload.
@main
struct Benchmarks {
    /// `trains`: whether the precision of its products can be chosen.
    static let workloads: [(name: String, trains: Bool, run: @Sendable (Settings) throws -> Result)] = [
        ("speech-step", true, { speechStep($0) }), ("text-gru-step", true, { textStep(.attention, $0) }),
        ("text-transformer-step", true, { textStep(.transformer, $0) }),
        ("transcribe-greedy", false, { try transcription(beam: 1, $0) }),
        ("transcribe-beam", false, { try transcription(beam: 8, $0) }),
        ("translate-greedy", false, { translation(beam: 1, $0) }),
        ("translate-beam", false, { translation(beam: 5, $0) }),
        ("log-mel", false, { try logMel(FeatureOptions(), $0) }),
        ("log-mel-whisper", false, { try logMel(.whisper, $0) }),
        ("pitch", false, { try pitch(.probabilistic, $0) }), ("pitch-plain", false, { try pitch(.plain, $0) }),
    ]

    struct Settings: Sendable {
        /// Of the factors of products.
        var precision = Precision.float32
        var threads = ProcessInfo.processInfo.activeProcessorCount
        var runs = 5
        /// Of each utterance of the speech step; the batch holds 320 s.
        var seconds = 10
        /// The speech step's utterances are from half to one and a half as long.
        var isMixed = false
        /// Utterances that are transcribed, or sentences that are translated, together.
        var batch = 16
        /// Of the peer, as safetensors, for transcription.
        var weights: String?
        /// Print where the time of training steps goes.
        var profiles = false
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
        var sentencesPerSecond: Double?
        var peakMegabytes = 0
        var parameters: Int?

        enum CodingKeys: String, CodingKey {
            case workload, mode, threads, parameters
            case instructionSet = "instruction_set"
            case secondsMedian = "seconds_median"
            case secondsMinimum = "seconds_min"
            case timesRealTime = "times_real_time"
            case sentencesPerSecond = "sentences_per_second"
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
            let parts = option.dropFirst(2).split(separator: "=", maxSplits: 1)
            let value = parts.count == 2 ? String(parts[1]) : ""
            let number = Int(value).flatMap { $0 > 0 ? $0 : nil }
            switch (parts.first, number) {
            case ("threads", let number?): settings.threads = number
            case ("runs", let number?): settings.runs = number
            case ("seconds", let number?): settings.seconds = number
            case ("batch", let number?): settings.batch = number
            case ("recipe", _) where !value.isEmpty: return try padding(of: value)
            case ("weights", _) where !value.isEmpty: settings.weights = value
            case ("mixed", _) where value.isEmpty: settings.isMixed = true
            case ("profile", _) where value.isEmpty: settings.profiles = true
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
        let chosen = settings.precision == .float32 ? named : named.filter(\.trains)
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
        fail(
            "usage: Benchmarks [\(names)] [float32|bfloat16 (training steps)] [--threads=N] [--runs=N] [--profile] [--seconds=N] [--mixed] "
                + "[--batch=N] [--weights=FILE], or Benchmarks --recipe=FILE for the padding of its batches")
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
