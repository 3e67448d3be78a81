// Half precision (IEEE 754 binary16) to and from single, rounding to nearest even; used to store weights and features.

#include "approximations.h"

static KERNEL void half_from_float_body(int64_t n, const float *restrict x, uint16_t *restrict y) {
#pragma clang fp reassociate(off)  // adding a power of two and taking it away rounds
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)bits_of_float(x[i]);
        uint32_t sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7fffffffu;
        uint32_t normal = (magnitude + 0xfffu + ((magnitude >> 13) & 1u) - 0x38000000u) >> 13;
        // Below 2^-14 the spacing is 2^-24: adding 0.5, whose spacing that is, leaves the digits in the low bits.
        float shifted = float_of_bits((int32_t)magnitude) + 0.5f;
        uint32_t subnormal = (uint32_t)bits_of_float(shifted) - 0x3f000000u;
        uint32_t result = magnitude < 0x38800000u ? subnormal : normal;
        result = magnitude >= 0x477ff000u ? 0x7c00u : result;
        result = magnitude > 0x7f800000u ? 0x7e00u : result;
        y[i] = (uint16_t)(sign | result);
    }
}
/// Beyond 65,504 comes infinity.
DISPATCH(half_from_float, (int64_t n, const float *x, uint16_t *y), (n, x, y))

static KERNEL void float_from_half_body(int64_t n, const uint16_t *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) {
        uint32_t sign = ((uint32_t)x[i] & 0x8000u) << 16, magnitude = (uint32_t)x[i] & 0x7fffu;
        // Scaling by 2^112 moves the exponent's bias, for subnormal numbers too.
        float finite = float_of_bits((int32_t)(magnitude << 13)) * 0x1p112f;
        uint32_t bits = magnitude >= 0x7c00u ? 0x7f800000u | (magnitude << 13) : (uint32_t)bits_of_float(finite);
        y[i] = float_of_bits((int32_t)(sign | bits));
    }
}
DISPATCH(float_from_half, (int64_t n, const uint16_t *x, float *y), (n, x, y))
