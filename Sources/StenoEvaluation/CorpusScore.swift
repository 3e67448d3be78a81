/// What is counted in each line and summed over a corpus before a figure follows from it.
package protocol CorpusCounts: Equatable, Sendable {
    /// Of no line.
    init()

    static func += (total: inout Self, more: Self)
}

/// The counts of all lines of a corpus.
package struct CountedLines<Counts: CorpusCounts>: Equatable, Sendable {
    /// One for each line, in the order given.
    package private(set) var lines: [Counts] = []
    package private(set) var total = Counts()
    /// How many references lines have.
    package private(set) var referenceCounts: Set<Int> = []

    mutating func append(_ counts: Counts, references: Int) {
        lines.append(counts)
        total += counts
        referenceCounts.insert(references)
    }
}

/// How a score is taken.
package protocol ScoreOptions: Equatable, Sendable {
    init()
}

/// How near hypotheses come to references, 0 to 100.
package protocol CorpusScore: Equatable, Sendable {
    associatedtype Options: ScoreOptions
    associatedtype Counts: CorpusCounts

    var options: Options { get }
    var counted: CountedLines<Counts> { get }

    init(options: Options, counted: CountedLines<Counts>)

    /// - Parameter references: at least one.
    static func counts(of hypothesis: String, against references: [String], _ options: Options) -> Counts

    static func score(of counts: Counts, _ options: Options) -> Double
}

extension CorpusScore {
    /// The score of a corpus.
    ///
    /// - Parameter references: of each line at least one.
    /// - Precondition: as many hypotheses as lists of references.
    package init(references: [[String]], hypotheses: [String], options: Options = Options()) {
        precondition(references.count == hypotheses.count, "as many hypotheses as lists of references")
        var counted = CountedLines<Counts>()
        for (references, hypothesis) in zip(references, hypotheses) {
            precondition(!references.isEmpty, "at least one reference")
            let counts = Self.counts(of: hypothesis, against: references, options)
            counted.append(counts, references: references.count)
        }
        self.init(options: options, counted: counted)
    }

    package var lines: [Counts] { counted.lines }
    package var total: Counts { counted.total }

    /// 0 to 100.
    package var score: Double { Self.score(of: total, options) }

    /// The score of each line by itself.
    package var lineScores: [Double] { lines.map { Self.score(of: $0, options) } }
}
