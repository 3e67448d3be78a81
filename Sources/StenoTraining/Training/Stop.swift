import Glibc
import Synchronization

/// Whether the user asked to stop (Ctrl-C or SIGTERM): what is being written is then brought to an end.
package enum Stop {
    private static let asked = Atomic<Bool>(false)

    package static var isAsked: Bool { asked.load(ordering: .relaxed) }

    /// From now on the first SIGINT or SIGTERM only asks; the second ends the process as usual.
    package static func listen() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                Stop.asked.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }
}
