// Sinusoidal positions (Vaswani et al. 2017, section 3.5): p[t, 2i] = sin(t r[i]), p[t, 2i + 1] = cos(t r[i]).

#include "isa.h"

static KERNEL void positions_body(int64_t batch, int64_t time, int64_t width, int64_t offset, float scale,
                                  const double *restrict rates, const float *restrict x, float *restrict y) {
    for (int64_t t = 0; t < time; t++) {
        for (int64_t j = 0; j < width; j++) {
            const double angle = (double)(offset + t) * rates[j / 2];
            y[t * width + j] = (float)(j % 2 == 0 ? sin(angle) : cos(angle));
        }
    }
    for (int64_t b = batch - 1; b >= 0; b--)
        for (int64_t i = 0; i < time * width; i++)
            y[b * time * width + i] = scale * x[b * time * width + i] + y[i];
}
/// y = scale x + p, both [batch, time, width], the first step being number `offset`.
DISPATCH(positions,
         (int64_t batch, int64_t time, int64_t width, int64_t offset, float scale, const double *rates,
          const float *x, float *y),
         (batch, time, width, offset, scale, rates, x, y))
