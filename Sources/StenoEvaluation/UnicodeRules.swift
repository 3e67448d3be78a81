extension Unicode.Scalar {
    /// White space as Python's `str.strip`, `str.split` and `\s` see it: Unicode's, and the four ASCII separators.
    var isSpaceForComparing: Bool {
        if value < 0x80 { return value == 0x20 || (0x09...0x0D).contains(value) || (0x1C...0x1F).contains(value) }
        return properties.isWhitespace
    }
}

extension [Unicode.Scalar] {
    /// The pieces between white space, none of them empty, as Python's `str.split`.
    var words: [ArraySlice<Unicode.Scalar>] { split(whereSeparator: \.isSpaceForComparing) }

    /// Without white space at the end, as Python's `str.rstrip`.
    var withoutTrailingSpace: [Unicode.Scalar] {
        lastIndex { !$0.isSpaceForComparing }.map { Array(self[...$0]) } ?? []
    }

    /// Lower case as Python's `str.lower` has it: by Unicode's full mapping, a sigma at the end of a word becoming ς.
    ///
    /// Python and Swift each follow their own version of Unicode, so letters that are new to one of them may differ.
    var lowercased: [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(count)
        for (index, scalar) in enumerated() {
            if scalar.value < 0x80 {
                let isUpper = ("A"..."Z").contains(scalar)
                result.append(isUpper ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar)
            } else if scalar == "Σ" {
                result.append(isFinalSigma(at: index) ? "ς" : "σ")
            } else {
                result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
        }
        return result
    }

    /// Unicode's condition `Final_Sigma`: a letter with case before and none after, what case ignores passed over.
    private func isFinalSigma(at index: Int) -> Bool {
        let before = self[..<index].last { !$0.properties.isCaseIgnorable }
        let after = self[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        return before?.properties.isCased == true && after?.properties.isCased != true
    }
}
