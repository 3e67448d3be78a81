/// BLEU of the texts whose sources are of like length.
package struct LengthGroup: Codable, Equatable, Sendable {
    /// Words of the sources, at least and at most; the last group has no upper end.
    package let shortest: Int
    package let longest: Int?
    package let lines: Int
    package let bleu: Double

    /// Where groups end.
    private static let ends = [4, 8, 12, 16, 20, 30, 40]

    /// The groups that have any texts, from short to long.
    package static func groups(
        sources: [String], references: [[String]], hypotheses: [String], options: BLEU.Options = BLEU.Options()
    ) -> [LengthGroup] {
        let lengths = sources.map { TextUnit.words.pieces(of: $0).count }
        return zip([0] + ends.map { $0 + 1 }, ends.map(Optional.some) + [nil]).compactMap { shortest, longest in
            let members = lengths.indices.filter { lengths[$0] >= shortest && lengths[$0] <= longest ?? .max }
            guard !members.isEmpty else { return nil }
            let bleu = BLEU(
                references: members.map { references[$0] }, hypotheses: members.map { hypotheses[$0] }, options: options
            )
            return LengthGroup(shortest: shortest, longest: longest, lines: members.count, bleu: bleu.score)
        }
    }
}
