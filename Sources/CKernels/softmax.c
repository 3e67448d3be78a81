// Log-softmax over rows, and cross-entropy with label smoothing.

#include "approximations.h"

static KERNEL float log_sum_exp(int64_t n, const float *restrict x) {
    float top = x[0];
    for (int64_t i = 1; i < n; i++) top = x[i] > top ? x[i] : top;
    if (!(top > -INFINITY)) return top;
    float total = 0.0f;
    for (int64_t i = 0; i < n; i++) total += fast_exp(x[i] - top);
    return top + logf(total);
}

static KERNEL void log_softmax_body(int64_t rows, int64_t columns, const float *restrict x, float *restrict y) {
    for (int64_t r = 0; r < rows; r++) {
        float total = log_sum_exp(columns, x + r * columns);
        for (int64_t c = 0; c < columns; c++) y[r * columns + c] = x[r * columns + c] - total;
    }
}
DISPATCH(log_softmax, (int64_t rows, int64_t columns, const float *x, float *y), (rows, columns, x, y))

static KERNEL void cross_entropy_body(int64_t rows, int64_t columns, const float *restrict logits,
                                      const int32_t *restrict targets, int32_t ignored, float smoothing,
                                      float *restrict losses, float *restrict d_logits) {
    float flat = smoothing / (float)columns;
    for (int64_t r = 0; r < rows; r++) {
        const float *restrict x = logits + r * columns;
        float *restrict d = d_logits + r * columns;
        if (targets[r] == ignored) {
            losses[r] = 0.0f;
            memset(d, 0, (size_t)columns * sizeof(float));
            continue;
        }
        float total = log_sum_exp(columns, x);
        float sum = 0.0f;
        for (int64_t c = 0; c < columns; c++) {
            sum += x[c];
            d[c] = fast_exp(x[c] - total) - flat;
        }
        d[targets[r]] -= 1.0f - smoothing;
        losses[r] = total - (1.0f - smoothing) * x[targets[r]] - flat * sum;
    }
}
/// Losses [rows] and the gradient of their sum; rows whose target is `ignored` give 0. `d_logits` may not overlap.
DISPATCH(cross_entropy,
         (int64_t rows, int64_t columns, const float *logits, const int32_t *targets, int32_t ignored, float smoothing,
          float *losses, float *d_logits),
         (rows, columns, logits, targets, ignored, smoothing, losses, d_logits))
