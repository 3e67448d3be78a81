import ArgumentParser
import Steno

struct Pronounce: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say how words are pronounced.",
        discussion: """
            Prints a line for each word: the word, a tab, and its phonemes. "-" stands for the words of standard input. \
            The model is english-pronunciation unless --model names another. \
            With --n-best each pronunciation is a line of its own; with --scores a column before it has its score. A \
            word with characters that the model does not know is named on standard error, the others are still done, \
            and the exit code is 1.

            EXAMPLES
              steno pronounce anemone
              steno pronounce --n-best 3 --scores read lead wind
              tr -cs "a-zA-Z'" "\\n" < letter.txt | sort -u | steno pronounce -
            """)

    @Argument(help: "Words, or - for those of standard input.") var words: [String]
    @OptionGroup(title: "Output") var alternatives: AlternativeOptions
    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Search") var search: TextOptions

    func run() throws {
        let translator = try search.translator(model, standard: .pronunciation) {
            $0.nBest = alternatives.nBest ?? 1
            $0.refusesUnknown = true
        }
        var failures = Failures()
        let words = try WordStream(words)
        for outcome in translator.translate(words) {
            do throws(StenoError) {
                let pronunciation = try outcome.get()
                for line in alternatives.lines(pronunciation, of: pronunciation.source) { try Console.print(line) }
            } catch { failures.add(error) }
        }
        if let error = words.error { failures.add(error) }
        try failures.exit()
    }
}
