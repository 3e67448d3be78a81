// From samples to spectra, energies and log-mel energies, eight frames at a time with the frames innermost: every loop
// below runs over whole vectors of frames, no sum but that of windowed energies is ever taken across a vector, and no
// frame touches another.
//
// A real transform of K points is a complex one of K / 2 whose real parts are the even samples and whose imaginary
// parts are the odd ones; the power step takes the two apart again.

#include "isa.h"

// Vectors are passed between functions that are always inlined: no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"

#define LANES STENO_MEL_LANES

typedef float lanes_t __attribute__((vector_size(4 * LANES)));
typedef int32_t integers_t __attribute__((vector_size(4 * LANES)));

static KERNEL lanes_t load(const float *from) {
    lanes_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static KERNEL void store(float *to, lanes_t value) { memcpy(to, &value, sizeof value); }

#define LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define LOW_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define HIGH_PAIRS(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define LOW_HALF(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define HIGH_HALF(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)

/// Transposes 8 × 8 numbers in place.
static KERNEL void turn(lanes_t r[LANES]) {
    lanes_t t[LANES], u[LANES];
    for (int i = 0; i < LANES; i += 2) {
        t[i] = LOW(r[i], r[i + 1]);
        t[i + 1] = HIGH(r[i], r[i + 1]);
    }
    for (int i = 0; i < LANES; i += 4) {
        u[i] = LOW_PAIRS(t[i], t[i + 2]);
        u[i + 1] = HIGH_PAIRS(t[i], t[i + 2]);
        u[i + 2] = LOW_PAIRS(t[i + 1], t[i + 3]);
        u[i + 3] = HIGH_PAIRS(t[i + 1], t[i + 3]);
    }
    for (int i = 0; i < LANES / 2; i++) {
        r[i] = LOW_HALF(u[i], u[i + 4]);
        r[i + 4] = HIGH_HALF(u[i], u[i + 4]);
    }
}

/// to[i * to_stride + j] = from[j * from_stride + i] for i and j below 8.
static KERNEL void transpose(const float *from, int64_t from_stride, float *to, int64_t to_stride) {
    lanes_t r[LANES];
    for (int i = 0; i < LANES; i++) r[i] = load(from + i * from_stride);
    turn(r);
    for (int i = 0; i < LANES; i++) store(to + i * to_stride, r[i]);
}

// MARK: Samples to windowed frames

static KERNEL void mel_columns_body(const float *restrict signal, int64_t available, int64_t hop, int64_t rows,
                                    int64_t columns, int64_t stride, float *restrict out) {
    // The next call's samples, which come while this call's are transformed.
    for (int64_t i = 0; i < LANES * hop; i += 16) __builtin_prefetch(signal + available + i);
    for (int64_t first = 0; first < columns; first += LANES) {
        const float *from = signal + first * hop;
        float *to = out + first;
        int64_t width = columns - first < LANES ? columns - first : LANES;
        int64_t row = 0;
        if (width == LANES) {
            int64_t whole = available - (first + LANES - 1) * hop;  // rows that every column has
            if (whole > rows) whole = rows;
            for (; row + LANES <= whole; row += LANES) transpose(from + row, hop, to + row * stride, stride);
        }
        for (int64_t column = 0; column < width; column++) {
            int64_t whole = available - (first + column) * hop;
            if (whole > rows) whole = rows;
            int64_t r = row;
            for (; r < whole; r++) to[r * stride + column] = from[column * hop + r];
            for (; r < rows; r++) to[r * stride + column] = 0;
        }
    }
}
DISPATCH(mel_columns,
         (const float *signal, int64_t available, int64_t hop, int64_t rows, int64_t columns, int64_t stride,
          float *out),
         (signal, available, hop, rows, columns, stride, out))

/// The mean of each frame.
static KERNEL lanes_t frame_means(const float *restrict columns, int64_t stride, int64_t hop, int64_t length) {
    lanes_t sum = {0};
    for (int64_t first = 0; first < length; first += hop) {
        const float *from = columns + first / hop;
        int64_t rows = length - first < hop ? length - first : hop;
        lanes_t a = {0}, b = {0}, c = {0}, d = {0};
        int64_t row = 0;
        for (; row + 4 <= rows; row += 4) {
            a += load(from + row * stride);
            b += load(from + (row + 1) * stride);
            c += load(from + (row + 2) * stride);
            d += load(from + (row + 3) * stride);
        }
        for (; row < rows; row++) a += load(from + row * stride);
        sum += (a + b) + (c + d);
    }
    return sum * (1.0f / (float)length);
}

static KERNEL void mel_frames_body(const float *restrict columns, int64_t stride, int64_t hop, int64_t length,
                                   const float *restrict window, float pre_emphasis, int64_t remove_mean,
                                   float *restrict out) {
    lanes_t mean = remove_mean ? frame_means(columns, stride, hop, length) : (lanes_t){0};
    lanes_t previous = load(columns) - mean;
    const float *from = columns;
    int64_t row = 0;
    for (int64_t n = 0; n < length; n += 2) {
        lanes_t pair[2] = {{0}, {0}};
        for (int64_t i = 0; i < 2 && n + i < length; i++) {
            lanes_t sample = load(from + row * stride) - mean;
            pair[i] = (sample - pre_emphasis * previous) * window[n + i];
            previous = sample;
            if (++row == hop) {
                row = 0;
                from++;
            }
        }
        store(out + n * LANES, LOW(pair[0], pair[1]));
        store(out + (n + 1) * LANES, HIGH(pair[0], pair[1]));
    }
}
DISPATCH(mel_frames,
         (const float *columns, int64_t stride, int64_t hop, int64_t length, const float *window, float pre_emphasis,
          int64_t remove_mean, float *out),
         (columns, stride, hop, length, window, pre_emphasis, remove_mean, out))

// MARK: Energies

static KERNEL void mel_raw_energies_body(const float *restrict columns, int64_t stride, int64_t hop, int64_t length,
                                         int64_t remove_mean, float scale, float *restrict out) {
    lanes_t mean = remove_mean ? frame_means(columns, stride, hop, length) : (lanes_t){0};
    lanes_t sum = {0};
    for (int64_t first = 0; first < length; first += hop) {
        const float *from = columns + first / hop;
        int64_t rows = length - first < hop ? length - first : hop;
        lanes_t part = {0};
        for (int64_t row = 0; row < rows; row++) {
            lanes_t sample = load(from + row * stride) - mean;
            part += sample * sample;
        }
        sum += part;
    }
    store(out, sum * scale);
}
DISPATCH(mel_raw_energies,
         (const float *columns, int64_t stride, int64_t hop, int64_t length, int64_t remove_mean, float scale,
          float *out),
         (columns, stride, hop, length, remove_mean, scale, out))

static KERNEL void mel_windowed_energies_body(const float *restrict frames, int64_t length, float scale,
                                              float *restrict out) {
    lanes_t low = {0}, high = {0};
    for (int64_t n = 0; n < length; n += 2) {
        lanes_t a = load(frames + n * LANES), b = load(frames + (n + 1) * LANES);
        low += a * a;
        high += b * b;
    }
    // Even and odd samples of the frames 0 1 4 5 and 2 3 6 7 stand side by side.
    out[0] = (low[0] + low[1]) * scale;
    out[1] = (low[2] + low[3]) * scale;
    out[4] = (low[4] + low[5]) * scale;
    out[5] = (low[6] + low[7]) * scale;
    out[2] = (high[0] + high[1]) * scale;
    out[3] = (high[2] + high[3]) * scale;
    out[6] = (high[4] + high[5]) * scale;
    out[7] = (high[6] + high[7]) * scale;
}
DISPATCH(mel_windowed_energies, (const float *frames, int64_t length, float scale, float *out),
         (frames, length, scale, out))

static KERNEL void mel_spectrum_energies_body(const float *restrict spectrum, int64_t points, float *restrict out) {
    lanes_t a = {0}, b = {0};
    int64_t k = 0;
    for (; k + 2 <= points; k += 2) {
        a += load(spectrum + k * LANES);
        b += load(spectrum + (k + 1) * LANES);
    }
    if (k < points) a += load(spectrum + k * LANES);
    store(out, a + b);
}
DISPATCH(mel_spectrum_energies, (const float *spectrum, int64_t points, float *out), (spectrum, points, out))

// MARK: Spectrum to log-mel

/// Where each frame's number stands among the eight that `mel_frames` interleaves.
static const int column_of[LANES] = {0, 1, 4, 5, 2, 3, 6, 7};

/// Four consecutive complex points of the eight transforms, as real and imaginary parts in turn.
static KERNEL void load_points(const float *spectrum, int64_t half, int64_t k, lanes_t points[LANES]) {
    for (int frame = 0; frame < LANES; frame++) points[frame] = load(spectrum + 2 * (column_of[frame] * half + k));
    turn(points);
}

/// The power of the points k and half - k of the real transform.
static KERNEL void split(lanes_t ar, lanes_t ai, lanes_t br, lanes_t bi, float c, float s, float *here, float *there) {
    lanes_t er = ar + br, ei = ai - bi, or = ai + bi, oi = br - ar;
    lanes_t wr = c * or + s * oi, wi = c * oi - s * or;
    lanes_t xr = er + wr, xi = ei + wi, yr = er - wr, yi = ei - wi;
    store(here, (xr * xr + xi * xi) * 0.25f);
    store(there, (yr * yr + yi * yi) * 0.25f);
}

/// With Z the complex transform, M = size / 2 and W = exp(-2 pi i / size):
/// E = (Z[k] + conj Z[M-k]) / 2, O = (Z[k] - conj Z[M-k]) / 2i, X[k] = E + W^k O, X[M-k] = conj(E - W^k O).
static KERNEL void mel_power_body(const float *restrict spectrum, int64_t size, const float *restrict cosines,
                                  const float *restrict sines, int64_t magnitude, float *restrict out) {
    int64_t half = size / 2, k = 1;
    for (; k + 3 <= half / 2; k += 4) {
        lanes_t a[LANES], b[LANES];
        load_points(spectrum, half, k, a);
        load_points(spectrum, half, half - k - 3, b);
        for (int i = 0; i < 4; i++)
            split(a[2 * i], a[2 * i + 1], b[6 - 2 * i], b[7 - 2 * i], cosines[k + i], sines[k + i],
                  out + (k + i) * LANES, out + (half - k - i) * LANES);
    }
    for (int64_t rest = k; rest <= half / 2 + 1; rest++) {
        int64_t point = rest <= half / 2 ? rest : 0;  // and point 0, whose mirror is itself
        lanes_t ar, ai, br, bi;
        for (int frame = 0; frame < LANES; frame++) {
            const float *from = spectrum + 2 * column_of[frame] * half;
            int64_t mirror = point ? half - point : 0;
            ar[frame] = from[2 * point];
            ai[frame] = from[2 * point + 1];
            br[frame] = from[2 * mirror];
            bi[frame] = from[2 * mirror + 1];
        }
        split(ar, ai, br, bi, cosines[point], sines[point], out + point * LANES, out + (half - point) * LANES);
    }
    if (magnitude)
        for (k = 0; k <= half; k++) store(out + k * LANES, __builtin_elementwise_sqrt(load(out + k * LANES)));
}
DISPATCH(mel_power,
         (const float *spectrum, int64_t size, const float *cosines, const float *sines, int64_t magnitude,
          float *out),
         (spectrum, size, cosines, sines, magnitude, out))

static KERNEL void mel_filters_body(const float *restrict power, int64_t bins, const int64_t *restrict starts,
                                    const int64_t *restrict offsets, const float *restrict weights,
                                    float *restrict out) {
    for (int64_t bin = 0; bin < bins; bin++) {
        const float *from = power + starts[bin] * LANES;
        int64_t count = offsets[bin + 1] - offsets[bin];
        const float *weight = weights + offsets[bin];
        lanes_t a = {0}, b = {0};
        int64_t k = 0;
        for (; k + 2 <= count; k += 2) {
            a += weight[k] * load(from + k * LANES);
            b += weight[k + 1] * load(from + (k + 1) * LANES);
        }
        if (k < count) a += weight[k] * load(from + k * LANES);
        store(out + bin * LANES, a + b);
    }
}
DISPATCH(mel_filters,
         (const float *power, int64_t bins, const int64_t *starts, const int64_t *offsets, const float *weights,
          float *out),
         (power, bins, starts, offsets, weights, out))

/// Natural logarithm of finite positive normal numbers, within 1 unit in the last place or so
/// (S. Moshier's Cephes, logf).
static KERNEL lanes_t natural_log(lanes_t x) {
#pragma clang fp reassociate(off)
    integers_t bits;
    memcpy(&bits, &x, sizeof bits);
    // Mantissa in [sqrt(1/2), sqrt(2)): the exponent goes up where the mantissa is above sqrt(2).
    integers_t shifted = bits - 0x3F3504F3;
    integers_t exponent = shifted >> 23;
    integers_t mantissa_bits = (shifted & 0x007FFFFF) + 0x3F3504F3;
    lanes_t m;
    memcpy(&m, &mantissa_bits, sizeof m);
    lanes_t e = __builtin_convertvector(exponent, lanes_t);
    m -= 1.0f;
    lanes_t z = m * m;
    lanes_t y = 7.0376836292e-2f * m - 1.1514610310e-1f;
    y = y * m + 1.1676998740e-1f;
    y = y * m - 1.2420140846e-1f;
    y = y * m + 1.4249322787e-1f;
    y = y * m - 1.6668057665e-1f;
    y = y * m + 2.0000714765e-1f;
    y = y * m - 2.4999993993e-1f;
    y = y * m + 3.3333331174e-1f;
    y = y * m * z + e * -2.12194440e-4f - 0.5f * z;
    return m + y + e * 0.693359375f;
}

/// `replacement` where x is not above `least` (NaN is not), the largest finite number where x is above it.
static KERNEL lanes_t limited(lanes_t x, float least, float replacement) {
    const lanes_t largest = {3.40282347e+38f, 3.40282347e+38f, 3.40282347e+38f, 3.40282347e+38f,
                             3.40282347e+38f, 3.40282347e+38f, 3.40282347e+38f, 3.40282347e+38f};
    lanes_t bound = {least, least, least, least, least, least, least, least};
    lanes_t instead = {replacement, replacement, replacement, replacement,
                       replacement, replacement, replacement, replacement};
    integers_t above = (integers_t)(x > bound), beyond = (integers_t)(x > largest);
    integers_t bits = ((integers_t)x & above) | ((integers_t)instead & ~above);
    bits = (bits & ~beyond) | ((integers_t)largest & beyond);
    return (lanes_t)bits;
}

static KERNEL lanes_t compressed(lanes_t x, steno_compression how) {
    x = limited(x + how.added, how.least, how.replacement);
    return how.logarithm ? natural_log(x) * how.factor + how.offset : x * how.factor;
}

static KERNEL void mel_rows_body(const float *restrict mel, int64_t bins, steno_compression how, int64_t first,
                                 int64_t end, int64_t stride, float *restrict out) {
    int64_t bin = 0;
    for (; bin + LANES <= bins; bin += LANES) {
        float block[LANES * LANES];
        for (int i = 0; i < LANES; i++) store(block + i * LANES, compressed(load(mel + (bin + i) * LANES), how));
        if (end - first == LANES) {
            transpose(block, LANES, out + bin, stride);
        } else {
            for (int64_t lane = first; lane < end; lane++)
                for (int i = 0; i < LANES; i++) out[(lane - first) * stride + bin + i] = block[i * LANES + lane];
        }
    }
    for (; bin < bins; bin++) {
        float row[LANES];
        store(row, compressed(load(mel + bin * LANES), how));
        for (int64_t lane = first; lane < end; lane++) out[(lane - first) * stride + bin] = row[lane];
    }
}
DISPATCH(mel_rows,
         (const float *mel, int64_t bins, steno_compression how, int64_t first, int64_t end, int64_t stride,
          float *out),
         (mel, bins, how, first, end, stride, out))
