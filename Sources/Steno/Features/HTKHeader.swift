/// What stands in front of the numbers of an HTK parameter file (S. Young et al., "The HTK Book", 5.10).
package struct HTKHeader {
    /// A parameter kind: a basic kind, and a bit for each of what was done to it.
    package struct Kind: OptionSet, Sendable {
        package let rawValue: Int16

        package init(rawValue: Int16) { self.rawValue = rawValue }

        package static let mfcc = Kind(rawValue: 6)
        /// Logarithms of mel filters.
        package static let filterBank = Kind(rawValue: 7)
        /// Mel filters without a logarithm.
        package static let melSpectrum = Kind(rawValue: 8)
        /// Anything else.
        package static let user = Kind(rawValue: 9)

        /// The last of the values is the energy (_E), or the coefficient of number 0 (_0).
        package static let hasEnergy = Kind(rawValue: 0o100)
        package static let hasZeroth = Kind(rawValue: 0o20000)
        /// The values' changes follow them (_D), and the changes of these (_A).
        package static let hasDeltas = Kind(rawValue: 0o400)
        package static let hasAccelerations = Kind(rawValue: 0o1000)
    }

    let kind: Kind
    /// From one row to the next.
    let seconds: Double

    package init(kind: Kind, seconds: Double) { (self.kind, self.seconds) = (kind, seconds) }

    /// Everything is big-endian: rows and their distance in units of 100 ns in 32 bits, bytes a row and kind in 16.
    /// Nil where that is too little.
    func bytes(rows: Int, columns: Int) -> [UInt8]? {
        guard let rows = Int32(exactly: rows), let size = Int16(exactly: 4 * columns),
            let period = Int32(exactly: (seconds * 1e7).rounded())
        else { return nil }
        return bigEndian(rows) + bigEndian(period) + bigEndian(size) + bigEndian(kind.rawValue)
    }

    private func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
