/// Where a decoder looked while it wrote: a heat map of attention, outputs from top to bottom, inputs from left to right.
///
/// ``svg`` has labels and is made to be looked at in a browser; ``png`` is the bare map, for ``EventFileWriter``.
/// Colours run from 0 to the largest weight in the picture, which the bar beside it names. A picture of 30 s of speech
/// and 400 characters takes 37 kB.
package struct AttentionPicture: Sendable {
    /// What the columns are.
    package enum Inputs: Sendable {
        /// Frames of sound, so many seconds apart.
        case frames(secondsPerFrame: Double)
        /// Tokens of a source text.
        case tokens([String])
    }

    let weights: [Float]
    let outputs: [String]
    let inputs: Inputs
    let inputCount: Int
    let title: String

    /// - Parameters:
    ///   - weights: `[outputs.count, inputCount]`, row by row; what is not a number counts as 0.
    ///   - outputs: what was written, one label a row.
    ///   - inputs: what was read.
    ///   - inputCount: the number of columns.
    ///   - title: above the picture.
    /// - Precondition: the counts agree, and there is at least one row and one column.
    package init(weights: [Float], outputs: [String], inputs: Inputs, inputCount: Int, title: String) {
        precondition(!outputs.isEmpty && inputCount > 0, "at least one row and one column")
        precondition(weights.count == outputs.count * inputCount, "as many weights as rows times columns")
        if case .tokens(let tokens) = inputs { precondition(tokens.count == inputCount, "a label for each column") }
        self.weights = weights.map { $0.isFinite ? max(0, $0) : 0 }
        self.outputs = outputs
        self.inputs = inputs
        self.inputCount = inputCount
        self.title = title
    }

    var largestWeight: Float { weights.max() ?? 0 }

    private static let mostColumns = 1500
    private static let levels = 64

    /// The map alone, one pixel a weight; more than 1,500 columns are drawn together, the largest weight of each group
    /// standing for it.
    package var png: PNGImage { png(pixelWidth: 1, pixelHeight: 1) }

    private var columnsTogether: Int { (inputCount + Self.mostColumns - 1) / Self.mostColumns }

    /// Columns of ``png``.
    var columnCount: Int { (inputCount + columnsTogether - 1) / columnsTogether }

    /// The map with every weight as a rectangle of equal pixels.
    func png(pixelWidth: Int, pixelHeight: Int) -> PNGImage {
        let scale = largestWeight > 0 ? Float(Self.levels - 1) / largestWeight : 0
        var pixels: [UInt8] = []
        pixels.reserveCapacity(columnCount * pixelWidth * outputs.count * pixelHeight)
        for row in outputs.indices {
            var line: [UInt8] = []
            for column in 0..<columnCount {
                let first = row * inputCount + column * columnsTogether
                let end = min(first + columnsTogether, (row + 1) * inputCount)
                let weight = weights[first..<end].reduce(0, max)
                line += repeatElement(UInt8((weight * scale).rounded()), count: pixelWidth)
            }
            for _ in 0..<pixelHeight { pixels += line }
        }
        return PNGImage(
            width: columnCount * pixelWidth, height: outputs.count * pixelHeight, pixels: pixels,
            palette: ColourMap.viridis.palette(count: Self.levels))
    }
}
