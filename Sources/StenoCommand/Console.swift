import ArgumentParser
import AudioFrontEnd
import Foundation
import Steno

/// What the program says: results on standard output, one sentence for a failure on standard error.
enum Console {
    /// A line of results.
    static func print(_ line: String) throws(StenoError) { try write(line + "\n", to: STDOUT_FILENO) }

    /// A value as JSON on one line, keys in order.
    static func print(json value: some Encodable) throws(StenoError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let data = try? encoder.encode(value) else {
            throw .output("the result cannot be written as JSON")
        }
        try print(String(decoding: data, as: UTF8.self))
    }

    /// A result as it describes itself, or as JSON.
    static func print(_ result: some Encodable & CustomStringConvertible, asJSON: Bool) throws(StenoError) {
        if asJSON { try print(json: result) } else { try print(result.description) }
    }

    /// Why something failed.
    static func complain(_ error: StenoError) { note("steno: \(error)") }

    /// What was wrong and went on nevertheless.
    static func warn(_ sentence: String) { note("steno: warning: \(sentence)") }

    /// A line for the person who watches.
    static func note(_ line: String) { try? write(line + "\n", to: STDERR_FILENO) }

    /// Asks a person for a line; nothing through a pipe.
    static func prompt() throws(StenoError) { if isDialogue { try write("> ", to: STDOUT_FILENO) } }

    /// Leaves the line of a prompt that was not answered.
    static func endPrompt() throws(StenoError) { if isDialogue { try write("\n", to: STDOUT_FILENO) } }

    private static var isDialogue: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Columns of the terminal that standard output goes to; nil when it is none.
    static var columns: Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else {
            return nil
        }
        return Int(size.ws_col)
    }

    private static func write(_ text: String, to descriptor: Int32) throws(StenoError) {
        var text = text
        let error = text.withUTF8 { SystemFile.write(UnsafeRawBufferPointer($0), to: descriptor) }
        guard error == 0 else {
            throw .output("standard output cannot be written: \(String(cString: strerror(error)))")
        }
    }
}

/// Counts failures that the work goes on after.
struct Failures {
    private var count = 0

    mutating func add(_ error: StenoError) {
        Console.complain(error)
        count += 1
    }

    /// Ends the program with code 1 if anything failed.
    func exit() throws { if count > 0 { throw ExitCode.failure } }
}
