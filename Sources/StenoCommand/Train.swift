import ArgumentParser
import Steno

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a model by a recipe.",
        discussion: """
            A recipe is a YAML file whose sections are data, features, model, training and search; what it does not \
            name keeps its default, which --describe shows. Its paths are relative to its folder, those of --set to \
            the current one; text files may be packed by gzip. The folder gets checkpoints, logs (CSV, TensorBoard), \
            pictures of the attention, and model.safetensors: at the end the average of the best checkpoints, or the \
            best by itself if dev says so. Ctrl-C writes a checkpoint and ends with code 130; the same command goes on \
            from there.

            Started several times over by mpirun, it shares each batch out among the processes and gives the same bits; \
            training.shards has to be a power of two for each. This needs a build with the trait MPI.

            EXAMPLES
              steno train recipe.yaml -o run
              steno train recipe.yaml --describe
              steno train recipe.yaml -o short --set training.epochs=3
              mpirun -n 2 steno train recipe.yaml -o run --threads 4
            """)

    @Argument(help: "Recipe in YAML.", completion: .file()) var recipe: String
    @Option(name: .shortAndLong, help: "Folder for checkpoints, logs and the model.", completion: .directory)
    var output: String?
    @Option(
        help: ArgumentHelp(
            "Worker threads; they do not change the result (default: one for each processor).", valueName: "n"))
    var threads: Int?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Another value for a field of the recipe; may be given several times.", valueName: "field=value"))
    var changes: [String] = []
    @Flag(help: "Print the recipe with all its fields and do nothing else.") var describe = false

    func validate() throws {
        if output == nil && !describe { throw ValidationError("-o FOLDER is needed, or --describe.") }
        try Check.threads(threads)
        for change in changes where !change.contains("=") {
            throw ValidationError("--set expects field=value, not “\(change)”.")
        }
    }

    func run() throws {
        guard let output, !describe else {
            try Console.print(Trainer.describe(recipe: recipe, changes: changes))
            return
        }
        do {
            let trainer = try Trainer(
                recipe: recipe, changes: changes, folder: output, threads: threads, note: Console.note)
            if try trainer.run() == .interrupted { throw ExitCode(130) }
        } catch StenoError.elsewhere {
            // This process has left in order. A code other than 0 would end process 0, which has yet to say why.
        }
    }
}
