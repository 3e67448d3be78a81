import ArgumentParser
import Steno

struct Translate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn lines of text into other text.",
        discussion: """
            Reads files, or standard input if none is named (or "-"), UTF-8, a sentence or a few a line, and prints \
            their translations line by line, in order, as soon as they are there. The model is french-english unless \
            --model names another. Empty lines stay empty. A line that \
            is too long for a model, or is not UTF-8, is named on standard error; an empty line takes its place, and \
            the exit code is 1.

            With --n-best each alternative is a line of its own: the number of the line that it belongs to, a tab, and \
            the text. With --scores a column before the text has the score by which alternatives are ordered: the \
            natural log-probability over the length penalty. A line that could not be translated has none.

            EXAMPLES
              echo "Il pleut." | steno translate
              steno translate letter.txt --beam 12 > letter.en.txt
              steno translate --model run/model.safetensors --n-best 3 < questions.txt
              steno translate --model one.safetensors --model two.safetensors letter.txt
              echo "Il pleut." | steno translate --attention rain.svg
            """)

    @Argument(help: "Text files, or - for standard input.", completion: .file()) var files: [String] = []
    @OptionGroup(title: "Output") var alternatives: AlternativeOptions
    @Option(
        help: "Draw where the model looked while it wrote the first translation, as SVG.", completion: .file())
    var attention: String?
    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Search") var search: TextOptions

    func run() throws {
        let translator = try search.translator(model) {
            $0.nBest = alternatives.nBest ?? 1
            $0.attention = attention != nil
        }
        var failures = Failures()
        var picture = attention
        var number = 0
        for file in files.isEmpty ? ["-"] : files {
            let lines: LineReader
            do throws(StenoError) { lines = try LineReader(path: file) } catch {
                failures.add(error)
                continue
            }
            for outcome in translator.translate(lines) {
                number += 1
                var translation: Translation?
                do throws(StenoError) { translation = try outcome.get() } catch { failures.add(error) }
                for line in alternatives.lines(translation, of: alternatives.nBest.map { _ in "\(number)" }) {
                    try Console.print(line)
                }
                if let path = picture, let translation, !translation.text.isEmpty {
                    do throws(StenoError) { try translation.draw(to: path) } catch { failures.add(error) }
                    picture = nil
                }
            }
            if let error = lines.error { failures.add(error) }
        }
        if let picture { failures.add(.output("\(picture) is not written: no line has a translation to draw")) }
        try failures.exit()
    }
}
