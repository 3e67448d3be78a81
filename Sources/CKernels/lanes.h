// Eight frames side by side: the vectors that features and pitch are made in.

#pragma once

#include "isa.h"

// Vectors are passed between functions that are always inlined: no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"

#define LANES STENO_MEL_LANES

typedef float lanes_t __attribute__((vector_size(4 * LANES)));
typedef int32_t integers_t __attribute__((vector_size(4 * LANES)));

static KERNEL lanes_t load(const float *from) {
    lanes_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static KERNEL void store(float *to, lanes_t value) { memcpy(to, &value, sizeof value); }

#define LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define LOW_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define HIGH_PAIRS(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define LOW_HALF(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define HIGH_HALF(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)

/// Eight complex numbers, real parts and imaginary ones interleaved in the order of `column_of`.
static KERNEL void store_complex(float *to, lanes_t real, lanes_t imaginary) {
    store(to, LOW(real, imaginary));
    store(to + LANES, HIGH(real, imaginary));
}

/// Where each frame's number stands among the eight that `store_complex` interleaves.
static const int column_of[LANES] = {0, 1, 4, 5, 2, 3, 6, 7};
