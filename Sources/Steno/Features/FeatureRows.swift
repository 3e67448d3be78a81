import AudioFrontEnd
import Foundation

/// The features of a recording on their way to a file whose header says how many there are. Few are kept in memory;
/// many go to a file without a name, which is gone when this is, however the program ends.
///
/// `@unchecked Sendable`: handed on from thread to thread, used by one at a time.
package final class FeatureRows: @unchecked Sendable {
    /// Values a row.
    let columns: Int
    package private(set) var count = 0
    private let folder: String
    private let isWanted: @Sendable () -> Bool
    private var held: [Float] = []
    private var file: Int32?
    private var writtenValues = 0

    /// Values that are kept in memory, and that are read at once.
    private static let mostHeld = 1 << 20
    private static let valuesAtOnce = 1 << 16

    /// - Parameters:
    ///   - folder: where there is room for many.
    ///   - isWanted: looked at now and then; if it says no, the work ends with an error.
    package init(columns: Int, folder: String, isWanted: @escaping @Sendable () -> Bool = { true }) {
        self.columns = columns
        self.folder = folder
        self.isWanted = isWanted
    }

    deinit { if let file { close(file) } }

    package func append(_ features: Features) throws(StenoError) {
        try goOn()
        precondition(features.bins == columns, "\(features.bins) bins for \(columns) columns")
        count += features.frames
        held += features.values
        if held.count > Self.mostHeld { try spill() }
    }

    /// Gives all rows in order, some whole ones at a time.
    package func forEachPiece(_ body: ([Float]) throws(StenoError) -> Void) throws(StenoError) {
        let atOnce = max(1, Self.valuesAtOnce / columns) * columns
        for start in stride(from: 0, to: writtenValues, by: atOnce) {
            try goOn()
            try body(try written(start..<min(start + atOnce, writtenValues)))
        }
        if !held.isEmpty { try body(held) }
    }

    private func goOn() throws(StenoError) {
        if !isWanted() { throw .output("the features of a recording are no longer wanted") }
    }

    private func spill() throws(StenoError) {
        if file == nil {
            let made = SystemFile.nameless(in: folder)
            guard made >= 0 else {
                throw .output("\(folder) cannot be written: \(String(cString: strerror(errno)))")
            }
            file = made
        }
        guard let file else { return }
        let problem = held.withUnsafeBytes { SystemFile.write($0, to: file) }
        guard problem == 0 else { throw error("written", problem) }
        writtenValues += held.count
        held.removeAll(keepingCapacity: true)
    }

    private func written(_ range: Range<Int>) throws(StenoError) -> [Float] {
        guard let file else { return [] }
        let size = MemoryLayout<Float>.size
        var failure: StenoError?
        let values = [Float](unsafeUninitializedCapacity: range.count) { buffer, count in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            var done = 0
            while done < range.count * size {
                let some = pread(
                    file, bytes.baseAddress.map { $0 + done }, range.count * size - done,
                    off_t(range.lowerBound * size + done))
                if some < 0 && errno == EINTR { continue }
                guard some > 0 else {
                    failure = error("read back", errno)
                    return
                }
                done += some
            }
            count = range.count
        }
        if let failure { throw failure }
        return values
    }

    private func error(_ deed: String, _ number: CInt) -> StenoError {
        .output("a temporary file in \(folder) cannot be \(deed): \(String(cString: strerror(number)))")
    }
}
