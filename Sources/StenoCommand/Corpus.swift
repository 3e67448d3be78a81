import ArgumentParser
import Steno

struct Corpus: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make manifests of corpora, and check them.",
        subcommands: [CorpusImport.self, CorpusChecking.self])
}

struct CorpusImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "List the utterances of a corpus in a manifest.",
        discussion: """
            KINDS
              librispeech  SUBSET/SPEAKER/CHAPTER with .trans.txt, and corpora of its form
              ljspeech     metadata.csv and wavs/
              commonvoice  one language: SPLIT.tsv and clips/ (--split train, dev, test,
                           validated or another list)
              vctk         wav48_silence_trimmed/ or wav48/, and txt/
              fsdd         Free Spoken Digit Dataset (--split all, train, test)
              kaldi        wav.scp, text, and where there are any utt2spk and segments
              folder       audio files with their transcripts beside them as .txt or .lab

            The manifest is TSV, or JSON lines if its name ends in .jsonl. Utterances that cannot be used are named \
            on standard error and left out.

            EXAMPLES
              steno corpus import librispeech LibriSpeech/dev-clean -o dev.tsv
              steno corpus import fsdd digits --split train -o digits.tsv
              steno corpus import folder recordings/ --name office -o office.tsv
            """)

    @Argument(help: "Kind of corpus.") var kind: CorpusKind
    @Argument(help: "Folder of the corpus.", completion: .directory) var folder: String
    @Option(name: .shortAndLong, help: "Manifest to write.", completion: .file()) var output: String
    @Option(help: "Part of the corpus, for those that come in parts.") var split: String?
    @Option(help: "Name in the column corpus, for kaldi and folder.") var name: String?
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        if let split, kind != .commonvoice, !kind.splits.contains(split) {
            throw ValidationError(
                kind.splits.isEmpty
                    ? "\(kind.rawValue) has no --split."
                    : "--split must be one of \(kind.splits.joined(separator: ", ")).")
        }
        if name != nil && kind != .kaldi && kind != .folder {
            throw ValidationError("--name is for kaldi and folder.")
        }
    }

    func run() throws {
        let summary = try kind.importing(folder, to: output, split: split, corpusName: name)
        for (id, problem) in summary.skipped.sorted(by: { $0.key < $1.key }) {
            Console.warn("left out \(id): \(problem)")
        }
        if json {
            try Console.print(json: summary)
        } else {
            try Console.print(
                "\(output): \(summary.utterances) utterances of \(summary.speakers) speakers, "
                    + "\((summary.audioSeconds / 3600).rounded(digits: 2)) h, \(summary.skipped.count) left out")
        }
    }
}

struct CorpusChecking: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look for what is wrong with a manifest.",
        discussion: """
            Opens the audio of every utterance and looks at its duration and text. Problems go to standard error and \
            make the exit code 1; standard output has what is in the corpus.

            EXAMPLES
              steno corpus check train.tsv
              steno corpus check train.tsv --model english --json
            """)

    @Argument(help: "Manifest to check.", completion: .file()) var manifest: String
    @Option(help: "Hold the texts against the characters of this model.", completion: .file()) var model: String?
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let check = try CorpusCheck(manifest: manifest, model: model)
        var failures = Failures()
        for problem in check.problems { failures.add(.corpus(problem)) }
        if json {
            try Console.print(json: check)
        } else {
            for (name, totals) in check.totals.sorted(by: { $0.key < $1.key }) {
                try Console.print(
                    "\(name.isEmpty ? "(no corpus)" : name): \(totals.utterances) utterances of "
                        + "\(totals.speakers) speakers, \((totals.seconds / 3600).rounded(digits: 2)) h, \(totals.words) words"
                )
            }
            let characters = check.characters.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            try Console.print("characters: " + characters.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        }
        try failures.exit()
    }
}

extension CorpusKind: ExpressibleByArgument {}
