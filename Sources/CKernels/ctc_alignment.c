// The most likely alignment of a known text under connectionist temporal classification (Viterbi).
//
// States are blank, label 0, blank, label 1, ..., blank. A frame stays in its state, goes on by one, or by two from a
// label to another one that differs.

#include "maximum.h"

static const float log_zero = -1e30f;

static KERNEL void ctc_alignment_body(int64_t time, int64_t symbols, const float *restrict log_probabilities,
                                      int64_t count, const int32_t *restrict labels, int32_t blank,
                                      float *restrict scratch, uint8_t *restrict moves, int32_t *restrict path,
                                      double *restrict log_probability) {
    int64_t states = 2 * count + 1, width = states + 2;  // two columns of log 0 before the first
    float *restrict skip = scratch, *restrict emission = skip + width, *row = emission + width, *next = row + width;
    for (int64_t i = 0; i < 4 * width; i++) scratch[i] = log_zero;
    for (int64_t s = 3; s < states; s += 2) skip[s] = labels[s / 2] != labels[s / 2 - 1] ? 0.0f : log_zero;
    row[2] = 0.0f;  // before the first frame: where the first blank or label is reached from
    double total = 0.0;
    for (int64_t t = 0; t < time; t++) {
        const float *restrict p = log_probabilities + t * symbols;
        uint8_t *restrict move = moves + t * states;
        for (int64_t s = 0; s < states; s++) emission[s] = p[s % 2 ? labels[s / 2] : blank];
        const float *restrict last = row;
        float *restrict now = next + 2;
        INDEPENDENT
        for (int64_t s = 0; s < states; s++) {
            float stay = last[s + 2], step = last[s + 1], jump = last[s] + skip[s];
            float best = step > stay ? step : stay;
            uint8_t choice = step > stay ? 1 : 0;
            choice = jump > best ? 2 : choice;
            best = (jump > best ? jump : best) + emission[s];
            now[s] = best;
            move[s] = choice;
        }
        float top = maximum(states, now);
        for (int64_t s = 0; s < states; s++) now[s] -= top;
        total += top;
        float *swap = row;
        row = next;
        next = swap;
    }
    int64_t s = states - 1;
    if (count > 0 && row[s + 1] > row[s + 2]) s--;
    total += row[s + 2];
    *log_probability = total > -1e29 ? total : -INFINITY;
    for (int64_t t = time - 1; t >= 0; t--) {
        path[t] = s % 2 ? (int32_t)(s / 2) : -1;
        s -= moves[t * states + s];
        if (s < 0) s = 0;  // only where the text does not fit
    }
}
DISPATCH(ctc_alignment,
         (int64_t time, int64_t symbols, const float *log_probabilities, int64_t count, const int32_t *labels,
          int32_t blank, float *scratch, uint8_t *moves, int32_t *path, double *log_probability),
         (time, symbols, log_probabilities, count, labels, blank, scratch, moves, path, log_probability))
