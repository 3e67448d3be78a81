// Log-softmax over rows, and cross-entropy with label smoothing.

#include "approximations.h"
#include "maximum.h"

static KERNEL float log_sum_exp(int64_t n, const float *restrict x) {
    float top = maximum(n, x);
    if (top == -INFINITY) top = 0.0f;  // all of them, or not a number, which shows below
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
                                      float *restrict losses, float *restrict totals) {
    float flat = smoothing / (float)columns;
    for (int64_t r = 0; r < rows; r++) {
        const float *restrict x = logits + r * columns;
        losses[r] = totals[r] = 0.0f;
        if (targets[r] == ignored) continue;
        float total = log_sum_exp(columns, x), sum = 0.0f;
        if (smoothing > 0.0f)
            for (int64_t c = 0; c < columns; c++) sum += x[c];
        totals[r] = total;
        losses[r] = total - (1.0f - smoothing) * x[targets[r]] - flat * sum;
    }
}
/// Losses [rows]; rows whose target is `ignored` give 0. `totals` [rows] is what the way back needs.
DISPATCH(cross_entropy,
         (int64_t rows, int64_t columns, const float *logits, const int32_t *targets, int32_t ignored, float smoothing,
          float *losses, float *totals),
         (rows, columns, logits, targets, ignored, smoothing, losses, totals))

static KERNEL void cross_entropy_backward_body(int64_t rows, int64_t columns, const float *logits,
                                               const int32_t *restrict targets, int32_t ignored, float smoothing,
                                               float scale, const float *restrict totals, float *d_logits) {
    float flat = scale * smoothing / (float)columns;
    for (int64_t r = 0; r < rows; r++) {
        const float *x = logits + r * columns;
        float *d = d_logits + r * columns;
        if (targets[r] == ignored) {
            memset(d, 0, (size_t)columns * sizeof(float));
            continue;
        }
        const float total = totals[r];
        INDEPENDENT
        for (int64_t c = 0; c < columns; c++) d[c] = scale * fast_exp(x[c] - total) - flat;
        d[targets[r]] -= scale * (1.0f - smoothing);
    }
}
/// The gradient of `scale` times the sum of the losses; `d_logits` may be `logits`.
DISPATCH(cross_entropy_backward,
         (int64_t rows, int64_t columns, const float *logits, const int32_t *targets, int32_t ignored, float smoothing,
          float scale, const float *totals, float *d_logits),
         (rows, columns, logits, targets, ignored, smoothing, scale, totals, d_logits))
