// One step of the most likely path through bins of pitch, voiced and unvoiced (Viterbi): what librosa does with a
// matrix of all transitions, here with the band of them that is not 0.
//
// Transitions from bin k to j have the probability window[j - k + centre] / sums[k], and stay voiced or unvoiced, or
// switch. What is impossible counts as a probability of exp(log_floor), so that a path always exists.

#include "isa.h"

// Vectors are passed between functions that are always inlined: no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"

#define PATH_LANES 8
/// Bins that are made at once.
#define BLOCK STENO_PITCH_PADDING

typedef double doubles_t __attribute__((vector_size(8 * PATH_LANES)));
typedef int64_t integers_t __attribute__((vector_size(8 * PATH_LANES)));

static KERNEL doubles_t load(const double *from) {
    doubles_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static KERNEL void store(double *to, doubles_t value) { memcpy(to, &value, sizeof value); }

static KERNEL doubles_t spread(double x) { return x - (doubles_t){0}; }

static KERNEL doubles_t chosen(integers_t mask, doubles_t yes, doubles_t no) {
    return (doubles_t)(((integers_t)yes & mask) | ((integers_t)no & ~mask));
}

/// For each bin the best score by a transition from one of `count` bins (in ascending order), and the first such bin;
/// minus infinity where none is near.
static KERNEL void best_sources(const steno_pitch_transitions_t *p, int64_t count, const int32_t *restrict sources,
                                const double *restrict scores, double *restrict best, double *restrict from) {
    const double *window = p->log_window + BLOCK;
    int64_t low = 0;
    for (int64_t first = 0; first < p->bins; first += BLOCK) {
        int64_t least = first + p->centre - p->width + 1, most = first + BLOCK - 1 + p->centre;
        while (low < count && sources[low] < least) low++;
        doubles_t top_a = spread(-INFINITY), top_b = top_a, from_a = {0}, from_b = {0};
        for (int64_t i = low; i < count && sources[i] <= most; i++) {
            const double *near = window + (first - sources[i] + p->centre);
            doubles_t score = spread(scores[i]), source = spread((double)sources[i]);
            doubles_t a = load(near) + score, b = load(near + PATH_LANES) + score;
            integers_t above_a = a > top_a, above_b = b > top_b;
            top_a = chosen(above_a, a, top_a);
            top_b = chosen(above_b, b, top_b);
            from_a = chosen(above_a, source, from_a);
            from_b = chosen(above_b, source, from_b);
        }
        store(best + first, top_a);
        store(best + first + PATH_LANES, top_b);
        store(from + first, from_a);
        store(from + first + PATH_LANES, from_b);
    }
}

/// Takes the highest score, the first of equal ones, from all.
static KERNEL void rescore(int64_t n, double *restrict scores, int64_t *restrict top) {
    doubles_t highest = spread(-INFINITY);
    int64_t first = 0, place = 0;
    for (; first + PATH_LANES <= n; first += PATH_LANES) {
        doubles_t score = load(scores + first);
        highest = chosen(score > highest, score, highest);
    }
    double most = -INFINITY;
    for (int lane = 0; lane < PATH_LANES; lane++) most = highest[lane] > most ? highest[lane] : most;
    for (; first < n; first++) most = scores[first] > most ? scores[first] : most;
    while (place < n - 1 && scores[place] < most) place++;
    for (int64_t i = 0; i < n; i++) scores[i] -= most;
    *top = place;
}

static KERNEL void pitch_path_step_body(const steno_pitch_transitions_t *restrict p, int64_t count,
                                        const int32_t *restrict places, const double *restrict probabilities,
                                        double unvoiced, double *restrict scores, double *restrict scratch,
                                        int32_t *restrict sources, uint16_t *restrict moves, int64_t *restrict top) {
    int64_t bins = p->bins, padded = (bins + BLOCK - 1) / BLOCK * BLOCK;
    double *best[2] = {scratch, scratch + padded}, *from[2] = {scratch + 2 * padded, scratch + 3 * padded};
    double *observed = scratch + 4 * padded, *live = observed + padded;
    double least = exp(p->log_floor), log_unvoiced = log(unvoiced / (double)bins + least);
    for (int64_t j = 0; j < bins; j++) observed[j] = p->log_floor;
    for (int64_t i = 0; i < count; i++) observed[places[i]] = log(probabilities[i] + least);
    if (!moves) {
        for (int64_t j = 0; j < bins; j++) {
            scores[j] = observed[j];
            scores[bins + j] = log_unvoiced;
        }
        rescore(2 * bins, scores, top);
        return;
    }
    for (int64_t voicing = 0; voicing < 2; voicing++) {
        int64_t kept = 0;
        for (int64_t k = 0; k < bins; k++) {  // what cannot beat the impossible is left out
            double score = scores[voicing * bins + k] - p->log_sums[k];
            live[kept] = score;
            sources[kept] = (int32_t)k;
            kept += score + p->log_window_top > p->log_floor;
        }
        best_sources(p, kept, sources, live, best[voicing], from[voicing]);
    }
    double stay = p->log_stay, change = p->log_switch, floor = p->log_floor, winner = (double)*top;
    INDEPENDENT
    for (int64_t j = 0; j < bins; j++) {
        double by_voiced = best[0][j], by_unvoiced = best[1][j];
        double voiced_from = from[0][j], unvoiced_from = from[1][j] + (double)bins;
        double to_voiced = by_voiced + stay, other = by_unvoiced + change;
        double source = other > to_voiced ? unvoiced_from : voiced_from;
        to_voiced = other > to_voiced ? other : to_voiced;
        source = floor > to_voiced ? winner : source;
        to_voiced = floor > to_voiced ? floor : to_voiced;
        scores[j] = to_voiced + observed[j];
        moves[j] = (uint16_t)(int32_t)source;
        double to_unvoiced = by_voiced + change;
        other = by_unvoiced + stay;
        source = other > to_unvoiced ? unvoiced_from : voiced_from;
        to_unvoiced = other > to_unvoiced ? other : to_unvoiced;
        source = floor > to_unvoiced ? winner : source;
        to_unvoiced = floor > to_unvoiced ? floor : to_unvoiced;
        scores[bins + j] = to_unvoiced + log_unvoiced;
        moves[bins + j] = (uint16_t)(int32_t)source;
    }
    rescore(2 * bins, scores, top);
}
DISPATCH(pitch_path_step,
         (const steno_pitch_transitions_t *transitions, int64_t count, const int32_t *places,
          const double *probabilities, double unvoiced, double *scores, double *scratch, int32_t *sources,
          uint16_t *moves, int64_t *top),
         (transitions, count, places, probabilities, unvoiced, scores, scratch, sources, moves, top))
