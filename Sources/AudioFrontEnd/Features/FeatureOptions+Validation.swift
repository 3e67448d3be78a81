extension FeatureOptions {
    /// Refuses options out of range, with the nearest that is not; every extractor calls it.
    public func validate() throws(AudioError) {
        let rates = AudioLimits.sampleRates
        try need("sampleRate", sampleRate, in: rates, "Hz")
        try needSeconds("frameSeconds", frameSeconds, "frameSamples", frameSamples, frameLength, in: 2...65_536)
        let powers = frameLength + frameLength % 2...1 << 17
        guard transformPoints == 0 || transformPoints % 2 == 0 && powers.contains(transformPoints) else {
            let nearest = min(max(transformPoints + transformPoints % 2, powers.lowerBound), powers.upperBound)
            throw .option(
                name: "transformPoints",
                expected: "0 or an even number from \(powers.lowerBound) to \(powers.upperBound) (nearest: \(nearest))",
                found: "\(transformPoints)")
        }
        try needSeconds("hopSeconds", hopSeconds, "hopSamples", hopSamples, hop, in: 1...span)
        try need("preEmphasis", preEmphasis, in: 0...1)
        try need("sampleScale", sampleScale, in: 1e-9...1e9)
        try need("dither", dither, in: 0...1e6)
        try need("melBins", melBins, in: 1...1024)
        let nyquist = Double(sampleRate) / 2
        try need("lowHertz", lowHertz, in: 0...nyquist.nextDown, "Hz")
        guard highestHertz > lowHertz, highestHertz <= nyquist else {
            throw .option(
                name: "highHertz", expected: "above lowHertz and at most \(nyquist) Hz (nearest: \(nyquist))",
                found: "\(highestHertz)")
        }
        try need("logFloor", logFloor, in: Self.floors)
        try need("energyFloor", energyFloor, in: Self.floors)
        if reference != 0 { try need("reference", reference, in: Self.floors) }
        try need("range", range, in: 0...1e6)
        try need("outputOffset", outputOffset, in: -1e9...1e9)
        guard outputScale != 0, abs(outputScale) <= 1e9 else {
            throw .option(
                name: "outputScale", expected: "-1e9 to 1e9 and not 0 (nearest: 1.0)", found: "\(outputScale)")
        }
        try need("coefficients", coefficients, in: 1...(output == .mfcc ? melBins : 1024))
        try need("lifter", lifter, in: 0...1000)
        try need("lifterFirst", lifterFirst, in: 0...1000)
    }

    private static let floors = 1.2e-38...1e30

    /// A time in seconds or, if that is not 0, in samples, which is `count` samples.
    private func needSeconds(
        _ name: String, _ seconds: Double, _ samplesName: String, _ samples: Int, _ count: Int,
        in range: ClosedRange<Int>
    ) throws(AudioError) {
        if samples != 0 { return try need(samplesName, samples, in: range) }
        if range.contains(count) { return }
        let nearest = Double(count < 0 && seconds > 1 || count > range.upperBound ? range.upperBound : range.lowerBound)
        throw .option(
            name: name,
            expected: "\(range.lowerBound) to \(range.upperBound) samples (nearest: \(nearest / Double(sampleRate)) s)",
            found: "\(seconds) s")
    }
}

/// Refuses a value out of its range.
func need<Value: Comparable>(
    _ name: String, _ value: Value, in range: ClosedRange<Value>, _ unit: String = ""
) throws(AudioError) {
    if range.contains(value) { return }
    let nearest = value > range.upperBound ? range.upperBound : range.lowerBound
    let unit = unit.isEmpty ? "" : " \(unit)"
    throw .option(
        name: name, expected: "\(range.lowerBound) to \(range.upperBound)\(unit) (nearest: \(nearest))",
        found: "\(value)")
}
