// Loops over whole arrays, over rows, and reductions.

#include "approximations.h"

static KERNEL void add_body(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] += x[i];
}
DISPATCH(add, (int64_t n, const float *x, float *y), (n, x, y))

static KERNEL void sum_body(int64_t n, const float *restrict a, const float *restrict b, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}
DISPATCH(sum, (int64_t n, const float *a, const float *b, float *y), (n, a, b, y))

static KERNEL void scaled_add_body(int64_t n, float scale, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] += scale * x[i];
}
DISPATCH(scaled_add, (int64_t n, float scale, const float *x, float *y), (n, scale, x, y))

static KERNEL void scale_body(int64_t n, float scale, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] *= scale;
}
DISPATCH(scale, (int64_t n, float scale, float *y), (n, scale, y))

static KERNEL void sum_of_squares_body(int64_t n, const float *restrict x, double *restrict result) {
    double total = 0.0;
    for (int64_t start = 0; start < n; start += 4096) {
        int64_t end = start + 4096 < n ? start + 4096 : n;
        float part = 0.0f;
        for (int64_t i = start; i < end; i++) part += x[i] * x[i];
        total += part;
    }
    *result = total;
}
DISPATCH(sum_of_squares, (int64_t n, const float *x, double *result), (n, x, result))

static KERNEL void add_bias_body(int64_t rows, int64_t columns, const float *restrict bias, float *restrict y) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) y[r * columns + c] += bias[c];
}
DISPATCH(add_bias, (int64_t rows, int64_t columns, const float *bias, float *y), (rows, columns, bias, y))

static KERNEL void sum_rows_body(int64_t rows, int64_t columns, int64_t stride, const float *restrict x,
                                 float *restrict sums) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) sums[c] += x[r * stride + c];
}
DISPATCH(sum_rows, (int64_t rows, int64_t columns, int64_t stride, const float *x, float *sums),
         (rows, columns, stride, x, sums))

static KERNEL void relu_body(int64_t n, float *restrict x) {
    for (int64_t i = 0; i < n; i++) x[i] = x[i] > 0.0f ? x[i] : (x[i] != x[i] ? x[i] : 0.0f);
}
DISPATCH(relu, (int64_t n, float *x), (n, x))

static KERNEL void relu_backward_body(int64_t n, const float *restrict y, float *restrict dy) {
    for (int64_t i = 0; i < n; i++) dy[i] = y[i] > 0.0f ? dy[i] : 0.0f;
}
DISPATCH(relu_backward, (int64_t n, const float *y, float *dy), (n, y, dy))

static KERNEL void gelu_body(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) {
        float density;
        y[i] = x[i] * fast_normal(x[i], &density);
    }
}
DISPATCH(gelu, (int64_t n, const float *x, float *y), (n, x, y))

static KERNEL void gelu_backward_body(int64_t n, const float *restrict x, float *restrict dy) {
    for (int64_t i = 0; i < n; i++) {
        float density, below = fast_normal(x[i], &density);
        dy[i] *= below + x[i] * density;
    }
}
DISPATCH(gelu_backward, (int64_t n, const float *x, float *dy), (n, x, dy))

// A bias and what follows it in one pass.
static KERNEL void bias_relu_body(int64_t rows, int64_t columns, const float *restrict bias, float *restrict y) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) {
            float x = y[r * columns + c] + bias[c];
            y[r * columns + c] = x > 0.0f ? x : (x != x ? x : 0.0f);
        }
}
DISPATCH(bias_relu, (int64_t rows, int64_t columns, const float *bias, float *y), (rows, columns, bias, y))

static KERNEL void bias_relu_backward_body(int64_t rows, int64_t columns, const float *restrict y,
                                           float *restrict dy, float *restrict d_bias) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) {
            float d = y[r * columns + c] > 0.0f ? dy[r * columns + c] : 0.0f;
            dy[r * columns + c] = d;
            d_bias[c] += d;
        }
}
/// Overwrites `dy` by the gradient before the bias and adds to `d_bias`.
DISPATCH(bias_relu_backward, (int64_t rows, int64_t columns, const float *y, float *dy, float *d_bias),
         (rows, columns, y, dy, d_bias))

static KERNEL void bias_gelu_body(int64_t rows, int64_t columns, const float *restrict bias, float *restrict x,
                                  float *restrict y) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) {
            float density, sum = x[r * columns + c] + bias[c];
            x[r * columns + c] = sum;
            y[r * columns + c] = sum * fast_normal(sum, &density);
        }
}
/// Adds the bias to `x`, which the way back needs.
DISPATCH(bias_gelu, (int64_t rows, int64_t columns, const float *bias, float *x, float *y),
         (rows, columns, bias, x, y))

static KERNEL void bias_gelu_backward_body(int64_t rows, int64_t columns, const float *restrict x,
                                           float *restrict dy, float *restrict d_bias) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) {
            float density, z = x[r * columns + c], below = fast_normal(z, &density);
            float d = dy[r * columns + c] * (below + z * density);
            dy[r * columns + c] = d;
            d_bias[c] += d;
        }
}
/// Likewise, `x` being what is activated.
DISPATCH(bias_gelu_backward, (int64_t rows, int64_t columns, const float *x, float *dy, float *d_bias),
         (rows, columns, x, dy, d_bias))

static KERNEL void tanh_body(int64_t n, float *restrict x) {
    for (int64_t i = 0; i < n; i++) x[i] = fast_tanh(x[i]);
}
DISPATCH(tanh, (int64_t n, float *x), (n, x))

static KERNEL void tanh_backward_body(int64_t n, const float *restrict y, float *restrict dy) {
    for (int64_t i = 0; i < n; i++) dy[i] *= 1.0f - y[i] * y[i];
}
DISPATCH(tanh_backward, (int64_t n, const float *y, float *dy), (n, y, dy))

static KERNEL void exp_body(int64_t n, float *restrict x) {
    for (int64_t i = 0; i < n; i++) x[i] = fast_exp(x[i]);
}
DISPATCH(exp, (int64_t n, float *x), (n, x))

static KERNEL void transpose_body(int64_t rows, int64_t columns, const float *restrict x, float *restrict y) {
    for (int64_t r0 = 0; r0 < rows; r0 += 16)
        for (int64_t c0 = 0; c0 < columns; c0 += 16) {
            int64_t r1 = r0 + 16 < rows ? r0 + 16 : rows, c1 = c0 + 16 < columns ? c0 + 16 : columns;
            for (int64_t c = c0; c < c1; c++)
                for (int64_t r = r0; r < r1; r++) y[c * rows + r] = x[r * columns + c];
        }
}
DISPATCH(transpose, (int64_t rows, int64_t columns, const float *x, float *y), (rows, columns, x, y))

// Dropout by a counter: the mask of element i depends on (key, i) alone, so that it can be made again.
static KERNEL uint32_t hash32(uint32_t x) {
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return x;
}

static KERNEL float dropped(float x, int64_t i, uint32_t low, uint32_t high, uint32_t threshold, float scale) {
    uint32_t h = hash32(((uint32_t)i ^ low) * 0x9e3779b9u + high);
    h = hash32(h + low);
    return h >= threshold ? x * scale : 0.0f;
}

static KERNEL uint32_t dropout_threshold(float rate) { return (uint32_t)((double)rate * 4294967296.0); }

static KERNEL void dropout_body(int64_t n, uint64_t key, float rate, const float *restrict x, float *restrict y) {
    uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32), threshold = dropout_threshold(rate);
    float scale = 1.0f / (1.0f - rate);
    for (int64_t i = 0; i < n; i++) y[i] = dropped(x[i], i, low, high, threshold, scale);
}
DISPATCH(dropout, (int64_t n, uint64_t key, float rate, const float *x, float *y), (n, key, rate, x, y))

static KERNEL void dropout_sum_body(int64_t n, uint64_t key, float rate, const float *restrict x,
                                    const float *restrict branch, float *restrict y) {
    uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32), threshold = dropout_threshold(rate);
    float scale = 1.0f / (1.0f - rate);
    for (int64_t i = 0; i < n; i++) y[i] = x[i] + dropped(branch[i], i, low, high, threshold, scale);
}
/// y = x + dropout(branch).
DISPATCH(dropout_sum, (int64_t n, uint64_t key, float rate, const float *x, const float *branch, float *y),
         (n, key, rate, x, branch, y))

// -log(-log(u)) for u uniform in (0, 1), by the same counter.
static KERNEL void gumbel_body(int64_t n, uint64_t key, float *restrict y) {
    uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32);
    for (int64_t i = 0; i < n; i++) {
        uint32_t h = hash32(((uint32_t)i ^ low) * 0x9e3779b9u + high);
        h = hash32(h + low) >> 9;
        float u = ((float)(int32_t)h + 0.5f) * 0x1p-23f;
        y[i] = -fast_log(-fast_log(u));
    }
}
DISPATCH(gumbel, (int64_t n, uint64_t key, float *y), (n, key, y))
