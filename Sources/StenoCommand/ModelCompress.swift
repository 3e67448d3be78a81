import ArgumentParser
import Steno

struct ModelCompress: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compress",
        abstract: "Write a model with its matrices in 8 bits.",
        discussion: """
            Each column of a matrix becomes whole numbers from -127 to 127 times a scale of its own, which takes half \
            the space of what training writes and hardly changes what the model makes of a recording; measure it: steno \
            evaluate. Speed and memory stay the same. A language model within is kept as it is. Do this last: steno model \
            language writes 16 bits again.

            EXAMPLES
              steno model compress run/model.safetensors -o small.safetensors
              steno evaluate dev.tsv --model small.safetensors
            """)

    @Argument(help: "Model file, a run's folder, or the name of one in the model folder.", completion: .file())
    var model: String
    @Option(name: .shortAndLong, help: "Model to write.", completion: .file()) var output: String
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let summary = try ModelCompression.compress(model: model, output: output)
        try Console.print(summary, asJSON: json)
    }
}
