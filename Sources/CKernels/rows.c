// What is done to rows of features, a frame each. Every row is computed alike, however many come at once.

#include "maximum.h"

// MARK: Normalisation

static KERNEL void rows_accumulate_body(const float *restrict values, int64_t rows, int64_t columns, double sign,
                                        double *restrict sums, double *restrict squares) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t column = 0; column < columns; column++) {
            double value = values[row * columns + column];
            sums[column] += sign * value;
            squares[column] += sign * (value * value);
        }
}
DISPATCH(rows_accumulate,
         (const float *values, int64_t rows, int64_t columns, double sign, double *sums, double *squares),
         (values, rows, columns, sign, sums, squares))

static KERNEL void rows_normalise_body(float *restrict values, int64_t rows, int64_t columns,
                                       const float *restrict means, const float *restrict scales) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t column = 0; column < columns; column++)
            values[row * columns + column] = (values[row * columns + column] - means[column]) * scales[column];
}
DISPATCH(rows_normalise, (float *values, int64_t rows, int64_t columns, const float *means, const float *scales),
         (values, rows, columns, means, scales))

static KERNEL void row_centre_body(const float *row, int64_t columns, const double *restrict sums,
                                   const double *restrict squares, int64_t count, int64_t variance, double least,
                                   float *out) {
    double share = 1.0 / (double)count;
    for (int64_t column = 0; column < columns; column++) {
        double mean = sums[column] * share;
        double spread = squares[column] * share - mean * mean;
        double scale = 1.0 / sqrt(spread > least ? spread : least);
        out[column] = (float)(((double)row[column] - mean) * (variance ? scale : 1.0));
    }
}
DISPATCH(row_centre,
         (const float *row, int64_t columns, const double *sums, const double *squares, int64_t count,
          int64_t variance, double least, float *out),
         (row, columns, sums, squares, count, variance, least, out))

// MARK: The range below the maximum

static KERNEL void rows_maximum_body(const float *restrict values, int64_t rows, int64_t columns, int64_t stride,
                                     float *restrict top) {
    float largest = *top;
    for (int64_t row = 0; row < rows; row++) {
        float here = maximum(columns, values + row * stride);
        largest = here > largest ? here : largest;
    }
    *top = largest;
}
DISPATCH(rows_maximum, (const float *values, int64_t rows, int64_t columns, int64_t stride, float *top),
         (values, rows, columns, stride, top))

static KERNEL void rows_limit_body(float *restrict values, int64_t rows, int64_t columns, int64_t stride, float range,
                                   float share, float offset, float scale, int64_t running, float *restrict top) {
    for (int64_t row = 0; row < rows; row++) {
        float *x = values + row * stride;
        if (running) {
            float here = maximum(columns, x);
            *top = here > *top ? here : *top;
        }
        float least = *top - range, shift = offset - share * *top;
        for (int64_t column = 0; column < columns; column++) {
            float value = x[column] > least ? x[column] : least;
            x[column] = (value + shift) * scale;
        }
    }
}
DISPATCH(rows_limit,
         (float *values, int64_t rows, int64_t columns, int64_t stride, float range, float share, float offset,
          float scale, int64_t running, float *top),
         (values, rows, columns, stride, range, share, offset, scale, running, top))

// MARK: Products and filters

#define WIDTH 8

static KERNEL void rows_product_body(const float *restrict values, int64_t rows, int64_t columns, int64_t stride,
                                     const float *restrict matrix, int64_t width, int64_t outputs, int64_t out_stride,
                                     float *restrict out) {
    for (int64_t row = 0; row < rows; row++) {
        const float *x = values + row * stride;
        float *to = out + row * out_stride;
        for (int64_t first = 0; first < width; first += WIDTH) {
            const float *m = matrix + first;
            float a[WIDTH] = {0}, b[WIDTH] = {0};
            int64_t column = 0;
            for (; column + 2 <= columns; column += 2)
                for (int i = 0; i < WIDTH; i++) {
                    a[i] += x[column] * m[column * width + i];
                    b[i] += x[column + 1] * m[(column + 1) * width + i];
                }
            if (column < columns)
                for (int i = 0; i < WIDTH; i++) a[i] += x[column] * m[column * width + i];
            int64_t count = outputs - first < WIDTH ? outputs - first : WIDTH;
            for (int64_t i = 0; i < count; i++) to[first + i] = a[i] + b[i];
        }
    }
}
DISPATCH(rows_product,
         (const float *values, int64_t rows, int64_t columns, int64_t stride, const float *matrix, int64_t width,
          int64_t outputs, int64_t out_stride, float *out),
         (values, rows, columns, stride, matrix, width, outputs, out_stride, out))

static KERNEL void rows_filter_body(const float *restrict values, int64_t first, int64_t last, int64_t columns,
                                    int64_t stride, const float *restrict weights, int64_t reach, int64_t begin,
                                    int64_t end, int64_t lowest, int64_t highest, int64_t out_stride,
                                    float *restrict out) {
    for (int64_t row = begin; row < end; row++) {
        float *to = out + (row - begin) * out_stride;
        int64_t centre = row > highest ? highest : row;
        centre = centre < lowest ? lowest : centre;
        for (int64_t j = -reach; j <= reach; j++) {
            int64_t place = centre + j;
            place = place < 0 ? 0 : place > last ? last : place;
            const float *from = values + (place - first) * stride;
            float weight = weights[reach + j];
            if (j == -reach)
                for (int64_t column = 0; column < columns; column++) to[column] = weight * from[column];
            else
                for (int64_t column = 0; column < columns; column++) to[column] += weight * from[column];
        }
    }
}
DISPATCH(rows_filter,
         (const float *values, int64_t first, int64_t last, int64_t columns, int64_t stride, const float *weights,
          int64_t reach, int64_t begin, int64_t end, int64_t lowest, int64_t highest, int64_t out_stride, float *out),
         (values, first, last, columns, stride, weights, reach, begin, end, lowest, highest, out_stride, out))
