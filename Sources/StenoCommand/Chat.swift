import ArgumentParser
import Steno

struct Chat: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Talk with a model of dialogues.",
        discussion: """
            Reads a turn a line and answers each with a line, until the input ends (Ctrl-D). The model is \
            english-dialogue unless --model names another; none ships, Recipes/english-dialogue.yaml makes one. With \
            --history the model reads earlier turns of both sides too, the oldest first, with the separator between \
            them; give it what it was trained with. Turns that do not fit are forgotten, the oldest first. Through a pipe nothing but the \
            answers is printed.

            EXAMPLES
              steno chat --model run/model.safetensors
              steno chat --model run/model.safetensors --history 3 --temperature 0.7
              steno chat --model run/model.safetensors < questions.txt > answers.txt
            """)

    @Option(help: ArgumentHelp("Turns that the model reads, the last one included, 1 to 1000.", valueName: "n"))
    var history = 1
    @Option(help: ArgumentHelp("What stands between them.", valueName: "text"))
    var separator = " | "
    @Option(
        help: ArgumentHelp(
            "Draw answers by their probability at this temperature, above 0 to 10, instead of searching for the best.",
            valueName: "t"))
    var temperature: Double?
    @Option(help: ArgumentHelp("Of what is drawn: the same seed gives the same answers.", valueName: "n"))
    var seed: UInt64 = 1
    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Search") var search: TextOptions

    func validate() throws {
        if !(1...1000).contains(history) { throw ValidationError("--history must be from 1 to 1000.") }
        if let temperature, !(temperature > 0 && temperature <= 10) {
            throw ValidationError("--temperature must be above 0 and at most 10.")
        }
        if temperature != nil && (model.beam ?? 1 > 1 || model.lengthPenalty != nil) {
            throw ValidationError("--temperature draws one answer, without --beam and --length-penalty.")
        }
    }

    func run() throws {
        let translator = try search.translator(model, standard: .dialogue) {
            $0.temperature = temperature
            $0.seed = seed
        }
        var conversation = Conversation(translator, history: history, separator: separator)
        var failures = Failures()
        let lines = try LineReader(path: "-")
        try Console.prompt()
        while let line = lines.next() {
            var answer = ""
            do throws(StenoError) { answer = try conversation.answer(line.get()) } catch { failures.add(error) }
            try Console.print(answer)
            try Console.prompt()
        }
        try Console.endPrompt()
        if let error = lines.error { failures.add(error) }
        try failures.exit()
    }
}
