// exp, tanh, the logistic function and log for single precision, written so that a loop over them vectorises.
//
// Worst errors against double precision over every 37th float, with and without fused multiplication: exp 1.0e-7
// (|x| < 87), tanh 3.4e-7 (all x) and log 1.7e-7 (normal x > 0) relative, the logistic function 1.9e-7 absolute. The
// rational function of tanh is a minimax fit of our own on |x| <= 9, and so is the polynomial of the normal
// distribution; exp and log use the usual reduction by powers of two with Taylor-like polynomials.

#ifndef STENO_APPROXIMATIONS_H
#define STENO_APPROXIMATIONS_H

#include "isa.h"

static KERNEL float float_of_bits(int32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static KERNEL int32_t bits_of_float(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// tanh(x) as x P(x^2) / Q(x^2); beyond |x| = 9 it is 1 to the last bit.
static KERNEL float fast_tanh(float x) {
    x = x < -9.0f ? -9.0f : x;
    x = x > 9.0f ? 9.0f : x;
    float u = x * x;
    float p = -8.48870314e-14f;
    p = p * u + 5.27794488e-11f;
    p = p * u + -2.02252168e-08f;
    p = p * u + 1.11543057e-05f;
    p = p * u + 3.10395594e-03f;
    p = p * u + 1.30840098e-01f;
    p = p * u + 0.999999993f;
    float q = 2.54614483e-04f;
    q = q * u + 2.44951772e-02f;
    q = q * u + 4.64173369e-01f;
    q = q * u + 1.0f;
    return x * p / q;
}

/// 1 / (1 + exp(-x)).
static KERNEL float fast_sigmoid(float x) { return 0.5f + 0.5f * fast_tanh(0.5f * x); }

/// exp(x); 0 below -87.3 (minus infinity included), clamped above 88.3. Not a number stays so.
static KERNEL float fast_exp(float x) {
#pragma clang fp reassociate(off)  // adding and taking away 1.5 * 2^23 rounds to the nearest integer
    float clamped = x > 88.3f ? 88.3f : x;
    clamped = clamped < -87.3f ? -87.3f : clamped;
    float shifted = clamped * 1.44269504f + 12582912.0f;
    float n = shifted - 12582912.0f;
    float r = clamped - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    float p = 1.0f / 5040.0f;
    p = p * r + 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    int32_t exponent = bits_of_float(shifted) << 23;  // the low bits of `shifted` hold n
    float y = float_of_bits(bits_of_float(p) + exponent);
    return x < -87.3f ? 0.0f : y;
}

/// Natural logarithm of a normal positive number.
static KERNEL float fast_log(float x) {
    int32_t bits = bits_of_float(x);
    int32_t exponent = (bits - 0x3f3504f3) >> 23;  // mantissa in [sqrt(1/2), sqrt(2))
    float m = float_of_bits(bits - (int32_t)((uint32_t)exponent << 23));
    float s = (m - 1.0f) / (m + 1.0f);  // log m = 2 artanh s, |s| < 0.172
    float u = s * s;
    float p = 2.0f / 11.0f;
    p = p * u + 2.0f / 9.0f;
    p = p * u + 2.0f / 7.0f;
    p = p * u + 2.0f / 5.0f;
    p = p * u + 2.0f / 3.0f;
    return (float)exponent * 0.693147181f + (s * 2.0f + s * u * p);
}

/// The normal distribution, the probability of a number below x, with its density. The tail is the density times a
/// polynomial in 1 / (1 + 0.305 |x|): 4e-7 of the tail is the worst error for |x| <= 5.
static KERNEL float fast_normal(float x, float *density) {
    float size = x < 0.0f ? -x : x;
    float power = fast_exp(-0.5f * x * x);
    float t = 1.0f / (1.0f + 0.305f * size);
    float y = 0.03669849f;
    y = y * t + -0.152985476f;
    y = y * t + 0.185712141f;
    y = y * t + -0.0379725437f;
    y = y * t + 0.121019453f;
    y = y * t + 0.103421532f;
    y = y * t + 0.122466711f;
    y = y * t + 0.12163974f;
    float tail = power * y * t;
    *density = 0.398942280f * power;
    return x < 0.0f ? tail : 1.0f - tail;
}

#endif
