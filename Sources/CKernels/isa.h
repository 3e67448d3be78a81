// How a loop is compiled for several instruction sets and chosen once at run time.
//
// A kernel is written once, in plain C that the compiler can vectorise, as `static KERNEL void name_body(...)`.
// `DISPATCH(name, (parameters), (arguments))` compiles it for AVX-512, AVX2 and the baseline, and defines
// `void steno_name(parameters)`, which calls the one that `steno_isa()` names.

#ifndef STENO_ISA_H
#define STENO_ISA_H

#include "CKernels.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

// Sums may be reassociated and products contracted: the loops below are written to be vectorised.
// NaN and infinity keep their meaning.
#pragma clang fp reassociate(on) contract(fast)

#define KERNEL inline __attribute__((always_inline))

/// Before a loop whose iterations touch no element that another one writes, where the compiler cannot see it.
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")

#if defined(__x86_64__)
#define TARGET_AVX512                                                                                        \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"), flatten))
#define TARGET_AVX2 __attribute__((target("avx2,fma,f16c"), flatten))
#define DISPATCH(name, parameters, arguments)                                                                \
    static TARGET_AVX512 void name##_avx512 parameters { name##_body arguments; }                            \
    static TARGET_AVX2 void name##_avx2 parameters { name##_body arguments; }                                \
    static void name##_generic parameters { name##_body arguments; }                                         \
    void steno_##name parameters {                                                                           \
        switch (steno_isa()) {                                                                               \
        case STENO_ISA_AVX512: name##_avx512 arguments; break;                                               \
        case STENO_ISA_AVX2: name##_avx2 arguments; break;                                                   \
        default: name##_generic arguments; break;                                                            \
        }                                                                                                    \
    }
#else
#define DISPATCH(name, parameters, arguments)                                                                \
    void steno_##name parameters { name##_body arguments; }
#endif

#endif
