import ArgumentParser
import Steno

struct ModelAverage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "average",
        abstract: "Write the average of several models.",
        discussion: """
            The weights of the new model are the mean of the weights of models that have one structure and one \
            vocabulary: checkpoints of one run, or of runs that started from one model; the mean of unrelated runs is of \
            no use. All else is the first model's. Training does this by itself (training.averaged). Measure it: steno \
            evaluate. To search with unrelated models together, name several by --model instead.

            EXAMPLES
              steno model average run/step-*.safetensors -o average.safetensors
              steno evaluate dev.tsv --model average.safetensors
            """)

    @Argument(
        help: "Model files, runs' folders, or names of models in the model folder; at least two.",
        completion: .file())
    var models: [String]
    @Option(name: .shortAndLong, help: "Model to write.", completion: .file()) var output: String
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        if models.count < 2 { throw ValidationError("An average is of at least two models.") }
    }

    func run() throws {
        let summary = try ModelAveraging.average(models: models, output: output)
        try Console.print(summary, asJSON: json)
    }
}
