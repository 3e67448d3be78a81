/// The formula as text, with the numbers that are used in it.
extension FeaturePipeline: CustomStringConvertible {
    /// The formula from the signal to the last step, then every option.
    public var description: String {
        let streaming = isStreamable ? "bit for bit those of the whole signal" : "with running values (see above)"
        let lines =
            options.formulaLines + steps.map(\.description) + [
                "features   \(bins) values every \(hop) samples (\(Double(hop) / Double(options.sampleRate)) s)",
                "stream     \(streaming), at most \(latencySamples) samples (\(latencySeconds) s) after the hop's beginning",
                "",
            ] + options.parameterLines
        return lines.joined(separator: "\n")
    }
}

extension FeatureOptions: CustomStringConvertible {
    /// The formula, line by line, then every option.
    public var description: String { (formulaLines + [""] + parameterLines).joined(separator: "\n") }

    fileprivate var formulaLines: [String] {
        formula.map { name, text in name + String(repeating: " ", count: max(1, 11 - name.count)) + text }
    }

    fileprivate var parameterLines: [String] {
        Mirror(reflecting: self).children.map { "\($0.label ?? ""): \($0.value)" }
    }

    private var formula: [(String, String)] {
        var lines: [(String, String)] = []
        lines.append(
            ("signal", "x in [-1, 1] at \(sampleRate) Hz" + (sampleScale == 1 ? "" : ", times \(sampleScale)")))
        if dither > 0 {
            lines.append(("dither", "x[n] + \(dither) z[n], z normal noise of seed \(ditherSeed) (Philox4x32-10)"))
        }
        if preEmphasis > 0, preEmphasisScope == .signal {
            lines.append(("emphasis", "x[n] - \(preEmphasis) x[n - 1] over the whole signal, x[-1] = 0"))
        }
        lines.append(("frame i", place))
        if removeDC { lines.append(("mean", "x[n] - Σ x / \(span)")) }
        if preEmphasis > 0, preEmphasisScope == .frame {
            lines.append(("emphasis", "x[n] - \(preEmphasis) x[max(n - 1, 0)]"))
        }
        let middle = windowPlacement == .centred ? " from sample \((span - frameLength) / 2) on, 0 elsewhere" : ""
        lines.append(("window", "w[n] x[n], w[n] = \(window.formula), N = \(frameLength)\(middle)"))
        let sum = "Σ_n w[n] x[n] e^(-2πi kn / \(transformLength))"
        let spectra: [Spectrum: String] = [
            .power: "|\(sum)|²", .magnitude: "|\(sum)|", .periodogram: "|\(sum)|² / \(transformLength)",
        ]
        lines.append(("spectrum", "P[k] = \(spectra[spectrum] ?? ""), k = 0 ... \(transformLength / 2)"))
        if output != .spectrogram { lines += filters }
        lines.append(("values", compressionFormula(output == .spectrogram ? "P[k]" : "E[b]", floor: logFloor)))
        if !isStreamable && range > 0 { lines.append(("range", "max(f, \(maximum) - \(range))")) }
        if !isStreamable && reference == 0 { lines.append(("reference", "f - \(maximum)")) }
        if outputOffset != 0 || outputScale != 1 { lines.append(("scale", "(f + \(outputOffset)) · \(outputScale)")) }
        if output == .mfcc { lines += cepstra }
        if energy != .none { lines += energies }
        return lines
    }

    private var maximum: String { "the largest f of the signal (in a stream: so far)" }

    private var place: String {
        let outside: [Edges: String] = [
            .zero: "zeros", .reflect: "the signal reflected about its first and last sample",
            .symmetric: "the signal mirrored", .nearest: "the first and the last sample",
        ]
        let edge = ", outside of the signal: \(outside[edges] ?? "")"
        let samples = "\(span) samples from i · \(hop)"
        return switch framing {
        case .snipEdges: "\(samples), inside of the signal only"
        case .padEnd: "\(samples) until all samples are in one\(edge)"
        case .centred: "\(samples) - \(leftPadding), 1 + samples / \(hop) frames\(edge)"
        case .centredDroppingLast: "\(samples) - \(leftPadding), samples / \(hop) frames\(edge)"
        case .hopCentred: "\(samples) - \(leftPadding), (samples + \(hop / 2)) / \(hop) frames\(edge)"
        }
    }

    private var filters: [(String, String)] {
        let scale =
            melScale == .htk
            ? "mel(f) = 1127 ln(1 + f / 700)" : "mel(f) = 3f / 200 to 1000 Hz, then 15 + 27 ln(f / 1000) / ln 6.4"
        let slopes: [MelSlope: String] = [
            .mel: "in mel", .hertz: "in hertz",
            .points: "in points, with corners at floor(\(transformLength + 1) f / \(sampleRate))",
        ]
        return [
            (
                "filters",
                "E[b] = Σ_k M[b,k] P[k], b = 0 ... \(melBins - 1): triangles that are straight \(slopes[melSlope] ?? "")"
                    + (areaNormalised ? ", of area 1 in hertz" : "")
            ),
            ("", "corners equally spaced in mel from \(lowHertz) to \(highestHertz) Hz, \(scale)"),
        ]
    }

    private func compressionFormula(_ value: String, floor: Double) -> String {
        if compression == .none { return "f = \(value)" }
        let floored: [FloorRule: String] = [
            .least: "max(\(value), \(floor))", .added: "\(value) + \(floor)",
            .zeros: "\(value), or \(floor) where it is 0",
        ]
        let logarithms: [Compression: String] = [
            .natural: "ln", .log10: "log₁₀", .decibels: spectrum == .magnitude ? "20 log₁₀" : "10 log₁₀",
        ]
        let divided = reference > 0 && reference != 1 ? " / \(max(reference, floor))" : ""
        return "f = \(logarithms[compression] ?? "") (\(floored[floorRule] ?? "")\(divided))"
    }

    private var cepstra: [(String, String)] {
        let scales: [CosineTransform: String] = [
            .orthonormal: "√(2 / \(melBins)), √(1 / \(melBins)) for i = 0", .htk: "√(2 / \(melBins))", .plain: "2",
        ]
        var lines = [
            (
                "cepstra",
                "c[i] = g Σ_b f[b] cos(πi (b + ½) / \(melBins)), i = 0 ... \(coefficients - 1)"
                    + (zerothLast ? ", c[0] last" : "") + ", g = \(scales[cosineTransform] ?? "")"
            )
        ]
        if lifter > 0 {
            lines.append(("lifter", "c[i] (1 + \(lifter / 2) sin(π\(lifterFirst == 0 ? "i" : "(i + 1)") / \(lifter)))"))
        }
        return lines
    }

    private var energies: [(String, String)] {
        let sources: [EnergySource: String] = [
            .raw: "Σ_n x[n]² before emphasis in frames and window", .windowed: "Σ_n (w[n] x[n])²",
            .spectrum: "Σ_k P[k]",
        ]
        let places: [Energy: String] = [
            .replacesFirst: output == .mfcc ? "in the place of c[0]" : "in the place of the first value",
            .firstColumn: "before the other values", .lastColumn: "after the other values",
        ]
        let value = compressionFormula("e", floor: energyFloor)
        return [("energy", "\(value), e = \(sources[energySource] ?? ""), \(places[energy] ?? "")")]
    }
}

extension FeatureStep: CustomStringConvertible {
    /// The formula of the step with its numbers.
    public var description: String {
        switch self {
        case .deltas(let deltas):
            let formula =
                deltas.kind == .librosa
                ? "the derivatives of polynomials through \(2 * deltas.window + 1) frames (Savitzky, Golay)"
                : "Δx[t] = Σ_j j x[t + j] / Σ_j j², j = -\(deltas.window) ... \(deltas.window)"
            return "deltas     \(formula), \(deltas.kind.rawValue)'s edges, orders 1 ... \(deltas.order) after x"
        case .normalisation(let normalisation):
            switch normalisation.mode {
            case .none: return "normalise  x"
            case .global: return "normalise  (x - mean) / deviation, of a corpus"
            case .utterance: return "normalise  (x - mean) / deviation, of all frames (in a stream: so far)"
            case .utteranceMean: return "normalise  x - mean, of all frames (in a stream: so far)"
            }
        case .slidingNormalisation(let sliding):
            let value = sliding.scalesVariance ? "(x - mean) / deviation" : "x - mean"
            let place =
                sliding.isCentred
                ? "of the \(sliding.window) frames around it"
                : "of the frame and the \(sliding.window) before it, at least \(sliding.minimum) frames"
            return "normalise  \(value), \(place)"
        case .stacking(let stacking):
            return
                "stack      frames \(stacking.stride)k - \(stacking.left) ... \(stacking.stride)k + \(stacking.right), "
                + "k = 0, 1, ..."
        }
    }
}
