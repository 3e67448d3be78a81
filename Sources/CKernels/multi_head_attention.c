// Scaled dot-product attention with several heads (Vaswani et al. 2017, "Attention is all you need", section 3.2):
//
//     s[u,t] = q[u] . k[t] / sqrt(width)    p = softmax(s)    c[u] = sum_t p[u,t] v[t]
//
// for each head's columns of queries, keys and values. What an item has too few of (padding), and with `is_causal`
// the keys after a query's own place, has a weight of exactly 0.

#include "approximations.h"
#include "maximum.h"

/// Weights are kept in whole registers.
#define LANES 16
/// Before a loop over whole registers: nothing is left over for a slow remainder.
#define WHOLE _Pragma("clang loop vectorize_width(16) interleave_count(1)")
/// Queries whose weights are made at once, so that they stay in the first-level cache.
#define QUERIES 48

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t whole_registers(int64_t n) { return (n + LANES - 1) / LANES * LANES; }

/// Keys that count for a query.
static KERNEL int64_t visible(int64_t time, int64_t is_causal, int64_t query) {
    return is_causal && query + 1 < time ? query + 1 : time;
}

static KERNEL void attention_softmax_body(int64_t rows, int64_t first, int64_t time, int64_t is_causal,
                                          int64_t stride, float scale, float *restrict scores) {
    for (int64_t r = 0; r < rows; r++) {
        float *restrict x = scores + r * stride;
        const int64_t count = visible(time, is_causal, first + r), used = (count + LANES - 1) / LANES * LANES;
        WHOLE
        for (int64_t t = used - LANES; t < used; t++) x[t] = t < count ? x[t] : -INFINITY;
        const float top = scale * maximum(used, x);
        float total = 0.0f;
        WHOLE
        for (int64_t t = 0; t < used; t++) {
            const float y = fast_exp(scale * x[t] - top);
            x[t] = y;
            total += y;
        }
        const float factor = 1.0f / total;
        WHOLE
        for (int64_t t = 0; t < used; t++) x[t] *= factor;
        if (used < stride) memset(x + used, 0, (size_t)(stride - used) * sizeof(float));
    }
}
/// Overwrites scores of queries from number `first` on by softmax(scale scores) over the keys that count, 0 up to
/// `stride`, a multiple of 16.
DISPATCH(attention_softmax,
         (int64_t rows, int64_t first, int64_t time, int64_t is_causal, int64_t stride, float scale, float *scores),
         (rows, first, time, is_causal, stride, scale, scores))

static KERNEL void attention_softmax_backward_body(int64_t rows, int64_t first, int64_t time, int64_t is_causal,
                                                   int64_t stride, float scale, const float *restrict weights,
                                                   float *restrict gradients) {
    for (int64_t r = 0; r < rows; r++) {
        const float *restrict p = weights + r * stride;
        float *restrict d = gradients + r * stride;
        const int64_t count = visible(time, is_causal, first + r), used = (count + LANES - 1) / LANES * LANES;
        float mean = 0.0f;
        WHOLE
        for (int64_t t = 0; t < used; t++) mean += p[t] * d[t];
        WHOLE
        for (int64_t t = 0; t < used; t++) d[t] = scale * p[t] * (d[t] - mean);
        if (used < stride) memset(d + used, 0, (size_t)(stride - used) * sizeof(float));
    }
}
/// Overwrites the gradients of weights by those of scores.
DISPATCH(attention_softmax_backward,
         (int64_t rows, int64_t first, int64_t time, int64_t is_causal, int64_t stride, float scale,
          const float *weights, float *gradients),
         (rows, first, time, is_causal, stride, scale, weights, gradients))

/// Columns of a transpose that stand together: a piece of `TILE * width` floats stays in the first-level cache.
#define TILE 64

/// The transpose of x [time, width] in pieces of `TILE` columns, [width, TILE] each, the last as wide as it must be.
static void transpose_tiles(int64_t time, int64_t width, int64_t stride, const float *x, float *tiles) {
    for (int64_t t = 0; t < time; t += TILE)
        steno_transpose_padded(smaller(time - t, TILE), width, stride, x + t * stride,
                               smaller(whole_registers(time - t), TILE), tiles + t * width);
}

/// C [rows, seen] = A [rows, width] times such a transpose, in whole registers.
static void product_with_tiles(int64_t rows, int64_t seen, int64_t time, int64_t width, const float *a, int64_t lda,
                               const float *tiles, float *c, int64_t ldc) {
    for (int64_t t = 0; t < seen; t += TILE)
        steno_strided_product(rows, smaller(whole_registers(seen - t), TILE), width, a, lda, 1, tiles + t * width,
                              smaller(whole_registers(time - t), TILE), c + t, ldc);
}

static void clear_rows(int64_t rows, int64_t columns, int64_t stride, float *x) {
    for (int64_t r = 0; r < rows; r++) memset(x + r * stride, 0, (size_t)columns * sizeof(float));
}

int64_t steno_attention_stride(int64_t time) { return whole_registers(time); }

int64_t steno_attention_scratch(const steno_attention_t *a, int64_t is_backward) {
    return (a->width + (is_backward ? a->queries : smaller(a->queries, QUERIES))) * whole_registers(a->time);
}

void steno_multi_head_attention(const steno_attention_t *a, int64_t from, int64_t to, float *output, float *weights,
                                float *scratch) {
    const int64_t width = a->width, columns = a->heads * width, stride = whole_registers(a->time);
    const float scale = 1.0f / sqrtf((float)width);
    float *keys = scratch, *own = scratch + width * stride;
    for (int64_t pair = from; pair < to; pair++) {
        const int64_t item = pair / a->heads, head = pair % a->heads;
        const int64_t time = a->lengths[item], ran = time > 0 ? a->query_lengths[item] : 0;
        const float *q = a->q + item * a->queries * a->q_stride + head * width;
        const float *k = a->k + item * a->time * a->k_stride + head * width;
        const float *v = a->v + item * a->time * a->v_stride + head * width;
        float *out = output + item * a->queries * columns + head * width;
        float *p = weights ? weights + pair * a->queries * stride : NULL;
        if (ran > 0) transpose_tiles(time, width, a->k_stride, k, keys);
        for (int64_t i = 0; i < ran; i += QUERIES) {
            const int64_t rows = smaller(ran - i, QUERIES), seen = a->is_causal ? smaller(time, i + rows) : time;
            float *block = p ? p + i * stride : own;
            product_with_tiles(rows, seen, time, width, q + i * a->q_stride, a->q_stride, keys, block, stride);
            steno_attention_softmax(rows, i, time, a->is_causal, stride, scale, block);
            steno_strided_product(rows, width, seen, block, stride, 1, v, a->v_stride, out + i * columns, columns);
        }
        clear_rows(a->queries - ran, width, columns, out + ran * columns);
    }
}

void steno_multi_head_attention_backward(const steno_attention_t *a, int64_t from, int64_t to, const float *weights,
                                         const float *d_output, float *d_q, int64_t d_q_stride, float *d_k,
                                         int64_t d_k_stride, float *d_v, int64_t d_v_stride, float *scratch) {
    const int64_t width = a->width, columns = a->heads * width, stride = whole_registers(a->time);
    const float scale = 1.0f / sqrtf((float)width);
    float *values = scratch, *d_scores = scratch + width * stride;
    for (int64_t pair = from; pair < to; pair++) {
        const int64_t item = pair / a->heads, head = pair % a->heads;
        const int64_t time = a->lengths[item], ran = time > 0 ? a->query_lengths[item] : 0;
        const float *q = a->q + item * a->queries * a->q_stride + head * width;
        const float *k = a->k + item * a->time * a->k_stride + head * width;
        const float *v = a->v + item * a->time * a->v_stride + head * width;
        const float *dc = d_output + item * a->queries * columns + head * width;
        const float *p = weights + pair * a->queries * stride;
        float *dq = d_q + item * a->queries * d_q_stride + head * width;
        float *dk = d_k + item * a->time * d_k_stride + head * width;
        float *dv = d_v + item * a->time * d_v_stride + head * width;
        if (ran > 0) transpose_tiles(time, width, a->v_stride, v, values);
        for (int64_t i = 0; i < ran; i += QUERIES) {
            const int64_t rows = smaller(ran - i, QUERIES), seen = a->is_causal ? smaller(time, i + rows) : time;
            float *block = d_scores + i * stride;
            product_with_tiles(rows, seen, time, width, dc + i * columns, columns, values, block, stride);
            steno_attention_softmax_backward(rows, i, time, a->is_causal, stride, scale, p + i * stride, block);
            steno_strided_product(rows, width, seen, block, stride, 1, k, a->k_stride, dq + i * d_q_stride,
                                  d_q_stride);
        }
        clear_rows(a->queries - ran, width, d_q_stride, dq + ran * d_q_stride);
        const int64_t used = ran > 0 ? time : 0;
        for (int64_t t = 0; t < used; t += QUERIES) {
            const int64_t rows = smaller(used - t, QUERIES), first = a->is_causal ? smaller(t, ran) : 0;
            steno_strided_product(rows, width, ran - first, d_scores + first * stride + t, 1, stride,
                                  q + first * a->q_stride, a->q_stride, dk + t * d_k_stride, d_k_stride);
            steno_strided_product(rows, width, ran - first, p + first * stride + t, 1, stride, dc + first * columns,
                                  columns, dv + t * d_v_stride, d_v_stride);
        }
        clear_rows(a->time - used, width, d_k_stride, dk + used * d_k_stride);
        clear_rows(a->time - used, width, d_v_stride, dv + used * d_v_stride);
    }
}

static KERNEL void attention_mean_body(int64_t heads, int64_t queries, int64_t time, int64_t query_length,
                                       int64_t length, int64_t stride, const float *restrict weights,
                                       float *restrict mean) {
    const float share = 1.0f / (float)heads;
    memset(mean, 0, (size_t)(queries * time) * sizeof(float));
    for (int64_t h = 0; h < heads; h++)
        for (int64_t u = 0; u < query_length; u++) {
            const float *restrict p = weights + (h * queries + u) * stride;
            float *restrict m = mean + u * time;
            for (int64_t t = 0; t < length; t++) m[t] += share * p[t];
        }
}
/// The mean [queries, time] over the heads of one item's weights.
DISPATCH(attention_mean,
         (int64_t heads, int64_t queries, int64_t time, int64_t query_length, int64_t length, int64_t stride,
          const float *weights, float *mean),
         (heads, queries, time, query_length, length, stride, weights, mean))

static KERNEL void attention_step_body(int64_t rows, int64_t heads, int64_t width, int64_t time,
                                       const float *restrict queries, int64_t query_stride,
                                       const float *restrict keys, const float *restrict values, int64_t item_stride,
                                       int64_t step_stride, const int32_t *restrict owners,
                                       const int32_t *restrict lengths, float *restrict scratch,
                                       float *restrict output, float *restrict mean) {
    const float scale = 1.0f / sqrtf((float)width), share = 1.0f / (float)heads;
    for (int64_t r = 0; r < rows; r++) {
        const int64_t item = owners[r], count = lengths[item];
        float *restrict c = output + r * heads * width;
        memset(c, 0, (size_t)(heads * width) * sizeof(float));
        if (mean) memset(mean + r * time, 0, (size_t)time * sizeof(float));
        if (count == 0) continue;
        for (int64_t h = 0; h < heads; h++) {
            const float *restrict q = queries + r * query_stride + h * width;
            const float *restrict k = keys + item * item_stride + h * width;
            const float *restrict v = values + item * item_stride + h * width;
            float *restrict p = scratch;
            float *restrict out = c + h * width;
            int64_t t = 0;
            for (; t + 4 <= count; t += 4) {
                const float *restrict a = k + t * step_stride;
                float s0 = 0.0f, s1 = 0.0f, s2 = 0.0f, s3 = 0.0f;
                for (int64_t j = 0; j < width; j++) {
                    s0 += q[j] * a[j];
                    s1 += q[j] * a[step_stride + j];
                    s2 += q[j] * a[2 * step_stride + j];
                    s3 += q[j] * a[3 * step_stride + j];
                }
                p[t] = s0;
                p[t + 1] = s1;
                p[t + 2] = s2;
                p[t + 3] = s3;
            }
            for (; t < count; t++) {
                float sum = 0.0f;
                for (int64_t j = 0; j < width; j++) sum += q[j] * k[t * step_stride + j];
                p[t] = sum;
            }
            attention_softmax_body(1, 0, count, 0, (count + LANES - 1) / LANES * LANES, scale, p);
            for (t = 0; t + 4 <= count; t += 4) {
                const float *restrict a = v + t * step_stride;
                for (int64_t j = 0; j < width; j++)
                    out[j] += (p[t] * a[j] + p[t + 1] * a[step_stride + j])
                            + (p[t + 2] * a[2 * step_stride + j] + p[t + 3] * a[3 * step_stride + j]);
            }
            for (; t < count; t++)
                for (int64_t j = 0; j < width; j++) out[j] += p[t] * v[t * step_stride + j];
            if (mean)
                for (t = 0; t < count; t++) mean[r * time + t] += share * p[t];
        }
    }
}
/// One query a row, [rows, heads width] with rows `query_stride` apart, over the keys and values of item `owners[r]`,
/// whose `lengths[item]` steps are `step_stride` apart. `scratch` holds `steno_attention_stride(time)` floats; `mean`
/// [rows, time], the mean weights over heads, may be null.
DISPATCH(attention_step,
         (int64_t rows, int64_t heads, int64_t width, int64_t time, const float *queries, int64_t query_stride,
          const float *keys, const float *values, int64_t item_stride, int64_t step_stride, const int32_t *owners,
          const int32_t *lengths, float *scratch, float *output, float *mean),
         (rows, heads, width, time, queries, query_stride, keys, values, item_stride, step_stride, owners, lengths,
          scratch, output, mean))
