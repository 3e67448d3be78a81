import AudioFrontEnd

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
        /// The changes of those (_T): the highest of the 16 bits.
        package static let hasThirdDeltas = Kind(rawValue: Int16(bitPattern: 0o100000))
        /// The recording's mean of each value is 0 (_Z).
        package static let hasZeroMean = Kind(rawValue: 0o4000)

        /// The kind of features whose values stand where HTK has them: cepstra or mel filters, then c[0], then the
        /// energy, then the changes of all of these. Nil for others.
        init?(_ pipeline: FeaturePipeline) {
            let options = pipeline.options
            var kind: Kind
            switch (options.output, options.energy) {
            case (.mel, .none), (.mel, .lastColumn): kind = options.compression == .none ? .melSpectrum : .filterBank
            case (.mfcc, .none), (.mfcc, .lastColumn): kind = [.mfcc, .hasZeroth]
            case (.mfcc, .replacesFirst): kind = [.mfcc, .hasEnergy]
            default: return nil
            }
            if options.output == .mfcc && !options.zerothLast { return nil }
            if options.energy == .lastColumn { kind.insert(.hasEnergy) }
            for step in pipeline.steps {
                switch step {
                case .deltas(let deltas):
                    let bits: [Kind] = [.hasDeltas, .hasAccelerations, .hasThirdDeltas]
                    guard deltas.order <= bits.count else { return nil }
                    kind.formUnion(Kind(bits.prefix(deltas.order)))
                case .normalisation(let normalisation):
                    if normalisation.mode == .utteranceMean { kind.insert(.hasZeroMean) }
                case .slidingNormalisation: break
                case .stacking: return nil
                }
            }
            self = kind
        }
    }

    package let kind: Kind
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
