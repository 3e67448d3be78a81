import Synchronization

/// A 64-byte aligned block of single-precision numbers with one owner count. It goes back to its pool, if it has one,
/// when its last owner goes.
///
/// `@unchecked Sendable`: whoever shares a storage between threads writes it from one of them only, while no other
/// reads it. Tensors that a tape makes stay with the tape's worker; parameters are written between steps.
package final class Storage: @unchecked Sendable {
    package let pointer: UnsafeMutablePointer<Float>
    package let capacity: Int
    private let pool: Pool?

    fileprivate init(pointer: UnsafeMutablePointer<Float>, capacity: Int, pool: Pool?) {
        (self.pointer, self.capacity, self.pool) = (pointer, capacity, pool)
    }

    /// A block of its own, outside any pool.
    package convenience init(capacity: Int) {
        self.init(pointer: Storage.allocate(capacity), capacity: capacity, pool: nil)
    }

    /// A block of at least `count` numbers from where this one came from.
    func sibling(count: Int) -> Storage { pool?.storage(count: count) ?? Storage(capacity: count) }

    deinit {
        if let pool { pool.take(pointer, capacity: capacity) } else { pointer.deallocate() }
    }

    fileprivate static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer.allocate(byteCount: max(capacity, 16) * 4, alignment: 64)
            .bindMemory(to: Float.self, capacity: max(capacity, 16))
    }
}

/// Blocks that were used and wait to be used again, by size class. One worker's tensors come from its own pool, so
/// after the first pass over every batch shape next to nothing more is asked of the system.
package final class Pool: Sendable {
    private struct Block: @unchecked Sendable { let pointer: UnsafeMutablePointer<Float> }
    private let free = Mutex<[Int: [Block]]>([:])

    package init() {}

    deinit {
        free.withLock { for block in $0.values.joined() { block.pointer.deallocate() } }
    }

    /// A block of at least `count` numbers, contents unspecified: the smallest that waits, unless that is more than twice
    /// as large. Batches of other shapes so share their blocks, and small tensors leave large blocks alone.
    package func storage(count: Int) -> Storage {
        let least = Pool.sizeClass(count)
        let reused = free.withLock { free -> (Block, Int)? in
            var capacity = least
            while capacity <= 2 * least {
                if let block = free[capacity]?.popLast() { return (block, capacity) }
                capacity = Pool.sizeClass(capacity + 1)
            }
            return nil
        }
        return Storage(
            pointer: reused?.0.pointer ?? Storage.allocate(least), capacity: reused?.1 ?? least, pool: self)
    }

    fileprivate func take(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
        let block = Block(pointer: pointer)
        free.withLock { $0[capacity, default: []].append(block) }
    }

    /// How many blocks wait: with nothing in use, all that were ever asked of the system.
    package var waitingBlocks: Int { free.withLock { $0.values.reduce(0) { $0 + $1.count } } }

    /// The next of 1, 1.25, 1.5, 1.75 times a power of two, at least 64.
    static func sizeClass(_ count: Int) -> Int {
        guard count > 64 else { return 64 }
        let power = 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
        let quarter = power / 4
        return power + ((count - power + quarter - 1) / quarter) * quarter
    }
}
