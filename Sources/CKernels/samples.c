// Interleaved samples to one channel.

#include "isa.h"

/// 0 for NaN and the infinities (all bits of the exponent set), else the sample; counts what it replaced.
static KERNEL float finite_or_zero(float sample, int32_t *replaced) {
    uint32_t bits;
    memcpy(&bits, &sample, sizeof bits);
    int32_t bad = (bits & 0x7F800000u) == 0x7F800000u;
    *replaced += bad;
    bits = bad ? 0 : bits;
    memcpy(&sample, &bits, sizeof sample);
    return sample;
}

static KERNEL void samples_mix_body(const float *restrict interleaved, int64_t frames, int64_t channels,
                                    float *restrict mono, int64_t *restrict replaced) {
    int32_t count = 0;
    if (channels == 1) {
        for (int64_t i = 0; i < frames; i++) mono[i] = finite_or_zero(interleaved[i], &count);
    } else {
        float scale = 1.0f / (float)channels;
        for (int64_t i = 0; i < frames; i++) {
            float sum = 0;
            for (int64_t c = 0; c < channels; c++) sum += finite_or_zero(interleaved[i * channels + c], &count) * scale;
            mono[i] = sum;
        }
    }
    *replaced += count;
}
DISPATCH(samples_mix,
         (const float *interleaved, int64_t frames, int64_t channels, float *mono, int64_t *replaced),
         (interleaved, frames, channels, mono, replaced))

static KERNEL void samples_take_body(const float *restrict interleaved, int64_t frames, int64_t channels,
                                     int64_t channel, float *restrict mono, int64_t *restrict replaced) {
    int32_t count = 0;
    for (int64_t i = 0; i < frames; i++) mono[i] = finite_or_zero(interleaved[i * channels + channel], &count);
    *replaced += count;
}
DISPATCH(samples_take,
         (const float *interleaved, int64_t frames, int64_t channels, int64_t channel, float *mono,
          int64_t *replaced),
         (interleaved, frames, channels, channel, mono, replaced))

static KERNEL void samples_emphasise_body(const float *signal, int64_t count, float share, float previous, float *out) {
    for (int64_t i = count - 1; i > 0; i--) out[i] = signal[i] - share * signal[i - 1];
    if (count > 0) out[0] = signal[0] - share * previous;
}
DISPATCH(samples_emphasise, (const float *signal, int64_t count, float share, float previous, float *out),
         (signal, count, share, previous, out))
