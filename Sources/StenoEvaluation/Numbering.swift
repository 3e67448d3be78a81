/// Numbers elements from 0 in the order in which they first occur; equal ones have one number.
struct Numbering<Element: Hashable> {
    private var numbers: [Element: Int] = [:]

    mutating func callAsFunction(_ element: Element) -> Int {
        if let known = numbers[element] { return known }
        numbers[element] = numbers.count
        return numbers.count - 1
    }
}
