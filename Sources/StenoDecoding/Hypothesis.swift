/// A transcript that a search found.
package struct Hypothesis: Sendable {
    /// Without start and end.
    package var tokens: [Int32] = []
    /// `(1 - w) attention + w CTC + l language + bonus · tokens`, over the length penalty, by which hypotheses are
    /// ordered.
    package var score = 0.0
    /// Natural log-probability of the tokens and the end under the attention decoder, or its mean over those of several
    /// models; nil if it was not asked.
    package var attentionLogProbability: Double?
    /// Natural log-probability of the tokens under CTC; nil if it was not asked. Of a cut hypothesis that of all texts
    /// that begin so.
    package var ctcLogProbability: Double?
    /// Natural log-probability of the tokens and the end under the language model; nil if there is none.
    package var languageLogProbability: Double?
    /// For each token the encoder step where it begins in the most likely CTC alignment, or, where CTC was not asked,
    /// the one that was attended to most.
    package var steps: [Int] = []
    /// For each token the attention over all encoder steps, if asked for.
    package var attention: [[Float]] = []
    /// The end was not reached within the tokens allowed.
    package var isCut = false
}
