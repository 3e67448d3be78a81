import StenoModels
import StenoTensor

/// What must be the same on all processes of a run, or their weights would drift apart.
struct Likeness: Codable, Equatable {
    /// One fact, in words that can be put before the user.
    struct Fact: Codable, Equatable { let name: String, value: String }
    let facts: [Fact]

    /// The first fact in which this one differs from another.
    func difference(from other: Likeness) -> (name: String, here: String, there: String)? {
        zip(facts, other.facts).first { $0 != $1 }.map { ($0.name, $0.value, $1.value) }
    }
}

extension Trainer {
    var likeness: Likeness {
        func check(_ bytes: some Sequence<UInt8>) -> String {
            String(CyclicRedundancyCheck.castagnoli(bytes), radix: 16)
        }
        func pairs(_ set: Dataset) -> String {
            let lines = set.examples.map { "\($0.id)\t\($0.text)\n" }
            return "of \(set.examples.count) with checksum \(check(lines.joined().utf8))"
        }
        let numbers = UnsafeRawBufferPointer(start: weights.flat.pointer, count: 4 * model.layout.count)
        let metadata = trained(weights).metadata.sorted { $0.key < $1.key }
        let facts = [
            ("instruction set", InstructionSet.current.rawValue),
            ("recipe's checksum", check(recipe.withoutFolders.yaml.utf8)),
            ("list of training pairs", pairs(data.train)),
            ("list of dev pairs", pairs(data.dev)),
            ("step", "\(state.step)"),
            // Vocabulary and normalisation among others.
            ("model's checksum", check(metadata.map { "\($0)\t\($1)\n" }.joined().utf8)),
            ("weights' checksum", check(numbers)),
        ]
        return Likeness(facts: facts.map { .init(name: $0.0, value: $0.1) })
    }

    /// Makes a trainer on each process of a run. All fail if one does, or if they could not train as one.
    package static func join(
        _ communicator: any Communicator, _ make: () throws(TrainingError) -> Trainer
    ) throws(TrainingError) -> Trainer {
        let result: Result<Trainer, TrainingError>
        do throws(TrainingError) { result = .success(try make()) } catch { result = .failure(error) }
        if communicator.count == 1 { return try result.get() }
        let all = try communicator.agree(on: result.map(\.likeness))
        for (rank, likeness) in all.enumerated() {
            if let (name, here, there) = likeness.difference(from: all[0]) {
                throw .elsewhere(rank: rank, reason: "its \(name) is \(here), that of process 0 \(there)")
            }
        }
        return try result.get()
    }
}
