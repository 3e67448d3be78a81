// From samples to the normalised differences of YIN, eight frames at a time with the frames innermost as in mel.c,
// and from those to the periods that a frame may have.
//
// De Cheveigné, Kawahara 2002, "YIN, a fundamental frequency estimator for speech and music", eq. 6-8; Mauch, Dixon
// 2014, "pYIN: a fundamental frequency estimator using probabilistic threshold distributions".

#include "lanes.h"

typedef double doubles_t __attribute__((vector_size(8 * LANES)));

// MARK: Samples to normalised differences

static KERNEL void pitch_frames_body(const float *restrict columns, int64_t stride, int64_t hop, int64_t length,
                                     int64_t longest, float *restrict out, float *restrict energies) {
    integers_t peak = {0};  // of the magnitudes, as bits, which are in the same order
    for (int64_t first = 0; first < length; first += hop) {
        const float *from = columns + first / hop;
        int64_t rows = length - first < hop ? length - first : hop;
        for (int64_t row = 0; row < rows; row++) {
            integers_t size = (integers_t)load(from + row * stride) & 0x7FFFFFFF;
            integers_t above = size > peak;
            peak = (size & above) | (peak & ~above);
        }
    }
    // The power of two that brings the peak to [0.5, 1), or to below 4 where it is largest; 0 below 2^-100.
    integers_t exponent = peak >> 23, high = exponent > 252, heard = exponent >= 27;
    exponent = (exponent & ~high) | (252 & high);
    lanes_t scale = (lanes_t)(((253 - exponent) << 23) & heard);
    doubles_t energy = {0};
    const float *from = columns;
    int64_t row = 0;
    for (int64_t n = 0; n < length; n += 2) {
        lanes_t pair[2] = {{0}, {0}};
        for (int64_t i = 0; i < 2 && n + i < length; i++) {
            pair[i] = load(from + row * stride) * scale;
            if (n + i <= longest) {
                store(energies + (n + i) * LANES, __builtin_convertvector(energy, lanes_t));
                doubles_t wide = __builtin_convertvector(pair[i], doubles_t);
                energy += wide * wide;
            }
            if (++row == hop) {
                row = 0;
                from++;
            }
        }
        store_complex(out + n * LANES, pair[0], pair[1]);
    }
}
DISPATCH(pitch_frames,
         (const float *columns, int64_t stride, int64_t hop, int64_t length, int64_t longest, float *out,
          float *energies),
         (columns, stride, hop, length, longest, out, energies))

static KERNEL void pitch_mirror_body(const float *restrict power, int64_t points, float *restrict out) {
    int64_t half = points / 2;
    for (int64_t n = 0; n < points; n += 2) {
        int64_t even = n <= half ? n : points - n, odd = n + 1 <= half ? n + 1 : points - n - 1;
        store_complex(out + n * LANES, load(power + even * LANES), load(power + odd * LANES));
    }
}
DISPATCH(pitch_mirror, (const float *power, int64_t points, float *out), (power, points, out))

/// The real transform of a real even sequence is real: with Z the complex transform of half the points, the real part
/// of E + W^k O as in mel_power, and of E - W^k O at half - k.
static KERNEL void pitch_correlations(const float *restrict spectrum, int64_t points, const float *restrict cosines,
                                      const float *restrict sines, int64_t longest, float *restrict out) {
    int64_t half = points / 2;
    float factor = 0.5f / (float)points;
    for (int64_t k = 0; k <= half / 2 && (k <= longest || half - k <= longest); k++) {
        int64_t mirror = k ? half - k : 0;
        lanes_t ar, ai, br, bi;
        for (int frame = 0; frame < LANES; frame++) {
            const float *from = spectrum + 2 * column_of[frame] * half;
            ar[frame] = from[2 * k];
            ai[frame] = from[2 * k + 1];
            br[frame] = from[2 * mirror];
            bi[frame] = from[2 * mirror + 1];
        }
        lanes_t e = ar + br, o = cosines[k] * (ai + bi) + sines[k] * (br - ar);
        if (k <= longest) store(out + k * LANES, (e + o) * factor);
        if (half - k <= longest) store(out + (half - k) * LANES, (e - o) * factor);
    }
}

static KERNEL void pitch_differences_body(const float *restrict spectrum, int64_t points,
                                          const float *restrict cosines, const float *restrict sines,
                                          const float *restrict energies, int64_t shortest, int64_t longest,
                                          float *restrict correlations, float *restrict out) {
    pitch_correlations(spectrum, points, cosines, sines, longest, correlations);
    lanes_t whole = load(correlations);
    doubles_t sum = {0};
    for (int64_t k = 1; k <= longest; k++) {
        lanes_t difference = 2.0f * (whole - load(correlations + k * LANES)) - load(energies + k * LANES);
        difference = (lanes_t)((integers_t)difference & (difference > 0.0f));  // below 0 by rounding only
        doubles_t wide = __builtin_convertvector(difference, doubles_t);
        sum += wide;
        if (k >= shortest) {
            doubles_t normalised = wide * (double)k / (sum + 1e-300);
            store(out + (k - shortest) * LANES, __builtin_convertvector(normalised, lanes_t));
        }
    }
}
DISPATCH(pitch_differences,
         (const float *spectrum, int64_t points, const float *cosines, const float *sines, const float *energies,
          int64_t shortest, int64_t longest, float *correlations, float *out),
         (spectrum, points, cosines, sines, energies, shortest, longest, correlations, out))

// MARK: Normalised differences to periods

/// Whether a frame's difference number k of n is smaller than the one before and not larger than the one after.
static KERNEL int is_trough(const float *differences, int64_t k, int64_t n) {
    float here = differences[k * LANES];
    if (k == 0) return here < differences[LANES];
    if (k == n - 1) return here < differences[(k - 1) * LANES];
    return here < differences[(k - 1) * LANES] && here <= differences[(k + 1) * LANES];
}

/// The number k moved to the lowest point of the parabola through it and its neighbours, where that is nearer than
/// they are.
static KERNEL double refined(const float *differences, int64_t k, int64_t n) {
    if (k == 0 || k == n - 1) return (double)k;
    double before = differences[(k - 1) * LANES], here = differences[k * LANES], after = differences[(k + 1) * LANES];
    double a = after + before - 2 * here, b = (after - before) / 2;
    return fabs(b) >= fabs(a) ? (double)k : (double)k - b / a;
}

static KERNEL void pitch_trough_body(const float *restrict differences, int64_t n, double threshold,
                                     double *restrict place, float *restrict depth, int64_t *restrict is_below) {
    int64_t lowest = 0, found = -1;
    for (int64_t k = 0; k < n && found < 0; k++) {
        if (differences[k * LANES] < differences[lowest * LANES]) lowest = k;
        if (differences[k * LANES] < threshold && is_trough(differences, k, n)) found = k;
    }
    int64_t k = found >= 0 ? found : lowest;
    *place = refined(differences, k, n);
    *depth = differences[k * LANES];
    *is_below = found >= 0;
}
DISPATCH(pitch_trough,
         (const float *differences, int64_t n, double threshold, double *place, float *depth, int64_t *is_below),
         (differences, n, threshold, place, depth, is_below))

static KERNEL void pitch_candidates_body(const steno_pitch_prior_t *restrict p, const float *restrict differences,
                                         int64_t n, double *restrict scratch, int32_t *restrict troughs,
                                         int32_t *restrict bins, double *restrict probabilities,
                                         int64_t *restrict count, double *restrict voicing) {
    int64_t thresholds = p->thresholds, found = 0, lowest = 0;
    double *weights = scratch;
    int32_t *starts = troughs + n;  // of each trough, the first threshold that is above it
    for (int64_t j = 0; j < thresholds; j++) weights[j] = 0;
    for (int64_t k = 0; k < n; k++) {
        if (!is_trough(differences, k, n)) continue;
        double height = differences[k * LANES];
        int64_t start = height < 1.0 ? (int64_t)(height * (double)thresholds) : thresholds;
        while (start < thresholds && (double)(start + 1) / (double)thresholds <= height) start++;
        while (start > 0 && (double)start / (double)thresholds > height) start--;
        if (start < thresholds) weights[start] += 1;
        if (!found || height < differences[troughs[lowest] * LANES]) lowest = found;
        troughs[found] = (int32_t)k;
        starts[found++] = (int32_t)start;
    }
    // Each threshold's probability is shared among the troughs below it, the shorter the period the more.
    double below = 0;
    for (int64_t j = 0; j < thresholds; j++) {
        below += weights[j];
        weights[j] = below > 0 ? p->probabilities[j] * p->shares[(int64_t)below] : 0;
    }
    int64_t kept = 0;
    for (int64_t i = 0; i < found; i++) {
        double probability = 0;
        for (int64_t j = starts[i]; j < thresholds; j++) {
            probability += weights[j];
            weights[j] *= p->decay;
        }
        if (i == lowest) probability += p->no_trough * p->sums[starts[i]];
        if (probability == 0) continue;
        double period = (double)p->shortest + refined(differences, troughs[i], n);
        double bin = rint(p->bins_per_octave * log2(p->rate / period / p->low));
        int32_t place = (int32_t)(bin < 0 ? 0 : bin > (double)p->bins ? (double)p->bins : bin);
        if (kept > 0 && bins[kept - 1] == place) kept--;
        bins[kept] = place;
        probabilities[kept++] = probability;
    }
    // Periods become longer, so bins go down: those above the highest come first, and are no candidates.
    int64_t beyond = kept > 0 && bins[0] == p->bins;
    double sum = 0;
    for (int64_t i = kept - 1; i >= beyond; i--) sum += probabilities[i];
    if (beyond) {
        for (int64_t i = 1; i < kept; i++) {
            bins[i - 1] = bins[i];
            probabilities[i - 1] = probabilities[i];
        }
    }
    *count = kept - beyond;
    *voicing = sum < 1 ? sum : 1;
}
DISPATCH(pitch_candidates,
         (const steno_pitch_prior_t *prior, const float *differences, int64_t n, double *scratch, int32_t *troughs,
          int32_t *bins, double *probabilities, int64_t *count, double *voicing),
         (prior, differences, n, scratch, troughs, bins, probabilities, count, voicing))
