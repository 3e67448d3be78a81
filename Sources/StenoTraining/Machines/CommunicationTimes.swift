import Foundation

/// What a run of several processes spends on talking, in seconds.
struct CommunicationTimes {
    /// Adding up gradients.
    var sums = 0.0
    /// Small agreements, which end when the slowest process comes to them.
    var agreements = 0.0

    /// For the user, of a run that took this long.
    func description(ofSeconds total: Double) -> String {
        func share(_ seconds: Double) -> Double { 100 * seconds / max(total, 1e-9) }
        return String(
            format: "communication: %.1f %% of the time for sums of gradients, %.1f %% for agreements and waiting",
            share(sums), share(agreements))
    }
}
