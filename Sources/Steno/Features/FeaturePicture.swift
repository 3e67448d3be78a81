import AudioFrontEnd
import Foundation
import StenoTraining

/// A picture of the features of a recording: time from left to right, frequency from bottom to top, level as colour.
///
/// Hours of sound take no more room than seconds: neighbouring frames are drawn together.
package struct FeaturePicture {
    /// What the rows are, from bottom to top.
    package enum Rows {
        /// Points of a spectrum, so far apart.
        case spectrum(hertz: Double)
        /// Mel filters between two frequencies.
        case mel(MelScale, lowHertz: Double, highHertz: Double)
        /// Coefficients with numbers.
        case numbered
    }

    /// Levels so far below the loudest one, in decibels, are drawn as the lowest.
    private static let range: Float = 80
    private static let shades = 128

    private let rows: Rows
    private let secondsPerFrame: Double
    private let silence: Float?
    private var columns: PictureColumns
    /// Hertz, 0 where there is no voice, and the distance of its frames, the first of which is at the beginning.
    private var pitch: [Float] = []
    private var secondsPerPitch = 0.0

    /// - Parameters:
    ///   - rows: what they are; levels are in decibels.
    ///   - count: of the rows.
    ///   - silence: the level of digital silence, which has the darkest colour however loud the rest is.
    package init(_ rows: Rows, count: Int, secondsPerFrame: Double, silence: Float? = nil) {
        self.rows = rows
        self.secondsPerFrame = secondsPerFrame
        self.silence = silence
        columns = PictureColumns(rows: count)
    }

    /// Whether there is no frame to draw.
    package var isEmpty: Bool { columns.count == 0 }

    package mutating func add(_ features: Features) { columns.add(features) }

    /// Draws a curve over the picture, with an axis of its own.
    mutating func add(_ pitch: Pitch, secondsPerFrame: Double) {
        secondsPerPitch = secondsPerFrame
        // A guess where there is no voice is not drawn.
        self.pitch += zip(pitch.hertz, pitch.isVoiced).map { $1 ? $0 : 0 }
    }

    private var seconds: Double { Double(columns.frames) * secondsPerFrame }

    /// The lowest and the highest value that colours tell apart.
    private func limits(_ values: [Float]) -> (low: Float, high: Float) {
        guard case .numbered = rows else {
            let high = values.max() ?? 0
            return (high - Self.range, high)
        }
        // All but the most extreme, lest one coefficient leaves no colours for the others.
        let sorted = values.sorted()
        let margin = sorted.count / 12
        return (sorted[margin], sorted[sorted.count - 1 - margin])
    }

    /// The map alone, at least so large.
    ///
    /// - Precondition: it is not empty.
    package func image(width: Int = 1, height: Int = 1) -> PNGImage {
        let means = columns.means
        let (low, high) = limits(means)
        let scale = high > low ? Float(Self.shades - 1) / (high - low) : 0
        // A mean of silent frames is rounded.
        let silent = silence.map { $0 + 0.01 } ?? -.infinity
        let (across, down) = ((width + columns.count - 1) / columns.count, (height + columns.rows - 1) / columns.rows)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(columns.count * across * columns.rows * down)
        for row in (0..<columns.rows).reversed() {
            var line: [UInt8] = []
            for column in 0..<columns.count {
                let mean = means[column * columns.rows + row]
                let shade = mean <= silent ? 0 : min(max((mean - low) * scale, 0), Float(Self.shades - 1))
                line += repeatElement(UInt8(shade.rounded()), count: across)
            }
            for _ in 0..<down { pixels += line }
        }
        return PNGImage(
            width: columns.count * across, height: columns.rows * down, pixels: pixels,
            palette: ColourMap.magma.palette(count: Self.shades))
    }

    /// The picture with axes, as the text of an SVG file.
    ///
    /// - Parameters:
    ///   - title: what was heard.
    ///   - subtitle: what is shown of it.
    /// - Precondition: it is not empty.
    func svg(title: String, subtitle: String) -> String {
        let (left, top, width, height) = (68.0, 40.0, 960.0, 400.0)
        // The axis of the pitch stands between the plot and the colours.
        let right = left + width + (pitch.isEmpty ? 0 : 56)
        var drawing = SVGDrawing(width: Int(right) + 92, height: Int(top + height) + 50, title: title)
        drawing.text(title, x: left, y: 26, size: 15)
        drawing.text(subtitle, x: left + width, y: 26, anchor: .end, colour: Self.grey)
        // Twice as fine as the plot, so that viewers make it smaller and never larger.
        drawing.image(
            image(width: Int(2 * width), height: Int(2 * height)), x: left, y: top, width: width, height: height)
        drawing.frame(x: left, y: top, width: width, height: height)
        drawing.timeAxis(seconds: seconds, x: left, y: top + height, width: width)
        for (place, label) in ticks(height: height) {
            let y = top + height * (1 - place)
            drawing.line(x1: left - 5, y1: y, x2: left, y2: y)
            drawing.text(label, x: left - 8, y: y + 4, anchor: .end)
        }
        drawing.text(axisTitle, x: 16, y: top + height / 2, anchor: .middle, rotation: -90)

        if !pitch.isEmpty { draw(&drawing, left: left, top: top, width: width, height: height) }

        let bar = (x: right + 16, width: 14.0)
        drawing.colourBar(.magma, x: bar.x, y: top, width: bar.width, height: height)
        drawing.frame(x: bar.x, y: top, width: bar.width, height: height)
        for (place, label) in colourTicks {
            let y = top + height * (1 - place)
            drawing.line(x1: bar.x + bar.width, y1: y, x2: bar.x + bar.width + 4, y2: y)
            drawing.text(label, x: bar.x + bar.width + 8, y: y + 4)
        }
        if case .numbered = rows {} else { drawing.text("dB", x: bar.x, y: top - 8) }
        return drawing.document
    }

    private static let grey = "#666"
    private static let blue = "#0a84c6"
    private static let lightBlue = "#7fe3ff"

    /// The pitch as a curve, interrupted where there is no voice, and its axis at the right.
    private func draw(_ drawing: inout SVGDrawing, left: Double, top: Double, width: Double, height: Double) {
        let highest = Double(pitch.max() ?? 0)
        let step = Self.roundStep(max(highest, 100), most: 8)
        let limit = max(1, (highest / step).rounded(.up)) * step
        // Of long recordings, the mean of the voiced ones of some frames together.
        let together = (pitch.count + 1919) / 1920
        var curve: [(x: Double, y: Double)] = []
        func finishCurve() {
            if let first = curve.first, curve.count == 1 { curve.append((first.x + 0.1, first.y)) }
            drawing.path(curve, colour: "#000", width: 4.5)
            drawing.path(curve, colour: Self.lightBlue, width: 2.2)
            curve = []
        }
        for start in stride(from: 0, to: pitch.count, by: together) {
            let voiced = pitch[start..<min(start + together, pitch.count)].filter { $0 > 0 }
            if voiced.isEmpty {
                if !curve.isEmpty { finishCurve() }
            } else {
                let hertz = Double(voiced.reduce(0, +)) / Double(voiced.count)
                let middle = Double(start) + Double(min(together, pitch.count - start) - 1) / 2
                let x = left + width * min(middle * secondsPerPitch / seconds, 1)
                curve.append((x, top + height * (1 - hertz / limit)))
            }
        }
        if !curve.isEmpty { finishCurve() }

        for hertz in stride(from: 0, through: limit, by: step) {
            let y = top + height * (1 - hertz / limit)
            drawing.line(x1: left + width, y1: y, x2: left + width + 5, y2: y, colour: Self.blue)
            drawing.text(Self.label(hertz), x: left + width + 8, y: y + 4, colour: Self.blue)
        }
        drawing.text(
            "pitch, hertz", x: left + width + 52, y: top + height / 2, anchor: .middle, colour: Self.blue, rotation: -90
        )
    }

    private var axisTitle: String {
        switch rows {
        case .spectrum: "hertz"
        case .mel: "hertz (mel scale)"
        case .numbered: "coefficient"
        }
    }

    /// Places from 0 at the bottom to 1 at the top.
    private func ticks(height: Double) -> [(place: Double, label: String)] {
        let count = Double(columns.rows)
        switch rows {
        case .spectrum(let step):
            // A row stands about its own frequency.
            let span = step * count
            let distance = Self.roundStep(span, most: Int(height) / 40)
            return stride(from: 0, through: span - step, by: distance).map { hertz in
                ((hertz + step / 2) / span, Self.label(hertz))
            }
        case .mel(let scale, let lowHertz, let highHertz):
            // A filter's row stands about its centre; its neighbours' centres are where it ends.
            let (low, high) = (scale.mel(hertz: lowHertz), scale.mel(hertz: highHertz))
            let step = (high - low) / (count + 1)
            func place(_ hertz: Double) -> Double { (scale.mel(hertz: hertz) - low - step / 2) / (step * count) }
            var chosen: [(place: Double, label: String)] = []
            // The roundest first, others where there is room.
            for hertz in Self.roundFrequencies {
                let here = place(hertz)
                guard (0...1).contains(here), chosen.allSatisfy({ abs($0.place - here) * height >= 24 }) else {
                    continue
                }
                chosen.append((here, Self.label(hertz)))
            }
            return chosen
        case .numbered:
            let distance = max(1, Self.roundStep(count, most: Int(height) / 24))
            return stride(from: 0, to: count, by: distance).map { (($0 + 0.5) / count, Self.label($0)) }
        }
    }

    private static let roundFrequencies: [Double] = [
        1000, 2000, 4000, 500, 8000, 16_000, 32_000, 200, 3000, 6000, 100, 1500, 5000, 12_000, 24_000, 300, 700, 50,
        400, 600, 800, 10_000, 20_000, 40_000, 2500, 7000, 80_000, 160_000, 320_000,
    ]

    private var colourTicks: [(place: Double, label: String)] {
        guard case .numbered = rows else {
            return (0...4).map { (Double($0) / 4, $0 == 4 ? "0" : "−\(80 - 20 * $0)") }
        }
        let (low, high) = limits(columns.means)
        return [(0, low), (1, high)].map { ($0, String(format: "%.3g", $1)) }
    }

    /// 1, 2 or 5 times a power of ten, such that there are no more steps than `most`.
    private static func roundStep(_ span: Double, most: Int) -> Double {
        let wanted = max(span, 1e-9) / Double(max(1, most))
        let power = pow(10, floor(log10(wanted)))
        return [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= wanted * (1 - 1e-9) } ?? 10 * power
    }

    private static func label(_ number: Double) -> String {
        number == number.rounded() ? "\(Int(number))" : String(format: "%g", number)
    }
}
