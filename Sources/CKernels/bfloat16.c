// Matrix products of operands rounded to bfloat16 (to nearest, ties to even), summed in single precision, for
// processors with AVX-512 and avx512_bf16. Numbers below 2^-126 count as 0.
//
// `vdpbf16ps` adds two products to each of sixteen sums, of two neighbouring bfloat16 numbers along the inner extent:
// both factors are kept as such pairs, 32 bits each, with a 0 behind an odd end. Blocking as in Goto, van de Geijn
// 2008, "Anatomy of high-performance matrix multiplication": a piece of the right factor stays in the second-level
// cache, a tile of sums in registers. Every sum is made in the same order whatever stands in the other rows.

#include "product_totals.h"

#include "isa.h"

int steno_has_bfloat16(void) {
#if defined(__x86_64__)
    return steno_isa() == STENO_ISA_AVX512 && __builtin_cpu_supports("avx512bf16");
#else
    return 0;
#endif
}

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET_BFLOAT16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma")))

/// Numbers of a register.
#define LANES 16
/// A tile of sums: rows, and columns in registers. 24 sums, 4 of the right factor and 1 of the left are 29 of 32
/// registers.
#define TILE_ROWS 6
#define TILE_VECTORS 4
#define TILE_COLUMNS (TILE_VECTORS * LANES)
/// Extents of a piece: inner (even) and rows of the left factor (a multiple of LANES and of TILE_ROWS).
#define PIECE_INNER 480
#define PIECE_ROWS 96

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t whole_registers(int64_t n) { return (n + LANES - 1) / LANES * LANES; }
static inline int64_t pair_count(int64_t n) { return (n + 1) / 2; }

/// The first `n` lanes.
static inline __mmask16 leading(int64_t n) {
    return n >= LANES ? 0xffff : n <= 0 ? 0 : (__mmask16)((1u << n) - 1);
}

/// Pairs down the columns of x [inner, columns]: out[p * pair_stride + j] = (x[2p, j], x[2p + 1, j]), 0 for columns
/// up to `width`.
static TARGET_BFLOAT16 void pair_down(int64_t inner, int64_t columns, int64_t width, const float *restrict x,
                                      int64_t stride, uint32_t *restrict out, int64_t pair_stride) {
    static const uint16_t interleaved[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                             8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
    const __m512i order = _mm512_loadu_si512(interleaved);
    for (int64_t p = 0; 2 * p < inner; p++) {
        const float *first = x + 2 * p * stride;
        const int has_second = 2 * p + 1 < inner;
        const float *second = has_second ? first + stride : first;
        for (int64_t j = 0; j < width; j += LANES) {
            const __mmask16 mask = leading(columns - j);
            const __m512 low = _mm512_maskz_loadu_ps(mask, first + j);
            const __m512 high = _mm512_maskz_loadu_ps(has_second ? mask : 0, second + j);
            const __m512i halves = (__m512i)_mm512_cvtne2ps_pbh(high, low);
            _mm512_storeu_si512(out + p * pair_stride + j, _mm512_permutexvar_epi16(order, halves));
        }
    }
}

/// Pairs along the rows of x [rows, inner]: out[r * row_stride + p * pair_stride] = (x[r, 2p], x[r, 2p + 1]).
static TARGET_BFLOAT16 void pair_along(int64_t rows, int64_t inner, const float *restrict x, int64_t stride,
                                       uint32_t *restrict out, int64_t row_stride, int64_t pair_stride) {
    const __m512i counted = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i places = _mm512_mullo_epi32(counted, _mm512_set1_epi32((int)pair_stride));
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t p = 0; 2 * p < inner; p += LANES) {
            const float *from = x + r * stride + 2 * p;
            const int64_t left = inner - 2 * p;
            const __mmask16 beyond = leading(left - LANES);
            const __m512 low = _mm512_maskz_loadu_ps(leading(left), from);
            const __m512 high = _mm512_maskz_loadu_ps(beyond, beyond ? from + LANES : from);
            const __m512i pairs = (__m512i)_mm512_cvtne2ps_pbh(high, low);
            uint32_t *to = out + r * row_stride + p * pair_stride;
            if (pair_stride == 1) _mm512_mask_storeu_epi32(to, leading(pair_count(left)), pairs);
            else _mm512_mask_i32scatter_epi32(to, leading(pair_count(left)), places, pairs, 4);
        }
    }
}

/// Tiles of op(B)'s columns one after the other, each [pairs, columns in whole registers], of `inner` of its rows.
static void pack(int transpose, int64_t inner, int64_t n, const float *b, int64_t ldb, uint32_t *out) {
    for (int64_t j = 0; j < n; j += TILE_COLUMNS) {
        const int64_t columns = smaller(n - j, TILE_COLUMNS), width = whole_registers(columns);
        uint32_t *tile = out + pair_count(inner) * j;
        if (transpose) {
            if (columns < width) memset(tile, 0, (size_t)(pair_count(inner) * width) * sizeof *tile);
            pair_along(columns, inner, b + j * ldb, ldb, tile, 1, width);
        } else {
            pair_down(inner, columns, width, b + j, ldb, tile, width);
        }
    }
}

/// A tile of C: its sums over `pairs`, plus beta C. `a` has its rows and pairs at these strides; of the columns of
/// `b`, `columns` count.
static TARGET_BFLOAT16 KERNEL void tile(int rows, int vectors, int64_t pairs, const uint32_t *restrict a, int64_t
                                        row_stride, int64_t pair_stride, const uint32_t *restrict b, int64_t columns,
                                        float beta, float *restrict c, int64_t ldc) {
    __m512 sums[TILE_ROWS][TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) sums[r][v] = _mm512_setzero_ps();
    for (int64_t p = 0; p < pairs; p++, a += pair_stride, b += vectors * LANES) {
        __m512bh right[TILE_VECTORS];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) right[v] = (__m512bh)_mm512_loadu_si512(b + v * LANES);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            const __m512bh left = (__m512bh)_mm512_set1_epi32((int)a[r * row_stride]);
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) sums[r][v] = _mm512_dpbf16_ps(sums[r][v], left, right[v]);
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            const __mmask16 mask = leading(columns - v * LANES);
            float *to = c + r * ldc + v * LANES;
            __m512 sum = sums[r][v];
            if (beta != 0.0f) sum = _mm512_fmadd_ps(_mm512_set1_ps(beta), _mm512_maskz_loadu_ps(mask, to), sum);
            _mm512_mask_storeu_ps(to, mask, sum);
        }
}

#define TILE(r, v)                                                                                           \
    case (r) * (TILE_VECTORS + 1) + (v):                                                                     \
        tile(r, v, pairs, a, row_stride, pair_stride, b, columns, beta, c, ldc);                             \
        break;
#define TILES(v) TILE(1, v) TILE(2, v) TILE(3, v) TILE(4, v) TILE(5, v) TILE(6, v)

/// The tile's loops with its extents as constants.
static TARGET_BFLOAT16 void tile_of(int64_t rows, int64_t vectors, int64_t pairs, const uint32_t *a, int64_t
                                    row_stride, int64_t pair_stride, const uint32_t *b, int64_t columns, float beta,
                                    float *c, int64_t ldc) {
    switch (rows * (TILE_VECTORS + 1) + vectors) { TILES(1) TILES(2) TILES(3) TILES(4) }
}

int64_t steno_bfloat16_factor_words(int64_t n, int64_t k) { return whole_registers(n) * pair_count(k); }

void steno_bfloat16_factor(int transpose_b, int64_t n, int64_t k, const float *b, int64_t ldb, void *factor) {
    for (int64_t from = 0; from < k; from += PIECE_INNER)
        pack(transpose_b, smaller(PIECE_INNER, k - from), n, b + (transpose_b ? from : from * ldb), ldb,
             (uint32_t *)factor + steno_bfloat16_factor_words(n, from));
}

int64_t steno_bfloat16_scratch_words(int64_t n, int64_t k, int has_factor) {
    const int64_t inner = smaller(PIECE_INNER, k);
    return PIECE_ROWS * pair_count(inner) + (has_factor ? 0 : steno_bfloat16_factor_words(n, inner));
}

void steno_bfloat16_product(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t
                            lda, const float *b, int64_t ldb, const void *factor, float beta, float *c, int64_t ldc,
                            void *scratch) {
    const double start = product_clock();
    uint32_t *left = scratch, *right = left + PIECE_ROWS * pair_count(smaller(PIECE_INNER, k));
    for (int64_t from = 0; from < k; from += PIECE_INNER) {
        const int64_t inner = smaller(PIECE_INNER, k - from), pairs = pair_count(inner);
        if (!factor) pack(transpose_b, inner, n, b + (transpose_b ? from : from * ldb), ldb, right);
        const uint32_t *piece =
            factor ? (const uint32_t *)factor + steno_bfloat16_factor_words(n, from) : right;
        const int64_t row_stride = transpose_a ? 1 : pairs, pair_stride = transpose_a ? PIECE_ROWS : 1;
        for (int64_t i = 0; i < m; i += PIECE_ROWS) {
            const int64_t rows = smaller(PIECE_ROWS, m - i);
            if (transpose_a) pair_down(inner, rows, whole_registers(rows), a + from * lda + i, lda, left, PIECE_ROWS);
            else pair_along(rows, inner, a + i * lda + from, lda, left, pairs, 1);
            for (int64_t j = 0; j < n; j += TILE_COLUMNS) {
                const int64_t columns = smaller(n - j, TILE_COLUMNS);
                for (int64_t r = 0; r < rows; r += TILE_ROWS)
                    tile_of(smaller(TILE_ROWS, rows - r), whole_registers(columns) / LANES, pairs,
                            left + r * row_stride, row_stride, pair_stride, piece + pairs * j, columns,
                            from == 0 ? beta : 1.0f, c + (i + r) * ldc + j, ldc);
            }
        }
    }
    if (k == 0)
        for (int64_t i = 0; i < m; i++)
            for (int64_t j = 0; j < n; j++) c[i * ldc + j] = beta == 0.0f ? 0.0f : beta * c[i * ldc + j];
    count_product(start, m, n, k);
}

#else

int64_t steno_bfloat16_factor_words(int64_t n, int64_t k) { return n * k; }
void steno_bfloat16_factor(int transpose_b, int64_t n, int64_t k, const float *b, int64_t ldb, void *factor) {
    __builtin_trap();
}
int64_t steno_bfloat16_scratch_words(int64_t n, int64_t k, int has_factor) { return n * k; }
void steno_bfloat16_product(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t
                            lda, const float *b, int64_t ldb, const void *factor, float beta, float *c, int64_t ldc,
                            void *scratch) {
    __builtin_trap();
}

#endif
