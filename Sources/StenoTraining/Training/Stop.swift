import Glibc
import Synchronization

/// Whether the user asked to stop (Ctrl-C, SIGTERM, or the end of a pipe that is written to): what is being written is
/// then brought to an end.
package enum Stop {
    private static let asked = Atomic<Bool>(false)

    package static var isAsked: Bool { asked.load(ordering: .relaxed) }

    /// From now on SIGPIPE and the first SIGINT or SIGTERM only ask; the second ends the process as usual.
    package static func listen() {
        signal(SIGPIPE) { _ in Stop.asked.store(true, ordering: .relaxed) }
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                Stop.asked.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }
}
