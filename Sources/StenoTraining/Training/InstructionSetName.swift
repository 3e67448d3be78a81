import CKernels

extension steno_isa_t {
    /// As in `STENO_ISA`.
    package var name: String {
        switch self {
        case STENO_ISA_AVX512: "avx512"
        case STENO_ISA_AVX2: "avx2"
        default: "generic"
        }
    }
}
