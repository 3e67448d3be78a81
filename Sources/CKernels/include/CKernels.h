// The loops between matrix products, and the matrix product itself. Matrices are row-major; sizes are int64_t;
// nothing here allocates except where it says so.

#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

// MARK: Instruction sets (isa.c)

typedef enum { STENO_ISA_GENERIC = 0, STENO_ISA_AVX2 = 1, STENO_ISA_AVX512 = 2 } steno_isa_t;

/// The instruction set in use: the best of the processor, or what `steno_isa_select` chose.
steno_isa_t steno_isa(void);
/// The best instruction set that the processor (and the operating system) has.
steno_isa_t steno_isa_best(void);
/// Caps the instruction set of these kernels and of oneDNN. Call it before any other work.
/// Returns 0, or -1 when the processor lacks `isa`.
int steno_isa_select(steno_isa_t isa);

#endif
