/// Triangular filters over the bins of a power spectrum, kept sparse: filter b has the weights
/// `weights[offsets[b] ..< offsets[b + 1]]` for the spectrum's bins from `starts[b]` on.
struct MelBank: Sendable {
    let starts: [Int64]
    let offsets: [Int64]
    let weights: [Float]

    /// Filters with their corners equally spaced on the mel scale from `options.lowHertz` to `options.highestHertz`.
    init(_ options: FeatureOptions) {
        let scale = options.melScale
        let size = options.transformLength
        let low = scale.mel(hertz: options.lowHertz)
        let high = scale.mel(hertz: options.highestHertz)
        let step = (high - low) / Double(options.melBins + 1)
        let hertzPerBin = Double(options.sampleRate) / Double(size)

        var starts: [Int64] = []
        var offsets: [Int64] = [0]
        var weights: [Float] = []
        for filter in 0..<options.melBins {
            let corners = (0..<3).map { low + Double(filter + $0) * step }
            let hertz = corners.map { scale.hertz(mel: $0) }
            let area = options.areaNormalised ? 2 / (hertz[2] - hertz[0]) : 1
            let triangle =
                switch options.melSlope {
                case .mel: corners
                case .hertz: hertz
                case .points: hertz.map { (Double(size + 1) * $0 / Double(options.sampleRate)).rounded(.down) }
                }
            var start: Int?
            // Kaldi leaves out the bin at the Nyquist frequency; only a filter that ends beyond it would use it.
            for bin in 0...size / 2 {
                let frequency = Double(bin) * hertzPerBin
                let place =
                    switch options.melSlope {
                    case .mel: scale.mel(hertz: frequency)
                    case .hertz: frequency
                    case .points: Double(bin)
                    }
                guard place >= triangle[0], place < triangle[2] else { continue }
                let weight =
                    place < triangle[1]
                    ? (place - triangle[0]) / (triangle[1] - triangle[0])
                    : (triangle[2] - place) / (triangle[2] - triangle[1])
                guard weight > 0 else { continue }
                if start == nil { start = bin }
                weights.append(Float(weight * area))
            }
            starts.append(Int64(start ?? 0))
            offsets.append(Int64(weights.count))
        }
        self.starts = starts
        self.offsets = offsets
        self.weights = weights
    }
}
