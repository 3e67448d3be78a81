import Foundation

extension AttentionPicture {
    /// The picture with its labels, as the text of an SVG file. It refers to nothing outside of itself.
    package var svg: String {
        let layout = Layout(self)
        var svg = """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="\(layout.width)" height="\(layout.height)" \
            viewBox="0 0 \(layout.width) \(layout.height)" font-family="DejaVu Sans, Noto Sans, sans-serif" \
            font-size="12" fill="#222">
            <title>\(title.escapedForXML)</title>
            <rect width="100%" height="100%" fill="#fff"/>
            <text x="\(layout.left)" y="22" font-size="15">\(title.escapedForXML)</text>
            <image x="\(layout.left)" y="\(layout.top)" width="\(layout.plotWidth)" height="\(layout.plotHeight)" \
            preserveAspectRatio="none" style="image-rendering:pixelated" \
            href="data:image/png;base64,\(Data(raster(layout).bytes).base64EncodedString())"/>

            """
        svg += rowLabels(layout)
        switch inputs {
        case .frames(let secondsPerFrame): svg += timeAxis(layout, seconds: secondsPerFrame * Double(inputCount))
        case .tokens(let tokens): svg += columnLabels(layout, tokens)
        }
        svg += colourBar(layout)
        return svg + "</svg>\n"
    }

    /// The map for the plot. Not every viewer enlarges without a blur, so a small one is enlarged here.
    private func raster(_ layout: Layout) -> PNGImage {
        let pixelWidth = (layout.plotWidth + columnCount - 1) / columnCount
        let pixels = columnCount * pixelWidth * layout.plotHeight
        return pixels > 1_000_000 ? png : png(pixelWidth: pixelWidth, pixelHeight: layout.rowHeight)
    }

    private func rowLabels(_ layout: Layout) -> String {
        var group = "<g text-anchor=\"end\" font-size=\"\(layout.rowFont)\">\n"
        for (row, label) in outputs.enumerated() {
            let middle = Double(layout.top) + (Double(row) + 0.5) * Double(layout.rowHeight)
            let baseline = middle + 0.36 * Double(layout.rowFont)
            group += "<text x=\"\(layout.left - 6)\" y=\"\(tenths(baseline))\">\(label.visible.escapedForXML)</text>\n"
        }
        return group + "</g>\n"
    }

    private func timeAxis(_ layout: Layout, seconds: Double) -> String {
        guard seconds > 0, seconds.isFinite else { return "" }
        let bottom = layout.top + layout.plotHeight
        let step = Self.tickStep(seconds: seconds, most: layout.plotWidth / 60)
        var group = "<g text-anchor=\"middle\" stroke-width=\"1\">\n"
        for tick in 0...Int(seconds / step + 1e-9) {
            let x = tenths(Double(layout.left) + Double(tick) * step / seconds * Double(layout.plotWidth))
            group += "<line x1=\"\(x)\" y1=\"\(bottom)\" x2=\"\(x)\" y2=\"\(bottom + 5)\" stroke=\"#222\"/>\n"
            group += "<text x=\"\(x)\" y=\"\(bottom + 18)\">\(Self.tickLabel(Double(tick) * step))</text>\n"
        }
        group += "<text x=\"\(layout.left + layout.plotWidth / 2)\" y=\"\(bottom + 36)\">seconds</text>\n"
        return group + "</g>\n"
    }

    private func columnLabels(_ layout: Layout, _ tokens: [String]) -> String {
        let y = layout.top + layout.plotHeight + 8
        var group = "<g text-anchor=\"end\">\n"
        for (column, token) in tokens.enumerated() {
            let middle = (Double(column) + 0.5) * Double(layout.plotWidth) / Double(tokens.count)
            let x = tenths(Double(layout.left) + middle + 4)
            group += "<text transform=\"translate(\(x) \(y)) rotate(-60)\">\(token.visible.escapedForXML)</text>\n"
        }
        return group + "</g>\n"
    }

    /// How the colours are read: from 0 to the largest weight.
    private func colourBar(_ layout: Layout) -> String {
        let x = layout.left + layout.plotWidth + 16
        let height = min(layout.plotHeight, 120)
        let stops = (0...10).map { step in
            let colour = ColourMap.colour(of: 1 - Double(step) / 10)
            let name = "rgb(\(colour.red),\(colour.green),\(colour.blue))"
            return "<stop offset=\"\(step * 10)%\" stop-color=\"\(name)\"/>"
        }
        return """
            <linearGradient id="weights" x1="0" y1="0" x2="0" y2="1">\(stops.joined())</linearGradient>
            <rect x="\(x)" y="\(layout.top)" width="10" height="\(height)" fill="url(#weights)"/>
            <text x="\(x + 14)" y="\(layout.top + 10)">\(String(format: "%.2f", largestWeight))</text>
            <text x="\(x + 14)" y="\(layout.top + height)">0</text>

            """
    }

    /// The smallest of 1, 2, 5 times a power of ten that gives no more ticks than `most`.
    package static func tickStep(seconds: Double, most: Int) -> Double {
        let wanted = seconds / Double(max(1, most))
        var power = 0.01
        while true {
            for factor in [1.0, 2, 5] where factor * power >= wanted { return factor * power }
            power *= 10
        }
    }

    package static func tickLabel(_ seconds: Double) -> String {
        let rounded = (seconds * 100).rounded() / 100
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }

    private func tenths(_ value: Double) -> String {
        String(format: "%.1f", value)
    }
}

/// Sizes in pixels. Rows never get too low for their labels to be read; long texts make tall pictures.
private struct Layout {
    let left: Int
    let top = 34
    let rowHeight: Int
    let rowFont: Int
    let plotWidth: Int
    let plotHeight: Int
    let width: Int
    let height: Int

    init(_ picture: AttentionPicture) {
        func longest(_ labels: [String]) -> Int { labels.map(\.visible.count).max() ?? 0 }
        rowHeight = min(max(900 / picture.outputs.count, 10), 18)
        rowFont = min(rowHeight - 1, 12)
        left = 18 + 8 * longest(picture.outputs)
        plotHeight = rowHeight * picture.outputs.count
        let below: Int
        switch picture.inputs {
        case .frames:
            plotWidth = min(max(2 * picture.inputCount, 480), 1200)
            below = 46
        case .tokens(let tokens):
            plotWidth = 18 * picture.inputCount
            below = 20 + 7 * longest(tokens)
        }
        width = max(left + plotWidth + 60, 18 + left + 9 * picture.title.count)
        height = top + max(plotHeight, 24) + below
    }
}

extension String {
    /// With signs for what would not be seen as a label.
    fileprivate var visible: String {
        switch self {
        case "": "∅"
        case " ": "␣"
        default: self
        }
    }

    /// As the content of an XML element or attribute; characters that XML 1.0 forbids become U+FFFD.
    var escapedForXML: String {
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
