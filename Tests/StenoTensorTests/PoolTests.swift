import StenoTensor
import Testing

@Suite struct PoolTests {
    @Test func aBlockReturnsWhenItsLastOwnerGoes() {
        let pool = Pool()
        var storage: Storage? = pool.storage(count: 100)
        let address = storage?.pointer
        var other = storage
        storage = nil
        #expect(pool.waitingBlocks == 0)
        withExtendedLifetime(other) {}
        other = nil
        #expect(pool.waitingBlocks == 1)
        #expect(pool.storage(count: 101).pointer == address)
    }

    @Test func blocksAreAlignedAndLargeEnough() {
        let pool = Pool()
        for count in [0, 1, 63, 64, 65, 80, 81, 1000, 1025, 123_457] {
            let storage = pool.storage(count: count)
            #expect(storage.capacity >= count)
            #expect(count <= 64 || Double(storage.capacity) <= 1.25 * Double(count))
            #expect(UInt(bitPattern: storage.pointer) % 64 == 0)
        }
    }

    /// Forward and backward through every kind of operation; everything returns, and the second pass asks for nothing.
    @Test func repeatedPassesAskForNothingMore() throws {
        let pool = Pool()
        let operations = try Goldens.load().cases.map { ($0, try $0.operation()) }
        var blocks: [Int] = []
        for _ in 0..<3 {
            for (golden, operation) in operations {
                let tape = Tape(Weights(zeros: Layout()), gradients: Weights(zeros: Layout()), pool: pool)
                let outputs = operation.compute(
                    tape, Leaves(values: operation.leaves.mapValues { tape.input(tape.copy($0)) }))
                let upstream = golden.outputGradients.mapValues(\.tensor)
                tape.backward(
                    from: tape.weightedSum(
                        outputs.map { name, output in
                            (tape.sumOfProducts(output, upstream[name] ?? output.value), 1)
                        }))
            }
            blocks.append(pool.waitingBlocks)
        }
        #expect(blocks[0] > 0 && blocks[1] == blocks[0] && blocks[2] == blocks[0])
    }

    @Test func aTapeThatIsNotWalkedBackGivesItsBlocksBack() throws {
        let pool = Pool()
        let x = Tensor(zeros: [2, 3])
        var blocks: [Int] = []
        for _ in 0..<2 {
            let tape = Tape(Weights(zeros: Layout()), gradients: Weights(zeros: Layout()), pool: pool)
            _ = tape.tanh(tape.relu(tape.input(x)))
            blocks.append(pool.waitingBlocks)
        }
        // The first tape's two tensors wait when the second has been through.
        #expect(blocks == [0, 0] && pool.waitingBlocks == 2)
    }
}
