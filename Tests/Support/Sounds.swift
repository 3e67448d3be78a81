import Foundation

/// A tone at 16 kHz that fades in and out over 5 ms.
package func tone(_ hertz: Double, seconds: Double, amplitude: Double = 0.3) -> [Float] {
    let count = Int(seconds * 16_000)
    return (0..<count).map { index in
        let fade = min(1, Double(min(index, count - 1 - index)) / 80)
        return Float(amplitude * fade * sin(2 * Double.pi * hertz * Double(index) / 16_000))
    }
}

/// Faint noise at 16 kHz, the same every time.
package func hush(seconds: Double) -> [Float] {
    var state: UInt64 = 1
    return (0..<Int(seconds * 16_000)).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(Int32.max) * 1e-3
    }
}

/// A text spoken by a machine: each letter from "a" on a tone of its own of 0.12 s, a space a pause as long.
package func spoken(_ text: String) -> [Float] {
    hush(seconds: 0.1)
        + text.unicodeScalars.flatMap { scalar in
            scalar == " "
                ? hush(seconds: 0.12)
                : tone(300 * pow(1.5, Double(scalar.value) - 97), seconds: 0.1) + hush(seconds: 0.02)
        } + hush(seconds: 0.1)
}
