import Dispatch
import Foundation

/// How fast training reads: seconds of audio, or tokens, in a second.
struct SpeedMeter {
    private let start = SpeedMeter.now
    private let isAudio: Bool
    /// Seconds of a frame; 1 for tokens.
    private let unit: Double
    private var length = 0

    init(_ recipe: Recipe) {
        isAudio = recipe.model.input == .audio
        unit = isAudio ? recipe.features.hopSeconds : 1
    }

    /// Seconds since some fixed moment.
    static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    mutating func add(_ sourceLength: Int) { length += sourceLength }

    var speed: Double { Double(length) * unit / max(SpeedMeter.now - start, 1e-9) }
    var description: String { String(format: isAudio ? "%.0f × real time" : "%.0f tokens/s", speed) }
}
