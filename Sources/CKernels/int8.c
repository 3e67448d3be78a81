// Matrices as 8-bit integers with a scale for each column, to store weights: x[i, j] = scales[j] q[i, j]. The scale is a
// 127th of the column's largest magnitude, so that no number is off by more than half of it.

#include "approximations.h"

static KERNEL void int8_from_float_body(int64_t rows, int64_t columns, const float *restrict x, int8_t *restrict q,
                                        float *restrict scales) {
    memset(scales, 0, (size_t)columns * sizeof(float));
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            float magnitude = fabsf(x[i * columns + j]);
            scales[j] = magnitude > scales[j] ? magnitude : scales[j];
        }
    for (int64_t j = 0; j < columns; j++) scales[j] /= 127.0f;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            float scaled = scales[j] > 0.0f ? x[i * columns + j] / scales[j] : 0.0f;
            // Written so that what is no number becomes one, too.
            scaled = scaled < 127.0f ? scaled : 127.0f;
            scaled = scaled > -127.0f ? scaled : -127.0f;
            q[i * columns + j] = (int8_t)lrintf(scaled);
        }
}
/// Of x [rows, columns]; to the nearest, ties to even.
DISPATCH(int8_from_float, (int64_t rows, int64_t columns, const float *x, int8_t *q, float *scales),
         (rows, columns, x, q, scales))

static KERNEL void float_from_int8_body(int64_t rows, int64_t columns, const int8_t *restrict q,
                                        const float *restrict scales, float *restrict x) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) x[i * columns + j] = scales[j] * (float)q[i * columns + j];
}
DISPATCH(float_from_int8, (int64_t rows, int64_t columns, const int8_t *q, const float *scales, float *x),
         (rows, columns, q, scales, x))
