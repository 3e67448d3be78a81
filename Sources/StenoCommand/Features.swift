import ArgumentParser
import Steno

struct Features: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the log-mel features of recordings to files.",
        discussion: """
            Each recording gives one file of its name in the folder: NumPy's .npy (float32, frames by bins) or CSV \
            (a line for each frame). Features are not normalised. They are those of a model or a recipe if one is \
            named, else the standard ones: 80 bins every 10 ms at 16 kHz.

            EXAMPLES
              steno features talk.flac -o features
              steno features corpus/ -o features --format csv --recipe recipe.yaml
            """)

    @Argument(help: "Audio files, folders of them, or - for standard input.", completion: .file())
    var files: [String]
    @Option(name: .shortAndLong, help: "Folder for the files; made if missing.", completion: .directory)
    var output: String
    @Option(help: "What to write.") var format = FeatureFile.Format.npy
    @Option(help: "Take the features of this model.", completion: .file()) var model: String?
    @Option(help: "Take the features of this recipe.", completion: .file()) var recipe: String?
    @OptionGroup(title: "Audio") var audio: AudioOptions

    func validate() throws {
        if model != nil && recipe != nil { throw ValidationError("--model and --recipe exclude each other.") }
    }

    func run() throws {
        let writer = try FeatureFile(model: model, recipe: recipe)
        var failures = Failures()
        let paths = AudioFiles.expand(files) { failures.add($0) }
        let targets = try FeatureFile.targets(of: paths, in: output, format: format)
        for (path, target) in zip(paths, targets) {
            do throws(StenoError) {
                let frames = try writer.write(audio.recording(path), to: target, format: format)
                try Console.print("\(target)\t\(frames)")
            } catch { failures.add(error) }
        }
        try failures.exit()
    }
}

extension FeatureFile.Format: ExpressibleByArgument {}
