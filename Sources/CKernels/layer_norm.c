// Layer normalisation over the last axis (Ba, Kiros, Hinton 2016): y = g (x - m) / sqrt(s + eps) + b.

#include "isa.h"

static KERNEL void layer_norm_body(int64_t rows, int64_t columns, float epsilon, const float *restrict x,
                                   const float *restrict gain, const float *restrict bias, float *restrict normalised,
                                   float *restrict scales, float *restrict y) {
    for (int64_t r = 0; r < rows; r++) {
        const float *restrict xr = x + r * columns;
        float mean = 0.0f, variance = 0.0f;
        for (int64_t c = 0; c < columns; c++) mean += xr[c];
        mean /= (float)columns;
        for (int64_t c = 0; c < columns; c++) variance += (xr[c] - mean) * (xr[c] - mean);
        float scale = 1.0f / sqrtf(variance / (float)columns + epsilon);
        scales[r] = scale;
        for (int64_t c = 0; c < columns; c++) {
            float n = (xr[c] - mean) * scale;
            normalised[r * columns + c] = n;
            y[r * columns + c] = n * gain[c] + bias[c];
        }
    }
}
DISPATCH(layer_norm,
         (int64_t rows, int64_t columns, float epsilon, const float *x, const float *gain, const float *bias,
          float *normalised, float *scales, float *y),
         (rows, columns, epsilon, x, gain, bias, normalised, scales, y))

static KERNEL void layer_norm_backward_body(int64_t rows, int64_t columns, const float *restrict normalised,
                                            const float *restrict scales, const float *restrict gain,
                                            const float *restrict dy, float *restrict dx, float *restrict d_gain,
                                            float *restrict d_bias) {
    for (int64_t r = 0; r < rows; r++) {
        const float *restrict n = normalised + r * columns;
        const float *restrict d = dy + r * columns;
        float sum = 0.0f, product = 0.0f;
        for (int64_t c = 0; c < columns; c++) {
            float g = d[c] * gain[c];
            sum += g;
            product += g * n[c];
            d_gain[c] += d[c] * n[c];
            d_bias[c] += d[c];
        }
        sum /= (float)columns;
        product /= (float)columns;
        for (int64_t c = 0; c < columns; c++)
            dx[r * columns + c] = scales[r] * (d[c] * gain[c] - sum - n[c] * product);
    }
}
/// Overwrites `dx`, adds to `d_gain` and `d_bias`.
DISPATCH(layer_norm_backward,
         (int64_t rows, int64_t columns, const float *normalised, const float *scales, const float *gain,
          const float *dy, float *dx, float *d_gain, float *d_bias),
         (rows, columns, normalised, scales, gain, dy, dx, d_gain, d_bias))
