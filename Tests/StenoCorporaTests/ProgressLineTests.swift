import StenoTraining
import Testing

@Suite struct ProgressLineTests {
    /// Collects what is written.
    private final class Output {
        var text = ""
    }

    private func line(_ output: Output, isTerminal: Bool, first: Int = 0) -> ProgressLine {
        ProgressLine(total: 100, first: first, now: 0, isTerminal: isTerminal, columns: 60) {
            output.text += $0
        }
    }

    @Test func plainLinesAreSparse() {
        let output = Output()
        var line = line(output, isTerminal: false)
        for step in 1...100 {
            line.update(["epoch 1", "step \(step)/100", "40 × real time"], done: step, now: Double(step))
        }
        line.finish()
        #expect(
            output.text == """
                epoch 1 · step 1/100 · 40 × real time · 0:01:39 left
                epoch 1 · step 31/100 · 40 × real time · 0:01:09 left
                epoch 1 · step 61/100 · 40 × real time · 0:00:39 left
                epoch 1 · step 91/100 · 40 × real time · 0:00:09 left
                epoch 1 · step 100/100 · 40 × real time

                """)
        #expect(!output.text.contains("\u{1B}"))
    }

    @Test func aTerminalsLineIsRewrittenAndCutToItsWidth() {
        let output = Output()
        var line = line(output, isTerminal: true)
        line.update(["epoch 1", "step 1/100", "loss 1234.6", "40 × real time"], done: 1, now: 1)
        line.update(["epoch 1", "step 2/100"], done: 2, now: 1.01)
        line.message("checkpoint written")
        line.finish()
        let first = "epoch 1 · step 1/100 · loss 1234.6 · 40 × real time · 0:01:"
        #expect(first.count == 59)
        #expect(
            output.text == "\r\u{1B}[K" + first + "\r\u{1B}[K" + "checkpoint written\n"
                + "\r\u{1B}[Kepoch 1 · step 2/100 · 0:00:49 left\n")
    }

    @Test func timeLeftCountsFromWhereTheRunWasResumed() {
        let output = Output()
        var line = line(output, isTerminal: false, first: 50)
        line.update(["step 60/100"], done: 60, now: 20)
        #expect(output.text == "step 60/100 · 0:01:20 left\n")
    }

    @Test(arguments: [
        (0, "0:00:00"), (59.6, "0:01:00"), (3723, "1:02:03"), (360_000, "100:00:00"), (.infinity, "?"), (.nan, "?"),
    ])
    func durationsAreHoursMinutesSeconds(seconds: Double, written: String) {
        #expect(ProgressLine.duration(seconds) == written)
    }
}
