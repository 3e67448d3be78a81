import Foundation
import StenoTensor

/// A table by operation, on standard error: milliseconds of one worker in one run.
struct ProfileTable {
    private var entries: [String: Profile.Entry] = [:]
    private let runs: Int

    init(_ profiles: [Profile], runs: Int) {
        self.runs = runs
        for profile in profiles {
            for (name, entry) in profile.entries { entries[name, default: Profile.Entry()] += entry }
        }
    }

    func print() {
        func row(_ cells: [String]) {
            let padded = cells.enumerated().map { column, cell in
                let space = String(repeating: " ", count: max(0, (column == 0 ? 34 : 10) - cell.count))
                return column == 0 ? cell + space : space + cell
            }
            FileHandle.standardError.write(Data((padded.joined(separator: " ") + "\n").utf8))
        }
        func number(_ value: Double, _ digits: Int = 1) -> String { String(format: "%.\(digits)f", value) }
        let total = entries.values.reduce(0) { $0 + $1.forwardSeconds + $1.backwardSeconds }
        row(["operation", "calls", "forward", "backward", "share %", "products %", "GFLOP/s"])
        let sorted = entries.sorted {
            $0.value.forwardSeconds + $0.value.backwardSeconds > $1.value.forwardSeconds + $1.value.backwardSeconds
        }
        var whole = Profile.Entry()
        for (name, entry) in sorted {
            whole += entry
            let seconds = entry.forwardSeconds + entry.backwardSeconds
            row([
                String(name.prefix { $0 != "(" }), "\(entry.calls / runs)",
                number(1000 * entry.forwardSeconds / Double(runs)),
                number(1000 * entry.backwardSeconds / Double(runs)), number(100 * seconds / total),
                number(100 * entry.productSeconds / max(seconds, 1e-9)),
                entry.productSeconds > 0 ? number(1e-9 * entry.productOperations / entry.productSeconds) : "",
            ])
        }
        row([
            "all workers together", "", number(1000 * whole.forwardSeconds / Double(runs)),
            number(1000 * whole.backwardSeconds / Double(runs)), "100.0",
            number(100 * whole.productSeconds / max(total, 1e-9)),
            number(1e-9 * whole.productOperations / max(whole.productSeconds, 1e-9)),
        ])
    }
}
