import Foundation
import StenoTestSupport

/// A model that turns words of the letters a to f around, learned by the program within a second.
enum ReversingRun {
    /// Every word of up to three letters, and some of four.
    static let words: [String] = {
        let letters = ["a", "b", "c", "d", "e", "f"]
        let two = letters.flatMap { first in letters.map { first + $0 } }
        let three = two.flatMap { first in letters.map { first + $0 } }
        return letters + two + three + three.enumerated().filter { $0.offset % 3 == 0 }.map { $0.element + "a" }
    }()

    static func reversed(_ word: String) -> String { String(word.reversed()) }

    /// The bytes of the model's file.
    static let model = Result {
        let folder = try TemporaryFolder()
        try folder.write(words.map { "\($0)\t\(reversed($0))\n" }.joined(), as: "words.tsv")
        let recipe = try folder.write(
            """
            data: {train: [words.tsv], dev: [words.tsv]}
            model:
              input: text
              encoder: {input: 16, layers: 1, units: 32, dropout: 0}
              decoder: {embedding: 16, units: 48, attention: 32, readout: 48, dropout: 0}
            training:
              epochs: 40
              batchUtterances: 32
              batchFrames: 400
              shards: 1
              ctcWeight: 0
              labelSmoothing: 0
              speeds: [1]
              optimiser: {rate: 0.01, warmupSteps: 20}
              averaged: 1
              evaluationSteps: 200
            search: {ctcWeight: 0, extraTokens: 2}
            """, as: "recipe.yml")
        let run = try Program.run(["train", recipe, "-o", folder.path("run")])
        guard run.code == 0 else { throw Failure(errors: run.errors) }
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path("run/model.safetensors"))))
    }

    struct Failure: Error { let errors: String }

    /// Writes the model into a folder and returns its path.
    static func write(to folder: TemporaryFolder) throws -> String {
        try folder.write(model.get(), as: "reversing.safetensors")
    }
}
