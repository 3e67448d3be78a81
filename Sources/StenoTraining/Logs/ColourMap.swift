/// Colours for numbers from 0 to 1, such that equal differences look equal, also in grey and to the colour-blind.
///
/// The map “viridis” of van der Walt and Smith 2015 (matplotlib, CC0), here by straight lines between eleven of its
/// colours.
package enum ColourMap {
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

    private static let stops: [SIMD3<Double>] = [
        [68, 1, 84], [72, 36, 117], [65, 68, 135], [53, 95, 141], [42, 120, 142], [33, 145, 140], [34, 168, 132],
        [68, 191, 112], [122, 209, 81], [189, 223, 38], [253, 231, 37],
    ]

    /// The colour of a number; what lies outside of 0 to 1 is taken as the nearer end.
    package static func colour(of value: Double) -> Colour {
        let position = min(max(value, 0), 1) * Double(stops.count - 1)
        let below = min(Int(position), stops.count - 2)
        let mixed = stops[below] + (position - Double(below)) * (stops[below + 1] - stops[below])
        return Colour(red: UInt8(mixed.x.rounded()), green: UInt8(mixed.y.rounded()), blue: UInt8(mixed.z.rounded()))
    }

    /// `count` colours at equal distances, from 0 to 1.
    static func palette(count: Int) -> [Colour] {
        (0..<count).map { colour(of: Double($0) / Double(count - 1)) }
    }
}
