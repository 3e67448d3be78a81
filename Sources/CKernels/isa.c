#include "isa.h"

#include <stdatomic.h>

#include <oneapi/dnnl/dnnl.h>

static _Atomic int chosen = -1;

steno_isa_t steno_isa_best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq"))
        return STENO_ISA_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return STENO_ISA_AVX2;
#endif
    return STENO_ISA_GENERIC;
}

steno_isa_t steno_isa(void) {
    int isa = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (isa < 0) {
        isa = steno_isa_best();
        atomic_store_explicit(&chosen, isa, memory_order_relaxed);
    }
    return (steno_isa_t)isa;
}

int steno_isa_select(steno_isa_t isa) {
    if (isa > steno_isa_best()) return -1;
    atomic_store_explicit(&chosen, (int)isa, memory_order_relaxed);
    dnnl_cpu_isa_t cap = isa == STENO_ISA_GENERIC ? dnnl_cpu_isa_sse41
                       : isa == STENO_ISA_AVX2    ? dnnl_cpu_isa_avx2
                                                  : dnnl_cpu_isa_all;
    dnnl_set_max_cpu_isa(cap);  // refused once oneDNN has run: the caller selects first
    return 0;
}
