import CKernels
import Glibc

/// The widest registers that are used: the processor's widest unless the environment variable `STENO_ISA` says less.
package enum InstructionSet: String, CaseIterable, Sendable {
    case generic, avx2, avx512

    private var identifier: steno_isa_t {
        switch self {
        case .generic: STENO_ISA_GENERIC
        case .avx2: STENO_ISA_AVX2
        case .avx512: STENO_ISA_AVX512
        }
    }

    /// Follows `STENO_ISA`; to be called before anything is computed. Refuses a name that is not known and a set that
    /// the processor lacks.
    package static func followEnvironment() throws(StenoError) {
        guard let value = getenv("STENO_ISA") else { return }
        let name = String(cString: value)
        guard let chosen = InstructionSet(rawValue: name) else {
            throw .option(name: "STENO_ISA", expected: "avx512, avx2 or generic", found: name)
        }
        guard steno_isa_select(chosen.identifier) == 0 else {
            let best = allCases.last { $0.identifier.rawValue <= steno_isa_best().rawValue } ?? .generic
            throw .option(
                name: "STENO_ISA", expected: "an instruction set of this processor (\(best.rawValue) at most)",
                found: name)
        }
    }
}
