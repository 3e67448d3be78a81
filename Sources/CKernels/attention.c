// Additive attention of one query row over one memory (Bahdanau et al. 2015, eq. 5-6):
//
//     e[t] = v . tanh(k[t] + q)    a = softmax(e)    c = sum_t a[t] h[t]
//
// Keys are [time, width], values [time, depth]. The hyperbolic tangent, which is nearly all of the work, is taken
// apart: with K = exp(2k) once per utterance and Q = exp(2q) once per step,
//
//     s = 1 / (1 + K Q)    tanh(k + q) = 1 - 2 s    its derivative = 4 s (1 - s)
//
// so that an energy costs a fraction of a division. The sum of v is the same in all energies and left out. K Q may
// overflow or vanish: s is then 0 or 1, as it should be. Only where k and q are beyond 43 and of opposite sign is it
// wrong (K and Q are kept finite).

#include "approximations.h"

/// K Q is cut here so that the product of two denominators stays finite; s = 1e-18 counts as 0.
static const float largest_exponential = 1e18f;

static KERNEL float denominator(float key, float query) {
    float x = key * query;
    return 1.0f + (x > largest_exponential ? largest_exponential : x);
}

static KERNEL void attention_exponentials_body(int64_t n, float *restrict x) {
    for (int64_t i = 0; i < n; i++) {
        float twice = 2.0f * x[i];
        twice = twice > 86.0f ? 86.0f : twice;
        twice = twice < -86.0f ? -86.0f : twice;
        x[i] = fast_exp(twice);
    }
}
/// Overwrites keys or queries x by exp(2 x).
DISPATCH(attention_exponentials, (int64_t n, float *x), (n, x))

static KERNEL void softmax_in_place(int64_t n, float *restrict x) {
    float top = x[0];
    for (int64_t i = 1; i < n; i++) top = x[i] > top ? x[i] : top;
    float total = 0.0f;
    for (int64_t i = 0; i < n; i++) {
        x[i] = fast_exp(x[i] - top);
        total += x[i];
    }
    float scale = 1.0f / total;
    for (int64_t i = 0; i < n; i++) x[i] *= scale;
}

/// The energies of two steps, which share one division an element.
static KERNEL void energy_pair(int64_t width, const float *restrict k0, const float *restrict k1,
                               const float *restrict query, const float *restrict v, float *restrict energies) {
    float e0 = 0.0f, e1 = 0.0f;
    for (int64_t j = 0; j < width; j++) {
        float d0 = denominator(k0[j], query[j]), d1 = denominator(k1[j], query[j]);
        float scaled = v[j] / (d0 * d1);
        e0 += scaled * d1;
        e1 += scaled * d0;
    }
    energies[0] = -2.0f * e0;
    energies[1] = -2.0f * e1;
}

static KERNEL void additive_attention_body(int64_t time, int64_t width, int64_t depth, const float *restrict keys,
                                           const float *restrict values, const float *restrict query,
                                           const float *restrict v, float *restrict weights,
                                           float *restrict context) {
    memset(context, 0, (size_t)depth * sizeof(float));
    if (time == 0) return;
    int64_t t = 0;
    for (; t + 2 <= time; t += 2) energy_pair(width, keys + t * width, keys + (t + 1) * width, query, v, weights + t);
    if (t < time) {
        float twice[2];
        energy_pair(width, keys + t * width, keys + t * width, query, v, twice);
        weights[t] = twice[0];
    }
    softmax_in_place(time, weights);
    for (t = 0; t + 8 <= time; t += 8) {
        const float *restrict h = values + t * depth, *restrict a = weights + t;
        for (int64_t j = 0; j < depth; j++)
            context[j] += ((a[0] * h[j] + a[1] * h[depth + j]) + (a[2] * h[2 * depth + j] + a[3] * h[3 * depth + j]))
                        + ((a[4] * h[4 * depth + j] + a[5] * h[5 * depth + j])
                           + (a[6] * h[6 * depth + j] + a[7] * h[7 * depth + j]));
    }
    for (; t < time; t++)
        for (int64_t j = 0; j < depth; j++) context[j] += weights[t] * values[t * depth + j];
}
/// `keys` and `query` as `steno_attention_exponentials` leaves them.
DISPATCH(additive_attention,
         (int64_t time, int64_t width, int64_t depth, const float *keys, const float *values, const float *query,
          const float *v, float *weights, float *context),
         (time, width, depth, keys, values, query, v, weights, context))

/// Two steps at once, with energies' gradients de0 and de1. `d_query` still lacks the factor 4 v, `d_v` the factor -2
/// (the gradients of all energies add to 0, so of the derivative 1 - 2 s only -2 s counts).
static KERNEL void energy_pair_backward(int64_t width, const float *restrict k0, const float *restrict k1,
                                        const float *restrict query, const float *restrict v, float de0, float de1,
                                        float *restrict dk0, float *restrict dk1, float *restrict d_query,
                                        float *restrict d_v) {
    for (int64_t j = 0; j < width; j++) {
        float d0 = denominator(k0[j], query[j]), d1 = denominator(k1[j], query[j]);
        float both = 1.0f / (d0 * d1);
        float s0 = both * d1, s1 = both * d0;
        float p0 = de0 * s0, p1 = de1 * s1;
        float m0 = p0 - p0 * s0, m1 = p1 - p1 * s1;
        float factor = 4.0f * v[j];
        dk0[j] += factor * m0;
        dk1[j] += factor * m1;
        d_query[j] += m0 + m1;
        d_v[j] += p0 + p1;
    }
}

static KERNEL void additive_attention_backward_body(int64_t time, int64_t width, int64_t depth,
                                                    const float *restrict keys, const float *restrict values,
                                                    const float *restrict query, const float *restrict v,
                                                    const float *restrict weights, const float *restrict d_context,
                                                    const float *restrict d_weights, float *restrict scratch,
                                                    float *restrict d_keys, float *restrict d_query,
                                                    float *restrict d_v) {
    float *restrict d_energies = scratch, *restrict d_v_part = scratch + time, *restrict unused = d_v_part + width;
    memset(d_query, 0, (size_t)width * sizeof(float));
    memset(d_v_part, 0, (size_t)width * sizeof(float));
    float mean = 0.0f;
    for (int64_t t = 0; t < time; t++) {
        const float *restrict h = values + t * depth;
        float d = 0.0f;
        for (int64_t j = 0; j < depth; j++) d += h[j] * d_context[j];
        if (d_weights) d += d_weights[t];
        d_energies[t] = d;
        mean += weights[t] * d;
    }
    for (int64_t t = 0; t < time; t++) d_energies[t] = weights[t] * (d_energies[t] - mean);
    int64_t t = 0;
    for (; t + 2 <= time; t += 2)
        energy_pair_backward(width, keys + t * width, keys + (t + 1) * width, query, v, d_energies[t],
                             d_energies[t + 1], d_keys + t * width, d_keys + (t + 1) * width, d_query, d_v_part);
    if (t < time)
        energy_pair_backward(width, keys + t * width, keys + t * width, query, v, d_energies[t], 0.0f,
                             d_keys + t * width, unused, d_query, d_v_part);
    for (int64_t j = 0; j < width; j++) {
        d_query[j] *= 4.0f * v[j];
        d_v[j] -= 2.0f * d_v_part[j];
    }
}
/// `d_weights` [time] is what else depends on the weights, or null; `scratch` holds time + 2 width floats. Adds to
/// `d_keys` and `d_v`, overwrites `d_query`. The gradient of the values is a product over all queries, which the
/// caller makes.
DISPATCH(additive_attention_backward,
         (int64_t time, int64_t width, int64_t depth, const float *keys, const float *values, const float *query,
          const float *v, const float *weights, const float *d_context, const float *d_weights, float *scratch,
          float *d_keys, float *d_query, float *d_v),
         (time, width, depth, keys, values, query, v, weights, d_context, d_weights, scratch, d_keys, d_query, d_v))

static KERNEL void surroundings_body(int64_t time, int64_t size, const float *restrict x, float *restrict rows) {
    int64_t pad = (size - 1) / 2;
    for (int64_t t = 0; t < time; t++)
        for (int64_t k = 0; k < size; k++) {
            int64_t source = t + k - pad;
            rows[t * size + k] = source >= 0 && source < time ? x[source] : 0.0f;
        }
}
/// Rows [time, size] of what surrounds each of x [time], 0 outside: rows[t, k] = x[t + k - (size - 1) / 2].
DISPATCH(surroundings, (int64_t time, int64_t size, const float *x, float *rows), (time, size, x, rows))

static KERNEL void surroundings_backward_body(int64_t time, int64_t size, const float *restrict d_rows,
                                              float *restrict dx) {
    int64_t pad = (size - 1) / 2;
    for (int64_t t = 0; t < time; t++) {
        int64_t first = t < pad ? pad - t : 0, end = time - t + pad < size ? time - t + pad : size;
        for (int64_t k = first; k < end; k++) dx[t + k - pad] += d_rows[t * size + k];
    }
}
/// Adds each row's gradient to where it came from.
DISPATCH(surroundings_backward, (int64_t time, int64_t size, const float *d_rows, float *dx), (time, size, d_rows, dx))
