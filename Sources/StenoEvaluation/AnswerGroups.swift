/// The items of a test set in which a source may have several right answers: a word and its pronunciations, a sentence
/// and its translations.
package struct AnswerGroups: Equatable, Sendable {
    /// Each source once, in order of first occurrence.
    package private(set) var sources: [String] = []
    /// The right answers of each source in order, none twice.
    package private(set) var answers: [[String]] = []
    /// Which of the pairs each source was first seen in.
    package private(set) var firstPairs: [Int] = []

    /// Pairs with the same source become one item. Texts that differ only in composed and decomposed accents are the
    /// same, as they are to a vocabulary.
    ///
    /// - Parameter grouping: without it each pair is an item.
    package init(_ pairs: some Sequence<(source: String, answer: String)>, grouping: Bool = true) {
        var number = Numbering<String>()
        for (index, pair) in pairs.enumerated() {
            let item = grouping ? number(pair.source) : index
            if item == sources.count {
                sources.append(pair.source)
                answers.append([])
                firstPairs.append(index)
            }
            if !answers[item].contains(pair.answer) { answers[item].append(pair.answer) }
        }
    }
}
