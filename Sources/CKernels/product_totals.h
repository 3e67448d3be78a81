// What the calling thread has spent in matrix products.

#ifndef STENO_PRODUCT_TOTALS_H
#define STENO_PRODUCT_TOTALS_H

#include <stdint.h>
#include <time.h>

struct product_totals {
    double seconds, operations;
};

extern _Thread_local struct product_totals steno_product_totals_of_thread;

/// In seconds.
static inline double product_clock(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/// Counts a product of m x k and k x n that began at `start`.
static inline void count_product(double start, int64_t m, int64_t n, int64_t k) {
    steno_product_totals_of_thread.seconds += product_clock() - start;
    steno_product_totals_of_thread.operations += 2.0 * (double)m * (double)n * (double)k;
}

#endif
