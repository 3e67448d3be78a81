// Matrix products by oneDNN (2.x and 3.x have the same sgemm), and the thread setting that they need.

#include "isa.h"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>

int steno_product(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                  const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    if (m == 0 || n == 0) return 0;
    if (k == 0) {
        for (int64_t i = 0; i < m; i++)
            for (int64_t j = 0; j < n; j++) c[i * ldc + j] = beta == 0.0f ? 0.0f : beta * c[i * ldc + j];
        return 0;
    }
    return (int)dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f, a, lda, b, ldb, beta, c,
                           ldc);
}

void steno_use_single_threaded_products(void) {
    // oneDNN is linked to an OpenMP runtime that Swift's clang has no header for; the setting is the thread's own.
    void (*set_threads)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (set_threads) set_threads(1);
}
