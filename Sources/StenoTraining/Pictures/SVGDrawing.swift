import Foundation

/// The text of an SVG file, element by element. It refers to nothing outside of itself. Places are in pixels from the
/// upper left corner.
package struct SVGDrawing {
    /// How a text lies about its place.
    package enum Anchor: String {
        case start, middle, end
    }

    /// A dark grey, softer than black.
    package static let ink = "#222"

    private let head: String
    private var body = ""
    private var gradients = 0

    package init(width: Int, height: Int, title: String) {
        head = """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" font-family="DejaVu Sans, Noto Sans, sans-serif" \
            font-size="12" fill="\(Self.ink)">
            <title>\(title.escapedForXML)</title>
            <rect width="100%" height="100%" fill="#fff"/>

            """
    }

    /// What the file holds.
    package var document: String { head + body + "</svg>\n" }

    /// - Parameter rotation: in degrees, clockwise, about the place.
    package mutating func text(
        _ text: String, x: Double, y: Double, anchor: Anchor = .start, size: Int = 12, colour: String = ink,
        rotation: Int = 0
    ) {
        let place =
            rotation == 0
            ? "x=\"\(tenths(x))\" y=\"\(tenths(y))\""
            : "transform=\"translate(\(tenths(x)) \(tenths(y))) rotate(\(rotation))\""
        let lie = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
        let font = size == 12 ? "" : " font-size=\"\(size)\""
        let fill = colour == Self.ink ? "" : " fill=\"\(colour)\""
        body += "<text \(place)\(lie)\(font)\(fill)>\(text.escapedForXML)</text>\n"
    }

    package mutating func line(
        x1: Double, y1: Double, x2: Double, y2: Double, colour: String = ink
    ) {
        body += "<line x1=\"\(tenths(x1))\" y1=\"\(tenths(y1))\" x2=\"\(tenths(x2))\" y2=\"\(tenths(y2))\" "
        body += "stroke=\"\(colour)\"/>\n"
    }

    /// The outline of a rectangle.
    package mutating func frame(x: Double, y: Double, width: Double, height: Double, colour: String = ink) {
        body += "<rect x=\"\(tenths(x))\" y=\"\(tenths(y))\" width=\"\(tenths(width))\" height=\"\(tenths(height))\" "
        body += "fill=\"none\" stroke=\"\(colour)\"/>\n"
    }

    /// Straight lines from point to point.
    package mutating func path(_ points: [(x: Double, y: Double)], colour: String, width: Double) {
        let places = points.map { "\(tenths($0.x)),\(tenths($0.y))" }.joined(separator: " ")
        body += "<polyline points=\"\(places)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"\(tenths(width))\" "
        body += "stroke-linecap=\"round\" stroke-linejoin=\"round\"/>\n"
    }

    /// A picture, stretched to the rectangle with its pixels as rectangles.
    package mutating func image(_ image: PNGImage, x: Double, y: Double, width: Double, height: Double) {
        body += "<image x=\"\(tenths(x))\" y=\"\(tenths(y))\" width=\"\(tenths(width))\" height=\"\(tenths(height))\" "
        body += "preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" "
        body += "href=\"data:image/png;base64,\(Data(image.bytes).base64EncodedString())\"/>\n"
    }

    /// All colours of a map, the highest at the top.
    package mutating func colourBar(_ map: ColourMap, x: Double, y: Double, width: Double, height: Double) {
        gradients += 1
        let stops = (0...20).map { step in
            let colour = map.colour(of: 1 - Double(step) / 20)
            let name = "rgb(\(colour.red),\(colour.green),\(colour.blue))"
            return "<stop offset=\"\(step * 5)%\" stop-color=\"\(name)\"/>"
        }
        body += """
            <linearGradient id="colours\(gradients)" x1="0" y1="0" x2="0" y2="1">\(stops.joined())</linearGradient>
            <rect x="\(tenths(x))" y="\(tenths(y))" width="\(tenths(width))" height="\(tenths(height))" \
            fill="url(#colours\(gradients))"/>

            """
    }

    /// Ticks and their labels below a line from `x` on, `width` long, that stands for `seconds`.
    package mutating func timeAxis(seconds: Double, x: Double, y: Double, width: Double) {
        guard seconds > 0, seconds.isFinite else { return }
        let axis = TimeAxis(seconds: seconds, most: Int(width) / 60)
        for (place, label) in axis.ticks {
            let tick = x + place / seconds * width
            line(x1: tick, y1: y, x2: tick, y2: y + 5)
            text(label, x: tick, y: y + 18, anchor: .middle)
        }
        text(axis.unit, x: x + width / 2, y: y + 36, anchor: .middle)
    }

    /// Numbers with one digit after the point at most.
    private func tenths(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}

/// Round times along an axis from 0: in seconds, or in minutes or hours where there are many.
package struct TimeAxis {
    package let ticks: [(seconds: Double, label: String)]
    package let unit: String

    /// - Parameter most: ticks beside the first.
    package init(seconds: Double, most: Int) {
        let step = Self.step(seconds: seconds, most: most)
        let places = (0...Int(seconds / step + 1e-9)).map { Double($0) * step }
        if step < 30 {
            unit = "seconds"
            let digits = step < 0.1 ? 2 : step < 1 ? 1 : 0
            ticks = places.map { ($0, String(format: "%.\(digits)f", $0)) }
        } else if seconds < 3600 {
            unit = "minutes"
            ticks = places.map { ($0, Self.sixtieths(Int($0))) }
        } else {
            unit = "hours"
            ticks = places.map { ($0, Self.sixtieths(Int($0) / 60)) }
        }
    }

    /// The smallest round distance that gives no more ticks than `most`: 1, 2, 5 times a power of ten up to 20 s, then
    /// what divides minutes and hours.
    package static func step(seconds: Double, most: Int) -> Double {
        let wanted = seconds / Double(max(1, most))
        let round = [
            0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800,
            21_600,
            43_200, 86_400,
        ]
        return round.first { $0 >= wanted } ?? 86_400 * (wanted / 86_400).rounded(.up)
    }

    /// Sixtieths of a unit as units and two digits.
    private static func sixtieths(_ count: Int) -> String { String(format: "%d:%02d", count / 60, count % 60) }
}

extension String {
    /// As the content of an XML element or attribute; characters that XML 1.0 forbids become U+FFFD.
    fileprivate var escapedForXML: String {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "\t", "\n", "\r": result.append(" ")
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
