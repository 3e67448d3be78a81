import ArgumentParser
import Steno

struct Features: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the features of recordings to files, or draw them.",
        discussion: """
            Features are log-mel energies, cepstra, spectra or pitch; those of a model or a recipe, or what another \
            tool gives to the last option, or else the standard ones: 80 log-mel energies every 10 ms at 16 kHz. A \
            recording is called by its id in a manifest, else by its file's name; files of one name in several \
            folders have the folder before it (a/x.wav and b/x.wav are a-x and b-x), those that differ by their \
            extension alone have that too.

            FORMATS
              npy    NumPy's array file for each recording: float32, frames by bins
              csv    a text file for each recording: a line for each frame
              htk    HTK's parameter file for each recording
              npz    NumPy's archive of all recordings
              kaldi  Kaldi's archive of all (.ark), its contents beside it (.scp)

            PIPELINES
              A file for --pipeline has options and steps, each of whose fields may be left out:
                options: {melBins: 40}
                steps:
                - deltas: {order: 2, window: 2, kind: kaldi}
                - slidingNormalisation: {window: 300}
                - normalisation: {mode: global, means: [...], deviations: [...]}
                - stacking: {left: 3, right: 3, stride: 3}

            A recording that cannot be read is named on standard error, the others are still done, and the exit code \
            is 1. Files appear when they are whole; Ctrl-C leaves no others.

            EXAMPLES
              steno features talk.flac -o features
              steno features corpus/ -o train.npz --convention whisper
              steno features train.tsv -o train.ark --convention kaldi --bins 80
              steno features corpus/ -o mfcc --convention librosa --kind mfcc --deltas 2
              steno features talk.flac --picture talk.svg --kind pitch --set lowHertz=40
              steno features corpus/ -o stacked --pipeline stacked.yaml
              steno features --describe --convention whisper
            """)

    @Argument(
        help: "Audio files, folders of them, manifests (.tsv, .jsonl), or - for standard input.", completion: .file())
    var files: [String] = []
    @Option(
        name: .shortAndLong,
        help:
            "Folder for the files, made if missing; or the archive's name (.npz, .ark), or its folder with a / behind.",
        completion: .directory)
    var output: String?
    @Option(
        help: "Draw one recording to this file: .svg with axes, or .png without.",
        completion: .file(extensions: ["svg", "png"]))
    var picture: String?
    @Option(help: "What to write (default: npy, or what the archive's name says).") var format: FeatureFormat?
    @Option(help: ArgumentHelp("Worker threads (default: one for each processor).", valueName: "n"))
    var threads: Int?
    @Flag(help: "Print the formula of the features with all its numbers and do nothing else.") var describe = false
    @OptionGroup(title: "Features") var choice: FeatureChoiceOptions
    @OptionGroup(title: "Audio") var audio: AudioOptions

    func validate() throws {
        if describe { return }
        if files.isEmpty { throw ValidationError("Which recordings? Name files, folders or manifests.") }
        if output == nil && picture == nil { throw ValidationError("-o is needed, or --picture.") }
        if let picture {
            guard [".svg", ".png"].contains(where: picture.lowercased().hasSuffix) else {
                throw ValidationError("--picture must end in .svg or .png.")
            }
            if choice.hasSteps {
                throw ValidationError("--picture draws the values without --deltas, --normalise and --pipeline.")
            }
            if output != nil && files.contains("-") {
                throw ValidationError("--picture and -o together would read standard input twice.")
            }
        }
        if output == "" { throw ValidationError("-o needs the name of a folder or of an archive.") }
        try Check.threads(threads)
    }

    func run() throws {
        let features = try choice.features()
        guard !describe else { return try Console.print(features.description) }
        var failures = Failures()
        let run = try output.map { (output) throws(StenoError) in
            try FeatureRun(features, format: format, output: output, threads: threads)
        }
        let items = FeatureItem.items(files, template: audio.recording("-")) { failures.add($0) }
        if let picture {
            guard items.count == 1 else {
                if items.isEmpty { try failures.exit() }
                throw WrongUsage(description: "--picture is of one recording, and these are \(items.count)")
            }
            for warning in try features.draw(items[0].recording, to: picture, title: items[0].name) {
                Console.warn(warning)
            }
        }
        guard let run else { return try failures.exit() }
        let outcome = try run.run(items) { (result) throws(StenoError) in
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

/// Which features.
struct FeatureChoiceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take the features of another tool (\(FeatureChoice.conventions.joined(separator: ", "))).",
            valueName: "tool"))
    var convention: String?
    @Option(help: "Take the features of this model.", completion: .file()) var model: String?
    @Option(help: "Take the features of this recipe.", completion: .file()) var recipe: String?
    @Option(
        help: "Take the features that this file describes, with its steps.",
        completion: .file(extensions: ["yaml", "json"]))
    var pipeline: String?
    @Option(help: "What the values are.") var kind: FeatureChoice.Kind?
    @Option(help: ArgumentHelp("Mel filters, 1 to 1024.", valueName: "n")) var bins: Int?
    @Option(help: ArgumentHelp("Samples a second, to which recordings are brought.", valueName: "hertz")) var rate: Int?
    @Option(help: ArgumentHelp("Put the change over time behind the values, n times, 0 to 4.", valueName: "n"))
    var deltas = 0
    @Option(help: "Normalise values at the end.") var normalise: FeatureChoice.Normalising?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Another value for a field of the features, of which --describe shows all; may be given several times.",
            valueName: "field=value"))
    var changes: [String] = []

    func validate() throws {
        if [convention, model, recipe, pipeline].compactMap({ $0 }).count > 1 {
            throw ValidationError("--convention, --model, --recipe and --pipeline exclude each other.")
        }
        if let convention, !FeatureChoice.conventions.contains(convention) {
            throw ValidationError(
                "--convention is one of \(FeatureChoice.conventions.joined(separator: ", ")), not “\(convention)”.")
        }
        if kind == .pitch && (bins != nil || hasSteps || convention ?? model ?? recipe != nil) {
            throw ValidationError("--kind pitch takes no other options of features than --rate and --set.")
        }
        for change in changes {
            let parts = change.split(separator: "=", maxSplits: 1).filter { !$0.allSatisfy(\.isWhitespace) }
            guard parts.count == 2 else { throw ValidationError("--set expects field=value, not “\(change)”.") }
        }
        if kind == .spectrogram && bins != nil {
            throw ValidationError("--bins are of mel filters, which --kind spectrogram has not.")
        }
    }

    /// Whether values are worked on after they are made.
    var hasSteps: Bool { deltas != 0 || normalise != nil || pipeline != nil }

    func features() throws(StenoError) -> FeatureChoice {
        let base: FeatureChoice.Base =
            if let convention { .convention(convention) } else if let model { .model(model) } else if let recipe {
                .recipe(recipe)
            } else if let pipeline { .pipeline(pipeline) } else { .standard }
        return try FeatureChoice(
            base, kind: kind, bins: bins, sampleRate: rate, changes: changes, deltas: deltas, normalising: normalise)
    }
}

extension FeatureFormat: ExpressibleByArgument {}
extension FeatureChoice.Kind: ExpressibleByArgument {}
extension FeatureChoice.Normalising: ExpressibleByArgument {}
