import ArgumentParser
import Glibc
import Steno
import StenoTensor

/// The program `steno`: each verb is a file of this folder.
@main
struct Program: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steno",
        abstract: "Speech to text, text to text, and models of your own.",
        discussion: """
            EXAMPLES
              steno transcribe talk.flac
              steno transcribe interviews/ --format tsv > interviews.tsv
              echo "Il pleut." | steno translate
              steno train recipe.yaml -o run
              steno evaluate test.tsv --model run/model.safetensors

            Every failure is one sentence on standard error. Exit codes: 0 for success, 1 if anything failed, 64 for \
            wrong usage, 130 after Ctrl-C. STENO_ISA=avx512|avx2|generic limits the instruction set.
            """,
        subcommands: [
            Transcribe.self, Translate.self, Pronounce.self, Chat.self, Train.self, Evaluate.self, Score.self,
            Features.self, Corpus.self,
            Model.self,
        ])

    static func main() {
        // A reader that goes away (`| head`) ends the program quietly, as it does other tools.
        signal(SIGPIPE, SIG_DFL)
        signal(SIGINT, leave)
        do {
            var command = try parseAsRoot()
            do throws(StenoError) { try InstructionSet.followEnvironment() } catch {
                Console.complain(error)
                throw ExitCode(EX_USAGE)
            }
            try command.run()
        } catch let error as StenoError {
            Console.complain(error)
            Glibc.exit(1)
        } catch let error as WrongUsage {
            Console.note("steno: \(error.description)")
            Glibc.exit(EX_USAGE)
        } catch {
            exit(withError: error)
        }
    }
}

/// Wrong usage that shows only when a file has been looked at.
struct WrongUsage: Error, CustomStringConvertible { let description: String }

/// What Ctrl-C does until somebody has something to finish first. Not a closure of `main`: that would belong to the main
/// thread, and a signal may come on any.
private func leave(signal: Int32) { _exit(130) }
