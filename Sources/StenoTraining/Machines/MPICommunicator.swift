#if MPI
import CMPI

/// The processes that MPI knows as its world.
struct MPICommunicator: Communicator {
    let rank: Int
    let count: Int

    /// Joins; once in a process's life.
    init() throws(CommunicationError) {
        try check(steno_mpi_join(), "start")
        var (rank, count): (Int32, Int32) = (0, 0)
        try check(steno_mpi_place(&rank, &count), "say which process this is")
        (self.rank, self.count) = (Int(rank), Int(count))
    }

    func gather(_ bytes: [UInt8]) throws(CommunicationError) -> [UInt8] {
        var all = [UInt8](repeating: 0, count: bytes.count * count)
        try check(steno_mpi_gather(Int64(bytes.count), bytes, &all), "gather from all processes")
        return all
    }

    func exchange(
        sending: UnsafeBufferPointer<Float>, receiving: UnsafeMutableBufferPointer<Float>, with partner: Int
    ) throws(CommunicationError) {
        try check(
            steno_mpi_exchange(
                Int32(partner), Int64(sending.count), sending.baseAddress, Int64(receiving.count),
                receiving.baseAddress), "exchange with process \(partner)")
    }

    func leave() throws(CommunicationError) { try check(steno_mpi_leave(), "end") }
}

private func check(_ code: Int32, _ action: String) throws(CommunicationError) {
    if code == 0 { return }
    var text = [CChar](repeating: 0, count: 512)
    steno_mpi_describe(code, &text, Int64(text.count))
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    throw .failed(action: action, reason: String(decoding: bytes, as: UTF8.self))
}
#endif
