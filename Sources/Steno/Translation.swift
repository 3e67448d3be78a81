/// What a text becomes.
public struct Translation: Sendable, Hashable {
    /// One way to put it.
    public struct Alternative: Sendable, Hashable, Codable {
        public var text: String
        /// By which alternatives are ordered: the log-probability over the length penalty, and the length bonus.
        public var score: Double
        /// Natural logarithm of the probability that the model gives to the text.
        public var logProbability: Double
        /// The text has no end, for it came to the limit of its length.
        public var isCut: Bool

        private enum CodingKeys: String, CodingKey {
            case text, score
            case logProbability = "log_probability"
            case isCut = "is_cut"
        }
    }

    /// Where the decoder looked while it wrote.
    public struct Attention: Sendable, Hashable {
        public var sourceTokens: [String]
        public var targetTokens: [String]
        /// For each target token a weight for each source token.
        public var weights: [[Float]]
    }

    /// The text that was translated.
    public var source: String
    /// The best first; at least one.
    public var alternatives: [Alternative]
    /// Of the best one, if it was asked for and the model has such.
    public var attention: Attention?

    /// The best one.
    public var text: String { alternatives.first?.text ?? "" }

    init(source: String, alternatives: [Alternative]) { (self.source, self.alternatives) = (source, alternatives) }

    /// Of a text without a word: nothing, for certain.
    init(emptyFor source: String) {
        self.init(
            source: source, alternatives: [Alternative(text: "", score: 0, logProbability: 0, isCut: false)])
    }
}
