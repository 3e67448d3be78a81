// The largest of many numbers: what a search step chooses from.

#include "maximum.h"

static KERNEL void best_candidates_body(int64_t rows, int64_t columns, int64_t stride, const float *restrict scores,
                                        const float *restrict offsets, int64_t count, float *restrict values,
                                        int32_t *restrict places, int64_t *restrict found) {
    enum { BLOCK = 16 };
    int64_t kept = 0;
    float threshold = -INFINITY;
    for (int64_t r = 0; r < rows; r++) {
        const float *restrict row = scores + r * stride;
        for (int64_t first = 0; first < columns; first += BLOCK) {
            int64_t last = first + BLOCK < columns ? first + BLOCK : columns;
            if (last - first == BLOCK) {
                int any = 0;
                for (int64_t c = 0; c < BLOCK; c++) any |= row[first + c] + offsets[r] > threshold;
                if (!any) continue;
            }
            for (int64_t c = first; c < last; c++) {
                float value = row[c] + offsets[r];
                if (!(value > threshold)) continue;
                int64_t place = kept < count ? kept++ : count - 1;
                for (; place > 0 && values[place - 1] < value; place--) {
                    values[place] = values[place - 1];
                    places[place] = places[place - 1];
                }
                values[place] = value;
                places[place] = (int32_t)(r * columns + c);
                if (kept == count) threshold = values[count - 1];
            }
        }
    }
    *found = kept;
}
DISPATCH(best_candidates,
         (int64_t rows, int64_t columns, int64_t stride, const float *scores, const float *offsets, int64_t count,
          float *values, int32_t *places, int64_t *found),
         (rows, columns, stride, scores, offsets, count, values, places, found))

static KERNEL void row_maxima_body(int64_t rows, int64_t columns, int64_t stride, const float *restrict x,
                                   int32_t *restrict places) {
    for (int64_t r = 0; r < rows; r++) {
        const float *restrict row = x + r * stride;
        float top = maximum(columns, row);
        int64_t place = 0;
        while (place < columns && row[place] != top) place++;
        places[r] = place < columns ? (int32_t)place : 0;
    }
}
DISPATCH(row_maxima, (int64_t rows, int64_t columns, int64_t stride, const float *x, int32_t *places),
         (rows, columns, stride, x, places))
