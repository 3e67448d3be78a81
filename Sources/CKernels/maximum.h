// The largest of a row. Written in lanes, because the compiler does not vectorise a running maximum: NaN forbids it.

#ifndef STENO_MAXIMUM_H
#define STENO_MAXIMUM_H

#include "isa.h"

/// The largest of n numbers; NaN is passed over, and minus infinity the largest of none.
static KERNEL float maximum(int64_t n, const float *restrict x) {
    enum { LANES_OF_MAXIMUM = 16 };
    float tops[LANES_OF_MAXIMUM], top = -INFINITY;
    for (int i = 0; i < LANES_OF_MAXIMUM; i++) tops[i] = -INFINITY;
    int64_t first = 0;
    for (; first + LANES_OF_MAXIMUM <= n; first += LANES_OF_MAXIMUM)
        for (int i = 0; i < LANES_OF_MAXIMUM; i++) tops[i] = x[first + i] > tops[i] ? x[first + i] : tops[i];
    for (; first < n; first++) top = x[first] > top ? x[first] : top;
    for (int i = 0; i < LANES_OF_MAXIMUM; i++) top = tops[i] > top ? tops[i] : top;
    return top;
}

#endif
