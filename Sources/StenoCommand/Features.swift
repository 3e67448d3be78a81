import ArgumentParser
import Steno

struct Features: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the log-mel features of recordings to files.",
        discussion: """
            Features are not normalised. They are those of a model or a recipe if one is named, else the standard \
            ones: 80 bins every 10 ms at 16 kHz. A recording is called by its id in a manifest, else by its file's \
            name; files of one name in several folders have the folder before it (a/x.wav and b/x.wav are a-x and b-x).

            FORMATS
              npy    NumPy's array file for each recording: float32, frames by bins
              csv    a text file for each recording: a line for each frame
              htk    HTK's parameter file for each recording
              npz    NumPy's archive of all recordings
              kaldi  Kaldi's archive of all recordings (.ark), its contents beside it (.scp)

            A recording that cannot be read is named on standard error, the others are still done, and the exit code \
            is 1. Files appear when they are whole; Ctrl-C leaves no others.

            EXAMPLES
              steno features talk.flac -o features
              steno features corpus/ -o train.npz
              steno features train.tsv -o train.ark --recipe recipe.yaml
            """)

    @Argument(
        help: "Audio files, folders of them, manifests (.tsv, .jsonl), or - for standard input.", completion: .file())
    var files: [String]
    @Option(
        name: .shortAndLong, help: "Folder for the files, made if missing; or the archive's name (.npz, .ark).",
        completion: .directory)
    var output: String?
    @Option(
        help: "Draw one recording to this file: .svg with axes, or .png without.",
        completion: .file(extensions: ["svg", "png"]))
    var picture: String?
    @Option(help: "What to write (default: npy, or what the archive's name says).") var format: FeatureFormat?
    @Option(help: "Take the features of this model.", completion: .file()) var model: String?
    @Option(help: "Take the features of this recipe.", completion: .file()) var recipe: String?
    @Option(help: ArgumentHelp("Worker threads (default: one for each processor).", valueName: "n"))
    var threads: Int?
    @OptionGroup(title: "Audio") var audio: AudioOptions

    func validate() throws {
        if model != nil && recipe != nil { throw ValidationError("--model and --recipe exclude each other.") }
        if output == nil && picture == nil { throw ValidationError("-o is needed, or --picture.") }
        if let picture, !picture.hasSuffix(".svg") && !picture.hasSuffix(".png") {
            throw ValidationError("--picture must end in .svg or .png.")
        }
        try Check.threads(threads)
    }

    func run() throws {
        let features = try FeatureChoice(model: model, recipe: recipe)
        var failures = Failures()
        let items = try FeatureItem.items(files, template: audio.recording("-")) { failures.add($0) }
        if let picture {
            guard items.count == 1 else {
                throw ValidationError("--picture is of one recording, and these are \(items.count).")
            }
            for warning in try features.draw(items[0].recording, to: picture, title: items[0].name) {
                Console.warn(warning)
            }
        }
        guard let output else { return try failures.exit() }
        let outcome = try FeatureRun(features, format: format, output: output, threads: threads).run(items) {
            (result) throws(StenoError) in
            switch result {
            case .success(let written):
                for warning in written.warnings { Console.warn(warning) }
                try Console.print("\(written.place)\t\(written.frames)")
            case .failure(let error): failures.add(error)
            }
        }
        if outcome == .interrupted { throw ExitCode(130) }
        try failures.exit()
    }
}

extension FeatureFormat: ExpressibleByArgument {}
