/// Colours for numbers from 0 to 1, such that equal differences look equal, also in grey and to the colour-blind.
///
/// Maps of van der Walt and Smith 2015 (matplotlib, CC0), by straight lines between some of their colours; no part is
/// further from the original than 6 of 255 (viridis) or 3 (magma).
package struct ColourMap: Equatable, Sendable {
    package struct Colour: Equatable, Sendable {
        package var red: UInt8
        package var green: UInt8
        package var blue: UInt8

        package init(red: UInt8, green: UInt8, blue: UInt8) {
            self.red = red
            self.green = green
            self.blue = blue
        }
    }

    private let stops: [SIMD3<Double>]

    /// From dark blue over green to yellow.
    package static let viridis = ColourMap(stops: [
        [68, 1, 84], [72, 26, 108], [71, 47, 125], [65, 68, 135], [57, 86, 140], [49, 104, 142], [42, 120, 142],
        [35, 136, 142], [31, 152, 139], [34, 168, 132], [53, 183, 121], [84, 197, 104], [122, 209, 81], [165, 219, 54],
        [210, 226, 27], [253, 231, 37],
    ])
    /// From black over violet to pale yellow.
    package static let magma = ColourMap(stops: [
        [0, 0, 4], [11, 9, 36], [32, 17, 75], [59, 15, 112], [87, 21, 126], [114, 31, 129], [140, 41, 129],
        [168, 50, 125], [196, 60, 117], [222, 73, 104], [241, 96, 93], [250, 127, 94], [254, 159, 109],
        [254, 191, 132], [253, 222, 160], [252, 253, 191],
    ])

    /// The colour of a number; what lies outside of 0 to 1 is taken as the nearer end.
    package func colour(of value: Double) -> Colour {
        let position = min(max(value, 0), 1) * Double(stops.count - 1)
        let below = min(Int(position), stops.count - 2)
        let mixed = stops[below] + (position - Double(below)) * (stops[below + 1] - stops[below])
        return Colour(red: UInt8(mixed.x.rounded()), green: UInt8(mixed.y.rounded()), blue: UInt8(mixed.z.rounded()))
    }

    /// `count` colours at equal distances, from 0 to 1.
    package func palette(count: Int) -> [Colour] {
        (0..<count).map { colour(of: Double($0) / Double(count - 1)) }
    }
}
