import ArgumentParser
import Steno

@main
struct StenoProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steno", abstract: "Speech to text, and text to text.", subcommands: [Train.self])
}
