// Products for which oneDNN is not made: of small or oddly laid out matrices, and of few rows with a transposed factor
// so large that its way from memory counts. Both factors are read where they stand.

#include "isa.h"

/// Sixteen numbers: one register of AVX-512, two of AVX2. Read and written wherever they stand.
typedef float lanes_t __attribute__((vector_size(64), aligned(4), may_alias));
#define LANES 16
/// A tile of sums: rows, and columns in `lanes_t`. With AVX-512, 6 x 4 sums, 4 of the right factor and 1 of the left
/// are 29 of 32 registers; with AVX2 6 x 1 sums take 12 of 16.
#define TILE_ROWS 6
#define TILE_VECTORS 4

static KERNEL void tile(int rows, int vectors, int64_t inner, const float *restrict a, int64_t row_stride,
                        int64_t inner_stride, const float *restrict b, int64_t ldb, float *restrict c, int64_t ldc) {
    lanes_t sums[TILE_ROWS][TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) sums[r][v] = (lanes_t){0};
    for (int64_t p = 0; p < inner; p++, a += inner_stride, b += ldb) {
        lanes_t right[TILE_VECTORS];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) right[v] = *(const lanes_t *)(b + v * LANES);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) sums[r][v] += a[r * row_stride] * right[v];
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) *(lanes_t *)(c + r * ldc + v * LANES) = sums[r][v];
}

/// The columns that fill no vector.
static KERNEL void edge(int64_t rows, int64_t columns, int64_t inner, const float *restrict a, int64_t row_stride,
                        int64_t inner_stride, const float *restrict b, int64_t ldb, float *restrict c, int64_t ldc) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < columns; j++) {
            float sum = 0.0f;
            for (int64_t p = 0; p < inner; p++) sum += a[r * row_stride + p * inner_stride] * b[p * ldb + j];
            c[r * ldc + j] = sum;
        }
}

#define TILE(r, v)                                                                                           \
    case (r) * (TILE_VECTORS + 1) + (v): tile(r, v, k, left, row_stride, inner_stride, right, ldb, to, ldc); break;
#define TILES(v) TILE(1, v) TILE(2, v) TILE(3, v) TILE(4, v) TILE(5, v) TILE(6, v)

static KERNEL void strided_product_body(int64_t m, int64_t n, int64_t k, const float *restrict a, int64_t row_stride,
                                        int64_t inner_stride, const float *restrict b, int64_t ldb, float *restrict c,
                                        int64_t ldc) {
    const int64_t widest = steno_isa() == STENO_ISA_AVX512 ? TILE_VECTORS : 1;
    int64_t j = 0;
    while (j + LANES <= n) {
        const int64_t vectors = (n - j) / LANES < widest ? (n - j) / LANES : widest;
        for (int64_t i = 0; i < m; i += TILE_ROWS) {
            const int64_t rows = m - i < TILE_ROWS ? m - i : TILE_ROWS;
            const float *left = a + i * row_stride, *right = b + j;
            float *to = c + i * ldc + j;
            switch (rows * (TILE_VECTORS + 1) + vectors) { TILES(1) TILES(2) TILES(3) TILES(4) }
        }
        j += vectors * LANES;
    }
    if (j < n) edge(m, n - j, k, a, row_stride, inner_stride, b + j, ldb, c + j, ldc);
}
/// C [m, n] = A [m, k] B [k, n]; A has its rows and its inner extent at these strides.
DISPATCH(strided_product,
         (int64_t m, int64_t n, int64_t k, const float *a, int64_t row_stride, int64_t inner_stride, const float *b,
          int64_t ldb, float *c, int64_t ldc),
         (m, n, k, a, row_stride, inner_stride, b, ldb, c, ldc))

/// Sums of sixteen lanes each of four vectors, side by side.
static KERNEL void four_sums(const lanes_t x[4], float *restrict sums) {
    typedef float half_t __attribute__((vector_size(32)));
    typedef float quarter_t __attribute__((vector_size(16), aligned(4), may_alias));
    half_t y[4];
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++)
        y[i] = __builtin_shufflevector(x[i], x[i], 0, 1, 2, 3, 4, 5, 6, 7)
             + __builtin_shufflevector(x[i], x[i], 8, 9, 10, 11, 12, 13, 14, 15);
    half_t low = __builtin_shufflevector(y[0], y[1], 0, 1, 2, 3, 8, 9, 10, 11)
               + __builtin_shufflevector(y[0], y[1], 4, 5, 6, 7, 12, 13, 14, 15);
    half_t high = __builtin_shufflevector(y[2], y[3], 0, 1, 2, 3, 8, 9, 10, 11)
                + __builtin_shufflevector(y[2], y[3], 4, 5, 6, 7, 12, 13, 14, 15);
    half_t pairs = __builtin_shufflevector(low, high, 0, 1, 4, 5, 8, 9, 12, 13)
                 + __builtin_shufflevector(low, high, 2, 3, 6, 7, 10, 11, 14, 15);
    *(quarter_t *)sums = __builtin_shufflevector(pairs, pairs, 0, 2, 4, 6)
                       + __builtin_shufflevector(pairs, pairs, 1, 3, 5, 7);
}

/// Scalar products of some rows of A with four of B.
static KERNEL void dots(int rows, int64_t k, const float *restrict a, int64_t lda, const float *restrict b,
                        int64_t ldb, float *restrict c, int64_t ldc) {
    lanes_t sums[TILE_ROWS][4];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int j = 0; j < 4; j++) sums[r][j] = (lanes_t){0};
    int64_t p = 0;
    for (; p + LANES <= k; p += LANES) {
        lanes_t right[4];
#pragma clang loop unroll(full)
        for (int j = 0; j < 4; j++) right[j] = *(const lanes_t *)(b + j * ldb + p);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            const lanes_t left = *(const lanes_t *)(a + r * lda + p);
#pragma clang loop unroll(full)
            for (int j = 0; j < 4; j++) sums[r][j] += left * right[j];
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) four_sums(sums[r], c + r * ldc);
    for (; p < k; p++)
        for (int r = 0; r < rows; r++)
            for (int j = 0; j < 4; j++) c[r * ldc + j] += a[r * lda + p] * b[j * ldb + p];
}

#define DOTS(r)                                                                                              \
    case r: dots(r, k, left, lda, right, ldb, to, ldc); break;

static KERNEL void dot_products_body(int64_t m, int64_t n, int64_t k, const float *restrict a, int64_t lda,
                                     const float *restrict b, int64_t ldb, float *restrict c, int64_t ldc) {
    // As many rows of A as registers hold the sums of.
    const int64_t most = steno_isa() == STENO_ISA_AVX512 ? TILE_ROWS : 1;
    int64_t j = 0;
    for (; j + 4 <= n; j += 4)
        for (int64_t i = 0; i < m; i += most) {
            const float *left = a + i * lda, *right = b + j * ldb;
            float *to = c + i * ldc + j;
            switch (m - i < most ? m - i : most) { DOTS(1) DOTS(2) DOTS(3) DOTS(4) DOTS(5) DOTS(6) }
        }
    for (; j < n; j++)
        for (int64_t i = 0; i < m; i++) {
            float sum = 0.0f;
            for (int64_t p = 0; p < k; p++) sum += a[i * lda + p] * b[j * ldb + p];
            c[i * ldc + j] = sum;
        }
}
/// C [m, n] = A [m, k] transposed B [n, k], for few rows of A.
DISPATCH(dot_products,
         (int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *b, int64_t ldb, float *c,
          int64_t ldc),
         (m, n, k, a, lda, b, ldb, c, ldc))

// One of the four stages in which 16 x 16 numbers are transposed: rows `size` apart exchange every second block of
// `size` numbers.
#define LOW(size, j) ((j) & (size) ? LANES + (j) - (size) : (j))
#define HIGH(size, j) ((j) & (size) ? LANES + (j) : (j) + (size))
#define ALL(of, size)                                                                                        \
    of(size, 0), of(size, 1), of(size, 2), of(size, 3), of(size, 4), of(size, 5), of(size, 6), of(size, 7),  \
        of(size, 8), of(size, 9), of(size, 10), of(size, 11), of(size, 12), of(size, 13), of(size, 14), of(size, 15)
#define EXCHANGE(size)                                                                                       \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES; i++) {                                     \
        if (i & (size)) continue;                                                                            \
        lanes_t low = x[i], high = x[i + (size)];                                                            \
        x[i] = __builtin_shufflevector(low, high, ALL(LOW, size));                                           \
        x[i + (size)] = __builtin_shufflevector(low, high, ALL(HIGH, size));                                 \
    }

static KERNEL void transpose_padded_body(int64_t rows, int64_t columns, int64_t stride, const float *restrict from,
                                         int64_t padded, float *restrict to) {
    for (int64_t r = 0; r < padded; r += LANES) {
        const int64_t there = rows - r < LANES ? rows - r : LANES;
        int64_t c = 0;
        for (; c + LANES <= columns; c += LANES) {
            lanes_t x[LANES];
            if (there == LANES) {
#pragma clang loop unroll(full)
                for (int i = 0; i < LANES; i++) x[i] = *(const lanes_t *)(from + (r + i) * stride + c);
            } else {
#pragma clang loop unroll(full)
                for (int i = 0; i < LANES; i++)
                    x[i] = i < there ? *(const lanes_t *)(from + (r + i) * stride + c) : (lanes_t){0};
            }
            EXCHANGE(1)
            EXCHANGE(2)
            EXCHANGE(4)
            EXCHANGE(8)
#pragma clang loop unroll(full)
            for (int i = 0; i < LANES; i++) *(lanes_t *)(to + (c + i) * padded + r) = x[i];
        }
        for (; c < columns; c++)
            for (int64_t i = 0; i < LANES; i++) to[c * padded + r + i] = i < there ? from[(r + i) * stride + c] : 0.0f;
    }
}
/// The transpose [columns, padded] of `from` [rows, columns], whose rows are `stride` apart, 0 from column `rows` on;
/// `padded` is a multiple of 16.
DISPATCH(transpose_padded,
         (int64_t rows, int64_t columns, int64_t stride, const float *from, int64_t padded, float *to),
         (rows, columns, stride, from, padded, to))
