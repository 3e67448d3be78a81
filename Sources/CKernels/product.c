// Matrix products by oneDNN (2.x and 3.x have the same sgemm), and the thread setting that they need.

#include "product_totals.h"

#include "isa.h"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <signal.h>

// oneDNN's products point the stack pointer into a buffer of their own on the heap while they work (inner extents from
// 96 with AVX-512, from some hundreds with AVX2; found with 2.6.3). A signal handler that runs then writes its frame
// below that buffer, over other data. So signals wait until the product is done; those that come from the code itself,
// such as an illegal instruction, cannot wait.
static void hold_signals(sigset_t *before) {
    static const int immediate[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};
    sigset_t held;
    sigfillset(&held);
    for (unsigned i = 0; i < sizeof immediate / sizeof immediate[0]; i++) sigdelset(&held, immediate[i]);
    pthread_sigmask(SIG_BLOCK, &held, before);
}

/// Up to so many rows, scalar products beat oneDNN where the right factor is transposed: 5 rows of 256 with 16,000
/// columns take 0.57 ms instead of 1.09, 16 rows 1.23 instead of 1.51 with AVX-512; 8 rows 1.44 instead of 1.53 with
/// AVX2.
static int64_t few_rows(void) {
    return steno_isa() == STENO_ISA_AVX512 ? 16 : steno_isa() == STENO_ISA_AVX2 ? 8 : 0;
}

_Thread_local struct product_totals steno_product_totals_of_thread;

int steno_product(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                  const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    if (m == 0 || n == 0) return 0;
    if (k == 0) {
        for (int64_t i = 0; i < m; i++)
            for (int64_t j = 0; j < n; j++) c[i * ldc + j] = beta == 0.0f ? 0.0f : beta * c[i * ldc + j];
        return 0;
    }
    const double start = product_clock();
    if (transpose_b && !transpose_a && beta == 0.0f && m <= few_rows()) {
        steno_dot_products(m, n, k, a, lda, b, ldb, c, ldc);
        count_product(start, m, n, k);
        return 0;
    }
    sigset_t before;
    hold_signals(&before);
    const int status = (int)dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f, a, lda, b, ldb,
                                       beta, c, ldc);
    count_product(start, m, n, k);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

void steno_product_totals(double *seconds, double *operations) {
    *seconds = steno_product_totals_of_thread.seconds;
    *operations = steno_product_totals_of_thread.operations;
}

void steno_use_single_threaded_products(void) {
    // oneDNN is linked to an OpenMP runtime that Swift's clang has no header for; the setting is the thread's own.
    void (*set_threads)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (set_threads) set_threads(1);
}
