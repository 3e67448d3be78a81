import StenoTensor

/// What the random numbers of a run are drawn for; each draws from a stream of its own.
enum RandomPurpose: UInt64 {
    case batches = 1
    case masks
    /// Dropout and scheduled sampling.
    case pass
    /// The utterances whose features the global normalisation is of.
    case normalisation

    /// The key of a run's stream for this purpose, and for one epoch or step.
    func key(seed: Int, _ number: Int = 0) -> UInt64 {
        [UInt64(seed), rawValue, UInt64(number)].reduce(0, mixed)
    }
}
