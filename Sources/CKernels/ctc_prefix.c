// Prefix probabilities of connectionist temporal classification, for search (Watanabe et al. 2017, "Hybrid
// CTC/attention architecture", algorithm 2; Hori, Watanabe, Hershey 2017, "Joint CTC/attention decoding").
//
// For a text g let n[t] and b[t] be the probabilities that the first t frames spell g and end in its last symbol or in
// a blank. With f = n + b (only b where symbol c repeats the last one of g, since a blank must part the two),
//
//     n'[t + 1] = (n'[t] + f[t]) p[t, c]      b'[t + 1] = (b'[t] + n'[t]) p[t, blank]
//
// are those of g c, and the prefix probability, that the text begins with g c, is the sum of f[t] p[t, c] over t: one
// matrix product for all symbols. So n and b are only computed for continuations that are kept. All is in the log
// domain and relative to the prefix probability of g, which keeps f near 1 where it matters, however long the text.
//
// Hypotheses of one utterance are the columns of [time, width] arrays, width a multiple of STENO_CTC_LANES.

#include "approximations.h"

#define LANES STENO_CTC_LANES

static const float log_zero = -1e30f;

static KERNEL float log_add(float a, float b) {
    float top = a > b ? a : b, low = a > b ? b : a;
    return top + fast_log(1.0f + fast_exp(low - top));
}

static KERNEL float log_of_probability(float p) { return p >= 1.17549435e-38f ? fast_log(p) : -INFINITY; }

static KERNEL void ctc_prefix_start_body(int64_t time, int64_t symbols, int64_t width,
                                         const float *restrict log_probabilities, int32_t blank,
                                         float *restrict prefix, float *restrict blanks, float *restrict weights) {
    float total = 0.0f;
    for (int64_t t = 0; t <= time; t++) {
        float weight = fast_exp(total);
        for (int64_t i = 0; i < width; i++) prefix[t * width + i] = blanks[t * width + i] = total;
        if (t == time) break;
        for (int64_t i = 0; i < width; i++) weights[t * width + i] = weight;
        total += log_probabilities[t * symbols + blank];
    }
}
DISPATCH(ctc_prefix_start,
         (int64_t time, int64_t symbols, int64_t width, const float *log_probabilities, int32_t blank, float *prefix,
          float *blanks, float *weights),
         (time, symbols, width, log_probabilities, blank, prefix, blanks, weights))

static KERNEL void ctc_prefix_advance_body(int64_t time, int64_t symbols, const float *restrict log_probabilities,
                                           int32_t blank, int64_t old_width, const float *restrict old_prefix,
                                           const float *restrict old_blanks, int64_t width,
                                           const int32_t *restrict parents, const int32_t *restrict last,
                                           const int32_t *restrict tokens, const float *restrict gains,
                                           float *restrict prefix, float *restrict blanks, float *restrict weights,
                                           float *restrict repeats) {
    for (int64_t first = 0; first < width; first += LANES) {
        const float *from[LANES], *emissions[LANES];
        float ends[LANES], pauses[LANES], sums[LANES], offset[LANES];
        for (int i = 0; i < LANES; i++) {
            int64_t column = first + i;
            from[i] = (tokens[column] == last[column] ? old_blanks : old_prefix) + parents[column];
            emissions[i] = log_probabilities + tokens[column];
            offset[i] = gains[column];
            ends[i] = pauses[i] = log_zero;
            sums[i] = 0.0f;
            prefix[column] = blanks[column] = log_zero;
            weights[column] = 0.0f;
        }
        for (int64_t t = 0; t < time; t++) {
            float before[LANES], emission[LANES], whole[LANES], weight[LANES];
            for (int i = 0; i < LANES; i++) {
                before[i] = from[i][t * old_width];
                emission[i] = emissions[i][t * symbols];
            }
            float pause = log_probabilities[t * symbols + blank];
            INDEPENDENT
            for (int i = 0; i < LANES; i++) {
                sums[i] += fast_exp(pauses[i] + emission[i]);
                float end = log_add(ends[i], before[i] - offset[i]) + emission[i];
                float rest = log_add(pauses[i], ends[i]) + pause;
                ends[i] = end;
                pauses[i] = rest;
                whole[i] = log_add(end, rest);
                weight[i] = fast_exp(whole[i]);
            }
            memcpy(prefix + (t + 1) * width + first, whole, sizeof whole);
            memcpy(blanks + (t + 1) * width + first, pauses, sizeof pauses);
            if (t + 1 < time) memcpy(weights + (t + 1) * width + first, weight, sizeof weight);
        }
        memcpy(repeats + first, sums, sizeof sums);
    }
}
DISPATCH(ctc_prefix_advance,
         (int64_t time, int64_t symbols, const float *log_probabilities, int32_t blank, int64_t old_width,
          const float *old_prefix, const float *old_blanks, int64_t width, const int32_t *parents, const int32_t *last,
          const int32_t *tokens, const float *gains, float *prefix, float *blanks, float *weights, float *repeats),
         (time, symbols, log_probabilities, blank, old_width, old_prefix, old_blanks, width, parents, last, tokens,
          gains, prefix, blanks, weights, repeats))

static KERNEL void ctc_prefix_scores_body(int64_t rows, int64_t symbols, const float *restrict sums,
                                          const float *restrict ends, const float *restrict repeats,
                                          const int32_t *restrict last, int32_t blank, int32_t end,
                                          float *restrict scores) {
    for (int64_t r = 0; r < rows; r++) {
        float *restrict row = scores + r * symbols;
        for (int64_t s = 0; s < symbols; s++) row[s] = log_of_probability(sums[r * symbols + s]);
        if (last[r] >= 0) row[last[r]] = log_of_probability(repeats[r]);
        row[blank] = -INFINITY;
        row[end] = ends[r] > -1e29f ? ends[r] : -INFINITY;
    }
}
DISPATCH(ctc_prefix_scores,
         (int64_t rows, int64_t symbols, const float *sums, const float *ends, const float *repeats,
          const int32_t *last, int32_t blank, int32_t end, float *scores),
         (rows, symbols, sums, ends, repeats, last, blank, end, scores))
