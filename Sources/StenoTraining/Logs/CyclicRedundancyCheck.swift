/// A 32-bit cyclic redundancy check, reflected, as files carry it to find damage; zlib has that of PNG and zip.
package struct CyclicRedundancyCheck: Sendable {
    private let table: [UInt32]

    /// Of TFRecord and iSCSI (CRC32C): Castagnoli et al. 1993, polynomial 0x1EDC6F41.
    package static let castagnoli = CyclicRedundancyCheck(reversedPolynomial: 0x82F6_3B78)

    private init(reversedPolynomial: UInt32) {
        table = (0..<256).map { byte in
            (0..<8).reduce(UInt32(byte)) { value, _ in
                value & 1 == 1 ? value >> 1 ^ reversedPolynomial : value >> 1
            }
        }
    }

    package func callAsFunction(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { value, byte in
            table[Int((value ^ UInt32(byte)) & 0xFF)] ^ value >> 8
        }
    }
}
