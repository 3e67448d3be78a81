// Patches of a channels-last image [time, height, channels] as rows, so that a convolution is a matrix product, and
// the way back. Kernel 3 x 3 (or any size), the same stride in both directions, zero padding of (size - 1) / 2.

#include "isa.h"

static KERNEL void patches_body(int64_t time, int64_t height, int64_t channels, int64_t size, int64_t stride,
                                int64_t out_height, int64_t from, int64_t count, const float *restrict x,
                                float *restrict rows) {
    int64_t pad = (size - 1) / 2, width = size * size * channels;
    for (int64_t p = from; p < from + count; p++) {
        int64_t t0 = (p / out_height) * stride - pad, h0 = (p % out_height) * stride - pad;
        float *restrict row = rows + (p - from) * width;
        for (int64_t i = 0; i < size; i++)
            for (int64_t j = 0; j < size; j++) {
                int64_t t = t0 + i, h = h0 + j;
                float *restrict to = row + (i * size + j) * channels;
                if (t < 0 || t >= time || h < 0 || h >= height) {
                    for (int64_t c = 0; c < channels; c++) to[c] = 0.0f;
                } else {
                    const float *restrict in = x + (t * height + h) * channels;
                    for (int64_t c = 0; c < channels; c++) to[c] = in[c];
                }
            }
    }
}
/// Rows `from ..< from + count` (position = time * out_height + height) of [positions, size * size * channels].
DISPATCH(patches,
         (int64_t time, int64_t height, int64_t channels, int64_t size, int64_t stride, int64_t out_height,
          int64_t from, int64_t count, const float *x, float *rows),
         (time, height, channels, size, stride, out_height, from, count, x, rows))

static KERNEL void patches_backward_body(int64_t time, int64_t height, int64_t channels, int64_t size, int64_t stride,
                                         int64_t out_height, int64_t from, int64_t count,
                                         const float *restrict d_rows, float *restrict dx) {
    int64_t pad = (size - 1) / 2, width = size * size * channels;
    for (int64_t p = from; p < from + count; p++) {
        int64_t t0 = (p / out_height) * stride - pad, h0 = (p % out_height) * stride - pad;
        const float *restrict row = d_rows + (p - from) * width;
        for (int64_t i = 0; i < size; i++)
            for (int64_t j = 0; j < size; j++) {
                int64_t t = t0 + i, h = h0 + j;
                if (t < 0 || t >= time || h < 0 || h >= height) continue;
                float *restrict to = dx + (t * height + h) * channels;
                const float *restrict in = row + (i * size + j) * channels;
                for (int64_t c = 0; c < channels; c++) to[c] += in[c];
            }
    }
}
/// Adds each patch's gradient to where it came from.
DISPATCH(patches_backward,
         (int64_t time, int64_t height, int64_t channels, int64_t size, int64_t stride, int64_t out_height,
          int64_t from, int64_t count, const float *d_rows, float *dx),
         (time, height, channels, size, stride, out_height, from, count, d_rows, dx))
