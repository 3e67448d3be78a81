import AudioFrontEnd
import Foundation
import StenoModels
import StenoTensor
import StenoTestSupport
import StenoTraining
import Synchronization

extension TemporaryFolder {
    func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

    func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
    }
}

/// Lines that a trainer says, from whichever thread.
final class Notes: Sendable {
    private let collected = Mutex<[String]>([])
    var lines: [String] { collected.withLock { $0 } }
    func add(_ line: String) { collected.withLock { $0.append(line) } }
}

/// Asks to stop from the n-th time on that it is asked.
final class Countdown: Sendable {
    private let left: Atomic<Int>
    init(_ count: Int) { left = Atomic(count) }
    func isOver() -> Bool { left.subtract(1, ordering: .relaxed).newValue < 0 }
}

// MARK: Toy tasks

/// Random strings over ten letters and what they are turned round, each string once.
func reversalPairs(_ count: Int, seed: UInt64) -> [String] {
    var random = RandomStream(key: seed)
    var seen: Set<String> = []
    var lines: [String] = []
    while lines.count < count {
        let length = 3 + Int(random.next() % 8)
        let text = String((0..<length).map { _ in "abcdefghij".randomElement(using: &random) ?? "a" })
        if seen.insert(text).inserted { lines.append("\(text)\t\(String(text.reversed()))") }
    }
    return lines
}

/// Speech of tones: each letter is a sine of its own frequency for a tenth of a second, a little apart.
struct ToneCorpus {
    static let rate = 8000
    static let letters = Array("abcdefgh")

    /// Writes WAV files and a manifest, `name.tsv`, with ids `tone-0` and so on.
    static func write(_ texts: [String], named name: String, in folder: TemporaryFolder) throws {
        var manifest = "id\taudio\tduration\ttext\n"
        for (index, text) in texts.enumerated() {
            let samples = samples(of: text, seed: UInt64(index))
            try folder.write(wave(samples), as: "\(name)-\(index).wav")
            manifest += "tone-\(index)\t\(name)-\(index).wav\t\(Double(samples.count) / Double(rate))\t\(text)\n"
        }
        try folder.write(manifest, as: "\(name).tsv")
    }

    /// Random texts of 2 to 6 letters.
    static func texts(_ count: Int, seed: UInt64) -> [String] {
        var random = RandomStream(key: seed)
        return (0..<count).map { _ in
            let length = 2 + Int(random.next() % 5)
            return String((0..<length).map { _ in letters.randomElement(using: &random) ?? "a" })
        }
    }

    private static func samples(of text: String, seed: UInt64) -> [Float] {
        var random = RandomStream(key: seed)
        return text.flatMap { letter in
            let frequency = 300 + 400 * Double(letters.firstIndex(of: letter) ?? 0)
            return (0..<1100).map { n in
                let tone = n < 900 ? sin(2 * .pi * frequency * Double(n) / Double(rate)) : 0
                return 0.25 * Float(tone) + 0.001 * random.normal()
            }
        }
    }

    /// The bytes of a recording at `rate`.
    static func wave(_ samples: [Float]) -> [UInt8] {
        var wave = WaveBytes(samples)
        wave.sampleRate = UInt32(rate)
        return wave.file
    }
}

extension Recipe {
    /// For texts turned round: small, quick, and learned to the end.
    static var reversal: Recipe {
        var recipe = Recipe(for: .text)
        recipe.data.train = ["train.tsv"]
        recipe.data.dev = ["dev.tsv"]
        recipe.model.encoder.input = 32
        recipe.model.encoder.layers = 1
        recipe.model.encoder.units = 64
        recipe.model.encoder.dropout = 0
        recipe.model.decoder.embedding = 16
        recipe.model.decoder.units = 64
        recipe.model.decoder.attention = 32
        recipe.model.decoder.readout = 32
        recipe.model.decoder.dropout = 0.1
        recipe.training.epochs = 20
        recipe.training.batchFrames = 1000
        recipe.training.batchUtterances = 32
        recipe.training.shards = 1
        recipe.training.labelSmoothing = 0.05
        recipe.training.optimiser.rate = 0.004
        recipe.training.optimiser.finalRate = 0.0001
        recipe.training.optimiser.warmupSteps = 100
        return recipe
    }

    /// For tones: everything random is in use, nothing takes long.
    static var tones: Recipe {
        var recipe = Recipe()
        recipe.data.train = ["train.tsv"]
        recipe.data.dev = ["dev.tsv"]
        recipe.features.sampleRate = ToneCorpus.rate
        recipe.features.melBins = 20
        recipe.model.encoder.subsampling = 2
        recipe.model.encoder.channels = 4
        recipe.model.encoder.input = 24
        recipe.model.encoder.layers = 1
        recipe.model.encoder.units = 16
        recipe.model.encoder.dropout = 0.1
        recipe.model.decoder.embedding = 8
        recipe.model.decoder.units = 24
        recipe.model.decoder.attention = 16
        recipe.model.decoder.readout = 16
        recipe.model.decoder.dropout = 0.1
        recipe.training.epochs = 4
        recipe.training.batchUtterances = 4
        recipe.training.shards = 3
        recipe.training.scheduledSampling = 0.2
        recipe.training.averaged = 2
        recipe.training.optimiser.warmupSteps = 10
        return recipe
    }
}

/// A run of a recipe in a folder beside its data.
@discardableResult
func train(
    _ recipe: Recipe, in folder: TemporaryFolder, run: String = "run", threads: Int = 1, notes: Notes = Notes(),
    isAskedToStop: @escaping @Sendable () -> Bool = { false }
) throws -> Trainer.Outcome {
    try Trainer(recipe, base: folder.url.path, folder: folder.path(run), threads: threads) { notes.add($0) }
        .run(isAskedToStop: isAskedToStop) { _ in }
}

extension TemporaryFolder {
    func checkpoint(_ run: String = "run") throws -> Checkpoint {
        try Checkpoint(path: path("\(run)/checkpoint.safetensors"), optimiser: OptimiserOptions())
    }

    func model(_ run: String = "run") throws -> TrainedModel {
        try TrainedModel(path: path("\(run)/model.safetensors"))
    }
}
