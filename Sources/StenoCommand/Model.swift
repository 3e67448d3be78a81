import ArgumentParser
import Steno

struct Model: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look into model files, average them, add language models to them, and make them smaller.",
        subcommands: [ModelInfo.self, ModelAverage.self, ModelLanguage.self, ModelCompress.self])
}

struct ModelInfo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Say what a model is and where it comes from.",
        discussion: """
            Architecture, size, characters, features, and the recipe, data and figures of its training. Checkpoints \
            are models too.

            EXAMPLES
              steno model info
              steno model info run/model.safetensors --json
            """)

    @Argument(
        help: "Model file, a run's folder, or the name of one in the model folder (default: english).",
        completion: .file())
    var model: String?
    @Flag(help: "Print one JSON object.") var json = false
    @Flag(help: "Print the recipe that it was trained by, in YAML.") var recipe = false

    func validate() throws {
        if json && recipe { throw ValidationError("--json and --recipe exclude each other.") }
    }

    func run() throws {
        let description = try ModelDescription(named: model)
        if json {
            try Console.print(json: description)
        } else {
            try Console.print(recipe ? description.provenance.recipe : description.description)
        }
    }
}
