import AudioFrontEnd
import Foundation

/// Tells a person how far some work is: one line that is rewritten on a terminal, plain lines now and then elsewhere.
///
///     epoch 3 · step 1200/8000 · loss 0.731 · 41 × real time · 0:52:10 left
///
/// Time is passed in (seconds from any fixed beginning that does not go backward), so that it can be tested.
package struct ProgressLine {
    private let total: Int
    private let isTerminal: Bool
    /// Seconds between two lines.
    private let interval: Double
    private let columns: Int
    private let write: (String) -> Void
    private var first: (done: Int, seconds: Double)
    private var lastWritten: Double?
    private var isLineOpen = false
    private var latest: String?

    /// - Parameters:
    ///   - total: steps of the whole work.
    ///   - first: the step that it begins or resumes at, for the time left.
    ///   - now: seconds, as in ``update(_:now:)``.
    ///   - isTerminal: whether the output rewrites lines; standard error by default.
    ///   - columns: of the terminal; longer lines are cut.
    ///   - plainIntervalSeconds: the least time between two lines when it is not a terminal.
    ///   - write: gets text to put out as it is; standard error by default.
    package init(
        total: Int, first: Int = 0, now: Double, isTerminal: Bool = isatty(STDERR_FILENO) == 1,
        columns: Int = 80, plainIntervalSeconds: Double = 30,
        write: @escaping (String) -> Void = ProgressLine.writeToStandardError
    ) {
        self.total = total
        self.isTerminal = isTerminal
        self.columns = columns
        self.interval = isTerminal ? 0.1 : plainIntervalSeconds
        self.write = write
        self.first = (first, now)
    }

    /// Work goes on where standard error cannot be written.
    package static func writeToStandardError(_ text: String) {
        var text = text
        _ = text.withUTF8 { SystemFile.write(UnsafeRawBufferPointer($0), to: STDERR_FILENO) }
    }

    /// Shows what is known and the time left, unless something was shown too recently.
    ///
    /// - Parameters:
    ///   - parts: what the line says, in pieces.
    ///   - done: steps up to now.
    package mutating func update(_ parts: [String], done: Int, now: Double) {
        let line = (parts + timeLeft(done: done, now: now)).joined(separator: " · ")
        if let lastWritten, now - lastWritten < interval {
            latest = line
            return
        }
        lastWritten = now
        latest = nil
        show(line)
    }

    /// Puts out a message as a line of its own; the progress line goes on below it.
    package mutating func message(_ text: String) {
        clear()
        write(text + "\n")
    }

    /// Takes the line off the terminal, so that something else can be put out.
    package mutating func clear() {
        if isLineOpen { write("\r\u{1B}[K") }
        isLineOpen = false
    }

    /// Shows the last state if it was held back, and ends the line.
    package mutating func finish() {
        if let latest { show(latest) }
        latest = nil
        if isLineOpen { write("\n") }
        isLineOpen = false
    }

    private mutating func show(_ line: String) {
        if isTerminal {
            write("\r\u{1B}[K" + line.prefix(max(1, columns - 1)))
            isLineOpen = true
        } else {
            write(line + "\n")
        }
    }

    private func timeLeft(done: Int, now: Double) -> [String] {
        guard done > first.done, done < total else { return [] }
        let seconds = (now - first.seconds) / Double(done - first.done) * Double(total - done)
        return ["\(Self.duration(seconds)) left"]
    }

    /// Hours, minutes, seconds: `1:02:03`.
    package static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 3_600_000 else { return "?" }
        let whole = Int(seconds.rounded())
        return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
    }
}
