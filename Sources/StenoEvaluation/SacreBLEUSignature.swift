/// What stands beside a figure so that others know whether theirs may be compared with it (Post 2018, "A call for
/// clarity in reporting BLEU scores"), in the form of sacreBLEU: `nrefs:1|case:mixed|...|version:2.6.0+steno`.
///
/// The version is that of the sacreBLEU whose figures the tests hold these to, with a local label as Python's versions
/// may have one (PEP 440): by that rule `2.6.0+steno` is 2.6.0 as somebody else built it. The bare number would claim
/// that sacreBLEU had been run; a name of our own would hide that the figures are its figures.
enum SacreBLEUSignature {
    static let version = "2.6.0+steno"

    /// - Parameter references: how many each line has; lines may differ.
    static func text(references: Set<Int>, lowercases: Bool, _ fields: [(name: String, value: String)]) -> String {
        let count = references.count == 1 ? references.first.map { "\($0)" } : nil
        let all =
            [("nrefs", count ?? "var"), ("case", lowercases ? "lc" : "mixed")] + fields + [("version", version)]
        return all.map { "\($0.0):\($0.1)" }.joined(separator: "|")
    }
}
