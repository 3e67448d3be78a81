/// What is counted in each line and summed over a corpus before a figure follows from it.
package protocol CorpusCounts: Sendable {
    /// Of no line.
    init()

    static func += (total: inout Self, more: Self)
}
