// Connectionist temporal classification (Graves et al. 2006), in the log domain. Each frame's forward and backward
// variables are kept relative to the frame's largest, whose sum is carried in double precision, so that long
// utterances lose no digits.

#include "approximations.h"

static const float log_zero = -1e30f;

static KERNEL float log_add3(float a, float b, float c) {
    float top = a > b ? a : b;
    top = top > c ? top : c;
    return top + fast_log(fast_exp(a - top) + fast_exp(b - top) + fast_exp(c - top));
}

/// Takes the largest value off a row and returns it.
static KERNEL float take_off_maximum(int64_t n, float *restrict row) {
    float top = row[0];
    for (int64_t s = 1; s < n; s++) top = row[s] > top ? row[s] : top;
    for (int64_t s = 0; s < n; s++) row[s] -= top;
    return top;
}

static KERNEL void ctc_body(int64_t time, int64_t symbols, const float *restrict log_probabilities, int64_t count,
                            const int32_t *restrict labels, int32_t blank, float *restrict scratch,
                            double *restrict loss, float *restrict d_logits) {
    int64_t states = 2 * count + 1, width = states + 4;  // two columns of log 0 on either side
    float *alphas = scratch, *skip = alphas + time * width, *emission = skip + width, *beta = emission + width,
          *next = beta + width;
    for (int64_t i = 0; i < (time + 4) * width; i++) scratch[i] = log_zero;
    for (int64_t s = 3; s < states; s += 2) skip[s + 2] = labels[s / 2] != labels[s / 2 - 1] ? 0.0f : log_zero;

    double total = 0.0;
    for (int64_t t = 0; t < time; t++) {
        const float *restrict p = log_probabilities + t * symbols;
        float *restrict row = alphas + t * width + 2;
        for (int64_t s = 0; s < states; s++) emission[s] = p[s % 2 ? labels[s / 2] : blank];
        if (t == 0) {
            row[0] = emission[0];
            if (count > 0) row[1] = emission[1];
        } else {
            const float *restrict last = row - width;
            for (int64_t s = 0; s < states; s++)
                row[s] = log_add3(last[s], last[s - 1], last[s - 2] + skip[s + 2]) + emission[s];
        }
        total += take_off_maximum(states, row);
    }
    const float *last = alphas + (time - 1) * width + 2;
    float end = log_add3(last[states - 1], count > 0 ? last[states - 2] : log_zero, log_zero);
    double likelihood = total + end;
    if (!(likelihood > -1e29) && likelihood == likelihood) {  // the labels do not fit into the frames
        *loss = INFINITY;
        memset(d_logits, 0, (size_t)(time * symbols) * sizeof(float));
        return;
    }
    *loss = -likelihood;

    for (int64_t i = 0; i < time * symbols; i++) d_logits[i] = fast_exp(log_probabilities[i]);
    beta += 2;
    next += 2;
    beta[states - 1] = 0.0f;
    if (count > 0) beta[states - 2] = 0.0f;
    for (int64_t t = time - 1; t >= 0; t--) {
        // The posterior of state s at t is alpha[s] + beta[s], normalised over s.
        const float *restrict alpha = alphas + t * width + 2;
        float *restrict d = d_logits + t * symbols;
        float sum = 0.0f, top = log_zero;
        for (int64_t s = 0; s < states; s++) {
            emission[s] = alpha[s] + beta[s];
            top = emission[s] > top ? emission[s] : top;
        }
        for (int64_t s = 0; s < states; s++) {
            emission[s] = fast_exp(emission[s] - top);
            sum += emission[s];
        }
        float scale = 1.0f / sum;
        for (int64_t s = 0; s < states; s++) d[s % 2 ? labels[s / 2] : blank] -= emission[s] * scale;
        if (t == 0) break;
        const float *restrict p = log_probabilities + t * symbols;
        for (int64_t s = 0; s < states; s++) next[s] = beta[s] + p[s % 2 ? labels[s / 2] : blank];
        for (int64_t s = 0; s < states; s++)
            beta[s] = log_add3(next[s], next[s + 1], next[s + 2] + skip[s + 4]);
        take_off_maximum(states, beta);
    }
}
/// Loss of one utterance and the gradient of its logits (the loss is infinite and the gradient 0 when the labels do
/// not fit). `log_probabilities` and `d_logits` are [time, symbols], time at least 1; `scratch` holds
/// (time + 4) (2 count + 5) floats.
DISPATCH(ctc,
         (int64_t time, int64_t symbols, const float *log_probabilities, int64_t count, const int32_t *labels,
          int32_t blank, float *scratch, double *loss, float *d_logits),
         (time, symbols, log_probabilities, count, labels, blank, scratch, loss, d_logits))
