import Foundation

extension Communicator {
    /// What every process hands in, in order of rank, to all of them.
    package func gather<Value: Codable>(values value: Value) throws(CommunicationError) -> [Value] {
        if count == 1 { return [value] }
        // A property list in binary form keeps every bit of a Double, infinities included.
        let encoder = PropertyListEncoder()
        encoder.outputFormat = .binary
        var bytes = (try? encoder.encode([value])).map { [UInt8]($0) } ?? []
        let sizes = try gather(withUnsafeBytes(of: Int64(bytes.count).littleEndian) { [UInt8]($0) })
            .split(into: count).map { size in
                size.reversed().reduce(0) { $0 << 8 | Int($1) }
            }
        let longest = sizes.max() ?? 0
        bytes += [UInt8](repeating: 0, count: longest - bytes.count)
        var values: [Value] = []
        for (rank, padded) in try gather(bytes).split(into: count).enumerated() {
            let data = Data(padded.prefix(sizes[rank]))
            guard let value = try? PropertyListDecoder().decode([Value].self, from: data).first else {
                throw .malformed(rank: rank)
            }
            values.append(value)
        }
        return values
    }

    /// Whether any process says so.
    package func any(_ isTrue: Bool) throws(CommunicationError) -> Bool {
        count == 1 ? isTrue : try gather([isTrue ? 1 : 0]).contains(1)
    }

    /// What all processes found out, in order of rank. If one of them failed, all do: process 0 with its own error or
    /// else with a sentence of the first that failed, the others with ``TrainingError/elsewhere(rank:reason:)``.
    package func agree<Value: Codable>(
        on result: Result<Value, TrainingError>
    ) throws(TrainingError) -> [Value] {
        if count == 1 { return [try result.get()] }
        let outcomes: [Outcome<Value>]
        do throws(CommunicationError) { outcomes = try gather(values: Outcome(result)) } catch {
            throw .communication(error)
        }
        for (rank, outcome) in outcomes.enumerated() {
            guard let reason = outcome.failure else { continue }
            if case .failure(let error) = result, rank == 0, self.rank == 0 { throw error }
            throw .elsewhere(rank: rank, reason: reason)
        }
        return outcomes.compactMap(\.value)
    }
}

/// What one process tells the others of its part of a work.
private struct Outcome<Value: Codable>: Codable {
    var value: Value?
    var failure: String?

    init(_ result: Result<Value, TrainingError>) {
        switch result {
        case .success(let value): self.value = value
        case .failure(let error): failure = error.description
        }
    }
}

extension [UInt8] {
    fileprivate func split(into parts: Int) -> [ArraySlice<UInt8>] {
        let size = count / parts
        return (0..<parts).map { self[$0 * size..<($0 + 1) * size] }
    }
}
