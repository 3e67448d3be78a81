import CKernels

/// The widest registers that kernels and oneDNN's products use.
package enum InstructionSet: String, CaseIterable, Sendable {
    case generic, avx2, avx512

    private init(_ identifier: steno_isa_t) {
        switch identifier {
        case STENO_ISA_AVX512: self = .avx512
        case STENO_ISA_AVX2: self = .avx2
        default: self = .generic
        }
    }

    private var identifier: steno_isa_t {
        switch self {
        case .generic: STENO_ISA_GENERIC
        case .avx2: STENO_ISA_AVX2
        case .avx512: STENO_ISA_AVX512
        }
    }

    /// The one in use.
    package static var current: InstructionSet { InstructionSet(steno_isa()) }

    /// The best that the processor has.
    package static var best: InstructionSet { InstructionSet(steno_isa_best()) }

    /// Caps what is used; to be called before anything is computed. False if the processor lacks it.
    package func select() -> Bool { steno_isa_select(identifier) == 0 }
}
