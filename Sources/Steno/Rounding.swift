extension Double {
    /// For a person to read: rounded to some digits after the point.
    package func rounded(digits: Int) -> Double {
        let scale = (0..<digits).reduce(1.0) { scale, _ in 10 * scale }
        return (self * scale).rounded() / scale
    }
}
