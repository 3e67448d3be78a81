import ArgumentParser
import Steno

struct Transcribe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn recordings into text.",
        discussion: """
            Reads what libsndfile reads (WAV, FLAC, Ogg Vorbis, Opus, AIFF, MP3 and more), at 2 kHz to 768 kHz and \
            with 1 to 64 channels. A folder stands for all audio files in it and below it; "-" is standard input. \
            A recording that is longer than what the model learned from is cut at pauses into segments.

            FORMATS
              txt   the text, a line for each segment; with the path and a colon before
                    it unless one file is named
              tsv   a line for each recording: path, tab, text
              json  a line for each recording: an object with path, text, segments
                    (start and end in seconds, text), audio_seconds, score, warnings

            A recording that cannot be read is named on standard error, the others are still done, and the exit code \
            is 1.

            EXAMPLES
              steno transcribe talk.flac
              steno transcribe interviews/ --format tsv > interviews.tsv
              steno transcribe lecture.wav --format json
              cat call.raw | steno transcribe - --raw-format muLaw --raw-rate 8000
              steno transcribe corpus/ --format tsv --shard 2/8
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument { case txt, tsv, json }

    @Argument(help: "Audio files, folders of them, or - for standard input.", completion: .file())
    var files: [String]
    @Option(help: "What to print.") var format = Format.txt
    @Option(help: ArgumentHelp("Only part i of n of the recordings, to share work between machines.", valueName: "i/n"))
    var shard: Shard?
    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Search") var search: SpeechOptions
    @OptionGroup(title: "Audio") var audio: AudioOptions

    func run() throws {
        let transcriber = try search.transcriber(model)
        var failures = Failures()
        var paths = AudioFiles.expand(files) { failures.add($0) }
        let isAlone = paths.count == 1 && paths == files
        if let shard { paths = shard.part(of: paths) }
        try transcriber.transcribe(paths.map(audio.recording)) { (index, outcome) throws(StenoError) in
            switch outcome {
            case .success(let transcription):
                for warning in transcription.warnings { Console.warn(warning) }
                try show(transcription, path: paths[index], isAlone: isAlone)
            case .failure(let error): failures.add(error)
            }
        }
        try failures.exit()
    }

    private func show(_ transcription: Transcription, path: String, isAlone: Bool) throws(StenoError) {
        switch format {
        case .tsv: try Console.print("\(path)\t\(transcription.text)")
        case .json: try Console.print(json: Line(path: path, transcription: transcription))
        case .txt:
            let lines = transcription.segments.isEmpty ? [""] : transcription.segments.map(\.text)
            for line in lines { try Console.print(isAlone ? line : "\(path): \(line)") }
        }
    }

    /// A transcription with its path before it.
    private struct Line: Encodable {
        let path: String
        let transcription: Transcription

        private enum Key: CodingKey { case path }

        func encode(to encoder: any Encoder) throws {
            try transcription.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(path, forKey: .path)
        }
    }
}

/// One of several parts of a list, as `2/8`.
struct Shard: ExpressibleByArgument {
    let number: Int
    let count: Int

    init?(argument: String) {
        let parts = argument.split(separator: "/").map { Int($0) }
        guard parts.count == 2, let number = parts[0], let count = parts[1], count >= 1, (1...count).contains(number)
        else { return nil }
        (self.number, self.count) = (number, count)
    }

    /// Every `count`-th element, from the one with this number on.
    func part<Element>(of list: [Element]) -> [Element] {
        stride(from: number - 1, to: list.count, by: count).map { list[$0] }
    }
}
