import Foundation

/// As many threads as asked for, or as there are processors.
package func threadCount(_ asked: Int?) throws(StenoError) -> Int {
    guard let asked else { return max(1, ProcessInfo.processInfo.activeProcessorCount) }
    guard (1...1024).contains(asked) else {
        throw .option(name: "the number of threads", expected: "1 to 1024", found: "\(asked)")
    }
    return asked
}
