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

    @Test func aLargerBlockServesWithinTwice() {
        let pool = Pool()
        let addresses = [1024, 1280, 4096].map { count in (count, pool.storage(count: count)) }
            .map { (count: $0, address: $1.pointer) }
        #expect(pool.waitingBlocks == 3)
        // The smallest that is large enough, then the next; 4096 would be too much.
        let held = [1000, 1000, 1000].map { pool.storage(count: $0) }
        #expect(held[0].pointer == addresses[0].address && held[1].pointer == addresses[1].address)
        #expect(held[1].capacity == 1280 && held[2].capacity == 1024)
        withExtendedLifetime(held) { #expect(pool.waitingBlocks == 1) }
        #expect(pool.storage(count: 2048).pointer == addresses[2].address)
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
