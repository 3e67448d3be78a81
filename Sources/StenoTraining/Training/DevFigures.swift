import Foundation

/// The figures by which the best weights of a run can be chosen.
package enum DevFigure: String, Codable, CaseIterable, Sendable {
    case cer, wer, bleu, chrf, loss

    var isBetterWhenHigher: Bool { self == .bleu || self == .chrf }

    /// Whether only texts made of texts have it.
    var isOfTextOnly: Bool { self == .bleu || self == .chrf }
}

/// What an evaluation on dev found.
package struct DevFigures: Codable, Equatable, Sendable {
    /// In per cent.
    package var cer: Double
    /// In per cent.
    package var wer: Double
    /// CER of the CTC head's best path alone, in per cent; nil if the head is not trained.
    package var ctcCER: Double?
    /// 0 to 100; nil for audio.
    package var bleu: Double?
    /// 0 to 100; nil for audio.
    package var chrF: Double?
    /// Mean negative log-probability of a token of the references (their ends included) under the attention decoder,
    /// which is given those before it, in nats; nil if the decoder is not trained.
    package var loss: Double?

    /// Checkpoints state them by these names, and older ones only the first two.
    private enum CodingKeys: String, CodingKey {
        case cer, wer, bleu, loss
        case ctcCER = "ctc_cer"
        case chrF = "chrf"
    }

    package init(cer: Double, wer: Double, bleu: Double? = nil) {
        (self.cer, self.wer, self.bleu) = (cer, wer, bleu)
    }

    /// How many tokens the decoder as good as hesitates between.
    package var perplexity: Double? { loss.map { exp($0) } }

    package subscript(_ figure: DevFigure) -> Double? {
        switch figure {
        case .cer: cer
        case .wer: wer
        case .bleu: bleu
        case .chrf: chrF
        case .loss: loss
        }
    }

    /// A figure so turned that lower is better; what is missing or no number is worst of all.
    func rank(by figure: DevFigure) -> Double {
        guard let value = self[figure], !value.isNaN else { return .infinity }
        return figure.isBetterWhenHigher ? -value : value
    }

    /// Whether these are by a figure no worse than others, or worse by less than a fiftieth: others that are the best of
    /// many owe some of it to chance.
    package func isAsGood(asBest other: DevFigures, by figure: DevFigure) -> Bool {
        let best = other.rank(by: figure)
        return rank(by: figure) <= best + 0.02 * abs(best)
    }

    /// All that there are by the names of ``DevFigure``.
    var named: [String: Double] {
        Dictionary(
            uniqueKeysWithValues: DevFigure.allCases.compactMap { name in self[name].map { (name.rawValue, $0) } })
    }

    /// All that there are as the log has them.
    var logged: [String: Double] {
        var figures = named
        (figures["ctc_cer"], figures["perplexity"]) = (ctcCER, perplexity)
        return Dictionary(uniqueKeysWithValues: figures.map { ("dev_\($0)", $1) })
    }
}

extension DevFigures: CustomStringConvertible {
    /// For a person watching.
    package var description: String {
        var parts = [String(format: "CER %.2f %%, WER %.2f %%", cer, wer)]
        if let bleu { parts.append(String(format: "BLEU %.2f", bleu)) }
        if let chrF { parts.append(String(format: "chrF %.2f", chrF)) }
        if let loss, let perplexity {
            parts.append(String(format: "loss %.4f (perplexity %.2f)", loss, perplexity))
        }
        if let ctcCER { parts.append(String(format: "CTC alone CER %.2f %%", ctcCER)) }
        return parts.joined(separator: ", ")
    }
}
