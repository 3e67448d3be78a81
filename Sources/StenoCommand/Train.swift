import ArgumentParser
import Foundation
import StenoTraining

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Train a model by a recipe.")

    @Argument(help: "Recipe in YAML.") var recipe: String
    @Option(name: .shortAndLong, help: "Folder for checkpoints, logs and the model.") var output: String
    @Option(help: "Worker threads.") var threads = ProcessInfo.processInfo.activeProcessorCount

    func run() throws {
        let trainer = try Trainer(
            Recipe(path: recipe), base: (recipe as NSString).deletingLastPathComponent, folder: output,
            threads: threads
        ) { FileHandle.standardError.write(Data("\($0)\n".utf8)) }
        if try trainer.run() == .asked { throw ExitCode(130) }
    }
}
