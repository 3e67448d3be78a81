/// The n-grams of a sequence, of every order up to the highest, as one sorted list.
///
/// Of each place, the symbols from there on are packed into 128 bits, the first of them highest, 0 where the sequence
/// has ended. Equal n-grams of any order are equal leading fields, so that they stand side by side: one sort serves all
/// orders, and two sequences are compared by walking along both.
struct NGrams {
    /// Symbols of the sequence.
    let length: Int
    private let order: Int
    private let bits: Int
    private let windows: [UInt128]

    /// - Parameters:
    ///   - symbols: each below 2^(128 / order) - 1 and 2^32, so that six Unicode scalars fit, or four numbers of words.
    ///   - order: the highest.
    init(_ symbols: some Collection<UInt32>, order: Int) {
        let bits = min(64, 128 / order)
        let mask = UInt128.max >> UInt128(128 - bits * order)
        var windows: [UInt128] = []
        windows.reserveCapacity(symbols.count)
        var window: UInt128 = 0
        func push(_ field: UInt128, _ place: Int) {
            window = (window &<< UInt128(bits) | field) & mask
            if place >= order - 1 { windows.append(window) }
        }
        var place = 0
        for symbol in symbols {
            push(UInt128(symbol) + 1, place)
            place += 1
        }
        length = place
        for _ in 0..<(order - 1) {
            if windows.count < length { push(0, place) }
            place += 1
        }
        windows.sort()
        (self.order, self.bits, self.windows) = (order, bits, windows)
    }

    /// N-grams of order `n`, each as often as it occurs.
    func count(_ n: Int) -> Int { max(0, length - n + 1) }

    /// How many n-grams of order `n` are in the references too, each counted at most as often as it occurs in that one
    /// of them where it occurs most often.
    func matches(_ n: Int, in references: [NGrams]) -> Int {
        let shift = UInt128(bits * (order - n))
        let lastField = UInt128.max >> UInt128(128 - bits)
        var cursors = [Int](repeating: 0, count: references.count)
        var matches = 0
        var start = 0
        while start < windows.count {
            let gram = windows[start] &>> shift
            let end = run(of: gram, from: start, shift)
            // Those that reach beyond the end of the sequence are none.
            if gram & lastField != 0 {
                var most = 0
                for (index, reference) in references.enumerated() {
                    var first = cursors[index]
                    while first < reference.windows.count, reference.windows[first] &>> shift < gram { first += 1 }
                    cursors[index] = reference.run(of: gram, from: first, shift)
                    most = max(most, cursors[index] - first)
                }
                matches += min(end - start, most)
            }
            start = end
        }
        return matches
    }

    private func run(of gram: UInt128, from first: Int, _ shift: UInt128) -> Int {
        var end = first
        while end < windows.count, windows[end] &>> shift == gram { end += 1 }
        return end
    }
}
