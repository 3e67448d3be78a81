import AudioFrontEnd
import Foundation
import StenoTensor

/// The pitch of 60 s of a gliding voice with pauses and noise at 16 kHz, one thread: probabilistic YIN with librosa's
/// defaults, or plain YIN.
func pitch(_ method: PitchOptions.Method, _ settings: Benchmarks.Settings) throws -> Benchmarks.Result {
    let (seconds, rate) = (60.0, 16_000.0)
    var random = RandomStream(key: 1)
    let samples = (0..<Int(rate * seconds)).map { n in
        let time = Double(n) / rate
        let phase = 2 * Double.pi * 150 * time - 120 * cos(Double.pi * time)
        let isSounding = sin(1.6 * Double.pi * time) > -0.3
        let voice = isSounding ? (1...11).reduce(0) { $0 + sin(Double($1) * phase) / Double($1) } : 0
        return Float(0.1 * voice) + 0.003 * random.normal()
    }
    var options = PitchOptions()
    options.method = method
    let tracker = try PitchTracker(options)
    let times = Benchmarks.time(max(settings.runs, 15)) { _ = tracker.pitch(of: samples) }
    return Benchmarks.Result(seconds: times, threads: 1, audioSeconds: seconds)
}
