import AudioFrontEnd
import Foundation
import StenoTraining

/// A picture of the features of a recording: time from left to right, frequency from bottom to top, level as colour.
///
/// Hours of sound take no more room than seconds: neighbouring frames are drawn together.
struct FeaturePicture {
    /// What the rows are, from bottom to top.
    enum Rows {
        /// Points of a spectrum, so far apart.
        case spectrum(hertz: Double)
        /// Mel filters between two frequencies.
        case mel(MelScale, lowHertz: Double, highHertz: Double)
        /// Coefficients with numbers.
        case numbered
    }

    /// What the values are.
    enum Values {
        /// Levels on a logarithmic scale; so many decibels are 1.
        case levels(decibels: Double)
        case numbers
    }

    /// Levels so far below the loudest one, in decibels, are drawn as the lowest.
    private static let range = 80.0
    private static let levels = 128

    private let rows: Rows
    private let values: Values
    private let secondsPerFrame: Double
    private var columns: PictureColumns

    init(_ rows: Rows, count: Int, values: Values, secondsPerFrame: Double) {
        self.rows = rows
        self.values = values
        self.secondsPerFrame = secondsPerFrame
        columns = PictureColumns(rows: count)
    }

    mutating func add(_ features: Features) { columns.add(features) }

    private var seconds: Double { Double(columns.frames) * secondsPerFrame }

    /// The lowest and the highest value that colours tell apart.
    private func limits(_ values: [Float]) -> (low: Float, high: Float) {
        switch self.values {
        case .levels(let decibels):
            let high = values.max() ?? 0
            return (high - Float(Self.range / decibels), high)
        case .numbers:
            // All but the most extreme two in a hundred, lest one coefficient leaves no colours for the others.
            let sorted = values.sorted()
            let margin = sorted.count / 100
            return (sorted[margin], sorted[sorted.count - 1 - margin])
        }
    }

    /// The map alone, at least so large.
    func image(width: Int = 1, height: Int = 1) -> PNGImage {
        let means = columns.means
        let (low, high) = limits(means)
        let scale = high > low ? Float(Self.levels - 1) / (high - low) : 0
        let (across, down) = ((width + columns.count - 1) / columns.count, (height + columns.rows - 1) / columns.rows)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(columns.count * across * columns.rows * down)
        for row in (0..<columns.rows).reversed() {
            var line: [UInt8] = []
            for column in 0..<columns.count {
                let value = min(max((means[column * columns.rows + row] - low) * scale, 0), Float(Self.levels - 1))
                line += repeatElement(UInt8(value.rounded()), count: across)
            }
            for _ in 0..<down { pixels += line }
        }
        return PNGImage(
            width: columns.count * across, height: columns.rows * down, pixels: pixels,
            palette: ColourMap.magma.palette(count: Self.levels))
    }

    /// The picture with axes, as the text of an SVG file.
    ///
    /// - Parameters:
    ///   - title: what was heard.
    ///   - subtitle: what is shown of it.
    func svg(title: String, subtitle: String) -> String {
        let (left, top, width, height) = (68.0, 40.0, 960.0, 400.0)
        var drawing = SVGDrawing(width: Int(left + width) + 92, height: Int(top + height) + 50, title: title)
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

        let bar = (x: left + width + 16, width: 14.0)
        drawing.colourBar(.magma, x: bar.x, y: top, width: bar.width, height: height)
        drawing.frame(x: bar.x, y: top, width: bar.width, height: height)
        for (place, label) in colourTicks {
            let y = top + height * (1 - place)
            drawing.line(x1: bar.x + bar.width, y1: y, x2: bar.x + bar.width + 4, y2: y)
            drawing.text(label, x: bar.x + bar.width + 8, y: y + 4)
        }
        if case .levels = values { drawing.text("dB", x: bar.x, y: top - 8) }
        return drawing.document
    }

    private static let grey = "#666"

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
        switch values {
        case .levels: return (0...4).map { (Double($0) / 4, $0 == 4 ? "0" : "−\(80 - 20 * $0)") }
        case .numbers:
            let (low, high) = limits(columns.means)
            return [(0, low), (1, high)].map { ($0, String(format: "%.1f", $1)) }
        }
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
