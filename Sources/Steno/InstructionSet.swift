import Glibc
import StenoTensor

extension InstructionSet {
    /// Follows the environment variable `STENO_ISA`; to be called before anything is computed. Refuses a name that is
    /// not known and a set that the processor lacks.
    package static func followEnvironment() throws(StenoError) {
        guard let value = getenv("STENO_ISA") else { return }
        let name = String(cString: value)
        guard let chosen = InstructionSet(rawValue: name) else {
            throw .option(name: "STENO_ISA", expected: "avx512, avx2 or generic", found: name)
        }
        guard chosen.select() else {
            throw .option(
                name: "STENO_ISA", expected: "an instruction set of this processor (\(best.rawValue) at most)",
                found: name)
        }
    }
}
