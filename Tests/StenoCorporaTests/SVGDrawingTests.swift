import StenoTraining
import Testing

@Suite struct SVGDrawingTests {
    @Test(arguments: [
        (0.31, 8, "seconds", ["0.00", "0.05", "0.10", "0.15", "0.20", "0.25", "0.30"]),
        (7.4, 8, "seconds", ["0", "1", "2", "3", "4", "5", "6", "7"]),
        (30, 12, "seconds", ["0", "5", "10", "15", "20", "25", "30"]),
        (290, 12, "minutes", ["0:00", "0:30", "1:00", "1:30", "2:00", "2:30", "3:00", "3:30", "4:00", "4:30"]),
        (36_000, 6, "hours", ["0:00", "2:00", "4:00", "6:00", "8:00", "10:00"]),
        (1e7, 4, "hours", ["0:00", "696:00", "1392:00", "2088:00"]),
    ])
    func timesAreRound(seconds: Double, most: Int, unit: String, labels: [String]) {
        let axis = TimeAxis(seconds: seconds, most: most)
        #expect(axis.unit == unit)
        #expect(axis.ticks.map(\.label) == labels)
    }

    @Test func coloursGoFromEndToEnd() {
        let palette = ColourMap.magma.palette(count: 256)
        #expect(palette.first == .init(red: 0, green: 0, blue: 4))
        #expect(palette.last == .init(red: 252, green: 253, blue: 191))
        #expect(ColourMap.magma.colour(of: 7) == palette.last)
        let greys = palette.map { 2 * Int($0.red) + 5 * Int($0.green) + Int($0.blue) }
        #expect(zip(greys, greys.dropFirst()).allSatisfy { $0 <= $1 }, "brighter all the way")
    }
}
