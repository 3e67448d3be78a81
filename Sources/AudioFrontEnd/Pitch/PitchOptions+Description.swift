extension PitchOptions: CustomStringConvertible {
    /// The formula with its numbers, line by line, then every option.
    public var description: String {
        let periods = "τ = \(shortestPeriod) ... \(longestPeriod)"
        let place =
            isCentred
            ? "\(frameSamples) samples around sample \(hopSamples)i, 0 beyond the ends"
            : "\(frameSamples) samples from sample \(hopSamples)i on, inside the signal"
        var lines = [
            "signal     x in [-1, 1] at \(sampleRate) Hz",
            "frame i    \(place)",
            "difference d(τ) = Σ_n (x[n] - x[n + τ])², d'(τ) = d(τ) τ / Σ_{j = 1...τ} d(j), \(periods)",
        ]
        switch method {
        case .plain:
            lines.append(
                "pitch      \(sampleRate) / τ at the first trough of d' below \(troughThreshold), with a parabola through it (YIN)"
            )
        case .probabilistic:
            lines += [
                "troughs    \(thresholds) thresholds on d', beta distribution of \(thresholdAlpha) and \(thresholdBeta)",
                "pitch      the most likely path through \(bins) bins of \(lowHertz) to \(highHertz) Hz, voiced or not (pYIN)",
            ]
            if let lag {
                lines.append("decided    \(lag) frames later, \(Double(lag * hopSamples) / Double(sampleRate)) s")
            }
        }
        lines += ["features   hertz (0 without voice) and the probability of voice, every \(hopSamples) samples", ""]
        for child in Mirror(reflecting: self).children where child.label != "lag" {
            lines.append("\(child.label ?? ""): \(child.value)")
        }
        lines.append("lag: \(lag.map { "\($0)" } ?? "none")")
        return lines.joined(separator: "\n")
    }
}
