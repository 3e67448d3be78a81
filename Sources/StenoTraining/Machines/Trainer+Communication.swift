extension Trainer {
    /// Whether any process of the run says so.
    func any(_ isTrue: Bool) throws(TrainingError) -> Bool {
        try measured(\.agreements) { () throws(CommunicationError) in try communicator.any(isTrue) }
    }

    /// What all processes computed, in order of rank; an error on all if one failed.
    func agree<Value: Codable>(on result: Result<Value, TrainingError>) throws(TrainingError) -> [Value] {
        let start = SpeedMeter.now
        defer { times.agreements += SpeedMeter.now - start }
        return try communicator.agree(on: result)
    }

    /// Adds the time that some communication takes to the run's.
    func measured<Value>(
        _ part: WritableKeyPath<CommunicationTimes, Double>, _ communicate: () throws(CommunicationError) -> Value
    ) throws(TrainingError) -> Value {
        let start = SpeedMeter.now
        defer { times[keyPath: part] += SpeedMeter.now - start }
        do throws(CommunicationError) { return try communicate() } catch { throw .communication(error) }
    }
}
