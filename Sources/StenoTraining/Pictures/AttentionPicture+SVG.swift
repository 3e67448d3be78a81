import Foundation

extension AttentionPicture {
    /// The picture with its labels, as the text of an SVG file.
    package var svg: String {
        let layout = Layout(self)
        let (left, top) = (Double(layout.left), Double(layout.top))
        let (width, height) = (Double(layout.plotWidth), Double(layout.plotHeight))
        var drawing = SVGDrawing(width: layout.width, height: layout.height, title: title)
        drawing.text(title, x: left, y: 22, size: 15)
        drawing.image(raster(layout), x: left, y: top, width: width, height: height)
        for (row, label) in outputs.enumerated() {
            let middle = top + (Double(row) + 0.5) * Double(layout.rowHeight)
            drawing.text(
                label.visible, x: left - 6, y: middle + 0.36 * Double(layout.rowFont), anchor: .end,
                size: layout.rowFont)
        }
        switch inputs {
        case .frames(let secondsPerFrame):
            drawing.timeAxis(seconds: secondsPerFrame * Double(inputCount), x: left, y: top + height, width: width)
        case .tokens(let tokens):
            for (column, token) in tokens.enumerated() {
                let middle = (Double(column) + 0.5) * width / Double(tokens.count)
                drawing.text(
                    token.visible, x: left + middle + 4, y: top + height + 8, anchor: .end, rotation: -60)
            }
        }
        // How the colours are read: from 0 to the largest weight.
        let bar = (x: left + width + 16, height: min(height, 120))
        drawing.colourBar(.viridis, x: bar.x, y: top, width: 10, height: bar.height)
        drawing.text(String(format: "%.2f", largestWeight), x: bar.x + 14, y: top + 10)
        drawing.text("0", x: bar.x + 14, y: top + bar.height)
        return drawing.document
    }

    /// The map for the plot. Not every viewer enlarges without a blur, so a small one is enlarged here.
    private func raster(_ layout: Layout) -> PNGImage {
        let pixelWidth = (layout.plotWidth + columnCount - 1) / columnCount
        let pixels = columnCount * pixelWidth * layout.plotHeight
        return pixels > 1_000_000 ? png : png(pixelWidth: pixelWidth, pixelHeight: layout.rowHeight)
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
}
