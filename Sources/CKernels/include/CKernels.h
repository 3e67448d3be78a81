// The loops between matrix products, and the matrix product itself. Matrices are row-major; sizes are int64_t;
// nothing here allocates except where it says so.

#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

// MARK: Instruction sets (isa.c)

typedef enum { STENO_ISA_GENERIC = 0, STENO_ISA_AVX2 = 1, STENO_ISA_AVX512 = 2 } steno_isa_t;

/// The instruction set in use: the best of the processor, or what `steno_isa_select` chose.
steno_isa_t steno_isa(void);
/// The best instruction set that the processor (and the operating system) has.
steno_isa_t steno_isa_best(void);
/// Caps the instruction set of these kernels and of oneDNN. Call it before any other work.
/// Returns 0, or -1 when the processor lacks `isa`.
int steno_isa_select(steno_isa_t isa);

// MARK: Matrix products (product.c)

/// C = op(A) op(B) + beta C in single precision, all row-major: op(A) is m x k, op(B) k x n; lda, ldb and ldc are the
/// distances between rows as stored. Returns oneDNN's status, 0 for success.
int steno_product(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                  const float *b, int64_t ldb, float beta, float *c, int64_t ldc);
/// Seconds that the calling thread has spent in products so far, and their multiplications and additions.
void steno_product_totals(double *seconds, double *operations);
/// Products of the calling thread run on that thread alone from now on.
void steno_use_single_threaded_products(void);

/// What a thread does between two looks at what it waits for.
static inline void steno_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// MARK: Matrix products in bfloat16 (bfloat16.c)

/// Whether the instruction set in use is AVX-512 and the processor has avx512_bf16; the rest of this section needs it.
int steno_has_bfloat16(void);
/// What `steno_product` makes, of operands rounded to bfloat16, summed in single precision. `factor` is what
/// `steno_bfloat16_factor` made of B, which is then not looked at, or null. `scratch` holds the 32-bit words that
/// `steno_bfloat16_scratch_words` says. Neither is null where it is used, and nothing overlaps.
void steno_bfloat16_product(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t
                            lda, const float *b, int64_t ldb, const void *factor, float beta, float *c, int64_t ldc,
                            void *scratch);
int64_t steno_bfloat16_scratch_words(int64_t n, int64_t k, int has_factor);
/// op(B) [k, n] in the form in which products use it, `steno_bfloat16_factor_words` of 32 bits.
void steno_bfloat16_factor(int transpose_b, int64_t n, int64_t k, const float *b, int64_t ldb, void *factor);
int64_t steno_bfloat16_factor_words(int64_t n, int64_t k);

// MARK: Elements, rows and reductions (elementwise.c)

void steno_add(int64_t n, const float *x, float *y);
void steno_sum(int64_t n, const float *a, const float *b, float *y);
void steno_scaled_add(int64_t n, float scale, const float *x, float *y);
void steno_scale(int64_t n, float scale, float *y);
void steno_sum_of_squares(int64_t n, const float *x, double *result);
void steno_add_bias(int64_t rows, int64_t columns, const float *bias, float *y);
void steno_sum_rows(int64_t rows, int64_t columns, int64_t stride, const float *x, float *sums);
void steno_relu(int64_t n, float *x);
void steno_relu_backward(int64_t n, const float *y, float *dy);
void steno_gelu(int64_t n, const float *x, float *y);
void steno_gelu_backward(int64_t n, const float *x, float *dy);
void steno_bias_relu(int64_t rows, int64_t columns, const float *bias, float *y);
/// Overwrites `dy` by the gradient before the bias and adds to `d_bias`.
void steno_bias_relu_backward(int64_t rows, int64_t columns, const float *y, float *dy, float *d_bias);
/// Adds the bias to `x`, which the way back needs.
void steno_bias_gelu(int64_t rows, int64_t columns, const float *bias, float *x, float *y);
/// Likewise, `x` being what is activated.
void steno_bias_gelu_backward(int64_t rows, int64_t columns, const float *x, float *dy, float *d_bias);
void steno_tanh(int64_t n, float *x);
void steno_tanh_backward(int64_t n, const float *y, float *dy);
void steno_exp(int64_t n, float *x);
void steno_transpose(int64_t rows, int64_t columns, const float *x, float *y);
void steno_dropout(int64_t n, uint64_t key, float rate, const float *x, float *y);
/// y = x + dropout(branch).
void steno_dropout_sum(int64_t n, uint64_t key, float rate, const float *x, const float *branch, float *y);
/// Numbers of the standard Gumbel distribution, the same for the same key: x + y is largest at i with the probability
/// that softmax(x) gives to i.
void steno_gumbel(int64_t n, uint64_t key, float *y);

// MARK: Gated recurrent unit (gru.c)

/// Overwrites `gates` [rows, 3 units] (r, z, n) by the activated gates, `candidates` [rows, units] by u_n, `state`
/// and `output` by h'.
void steno_gru_step(int64_t rows, int64_t units, int64_t t, const int32_t *lengths, float *gates, int64_t
                    gates_stride, const float *recurrent, const float *bias, float *state, float *candidates, int64_t
                    candidates_stride, float *output, int64_t output_stride);
/// Overwrites `gates` by the gradient of a, `candidates` by that of u_n, fills `d_recurrent` [rows, 3 units] with
/// that of u, and leaves in `d_state` the part of the gradient of h that does not pass through U.
void steno_gru_step_backward(int64_t rows, int64_t units, int64_t t, const int32_t *lengths, float *gates, int64_t
                             gates_stride, float *candidates, int64_t candidates_stride, const float *previous,
                             int64_t previous_stride, const float *d_output, int64_t d_output_stride, float *d_state,
                             float *d_recurrent);

// MARK: Long short-term memory (lstm.c)

/// Overwrites `gates` [rows, 4 units] (i, f, g, o) by the activated gates, `state` and `output` by h', `cell` and
/// `cells` [rows, units] by c'.
void steno_lstm_step(int64_t rows, int64_t units, int64_t t, const int32_t *lengths, float *gates, int64_t
                     gates_stride, const float *recurrent, const float *bias, float *state, float *cell, float *cells,
                     int64_t cells_stride, float *output, int64_t output_stride);
/// Overwrites `gates` by the gradient of a + u, `d_cell` by that of c, and `d_state` by 0: h counts through U alone.
/// `cells` holds c', `previous_cells` c.
void steno_lstm_step_backward(int64_t rows, int64_t units, int64_t t, const int32_t *lengths, float *gates, int64_t
                              gates_stride, const float *cells, int64_t cells_stride, const float *previous_cells,
                              int64_t previous_stride, const float *d_output, int64_t d_output_stride, float *d_state,
                              float *d_cell);

// MARK: Additive attention (attention.c)

/// Overwrites keys or queries x by exp(2 x), which is what the kernels below take.
void steno_attention_exponentials(int64_t n, float *x);
/// Writes `weights` [time] and `context` [depth].
void steno_additive_attention(int64_t time, int64_t width, int64_t depth, const float *keys, const float *values,
                              const float *query, const float *v, float *weights, float *context);
/// `d_weights` [time] is what else depends on the weights, or null; `scratch` holds time + 2 width floats. Adds to
/// `d_keys` (the gradient of the keys, not of their exponentials) and `d_v`, overwrites `d_query`. The gradient of
/// the values is a product over all queries, which the caller makes.
void steno_additive_attention_backward(int64_t time, int64_t width, int64_t depth, const float *keys, const float
                                       *values, const float *query, const float *v, const float *weights, const float
                                       *d_context, const float *d_weights, float *scratch, float *d_keys, float
                                       *d_query, float *d_v);

/// Rows [time, size] of what surrounds each of x [time], 0 outside: rows[t, k] = x[t + k - (size - 1) / 2].
void steno_surroundings(int64_t time, int64_t size, const float *x, float *rows);
/// Adds each row's gradient to where it came from.
void steno_surroundings_backward(int64_t time, int64_t size, const float *d_rows, float *dx);

// MARK: Small products (strided_product.c)

/// C [m, n] = A [m, k] B [k, n]; A has its rows and its inner extent at these strides.
void steno_strided_product(int64_t m, int64_t n, int64_t k, const float *a, int64_t row_stride, int64_t inner_stride,
                           const float *b, int64_t ldb, float *c, int64_t ldc);
/// C [m, n] = A [m, k] transposed B [n, k], for few rows of A.
void steno_dot_products(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *b, int64_t ldb, float
                        *c, int64_t ldc);
/// The transpose [columns, padded] of `from` [rows, columns], whose rows are `stride` apart, 0 from column `rows` on;
/// `padded` is a multiple of 16.
void steno_transpose_padded(int64_t rows, int64_t columns, int64_t stride, const float *from, int64_t padded, float
                            *to);

// MARK: Attention with several heads (multi_head_attention.c)

/// Queries [batch, queries, heads width], keys and values [batch, time, heads width], each with its rows at a stride.
/// The lengths say how many steps of each item count, and how many queries.
typedef struct {
    int64_t heads, width, queries, time, is_causal;
    const int32_t *lengths, *query_lengths;
    const float *q, *k, *v;
    int64_t q_stride, k_stride, v_stride;
} steno_attention_t;

/// Weights are kept as [batch, heads, queries, stride]. The scratch of the following holds so many floats.
int64_t steno_attention_stride(int64_t time);
int64_t steno_attention_scratch(const steno_attention_t *a, int64_t is_backward);
/// Pairs `from ..< to` of an item and a head, pair = item * heads + head. Overwrites `output` [batch, queries, heads
/// width], 0 beyond an item's queries, and `weights`, which may be null, up to there.
void steno_multi_head_attention(const steno_attention_t *a, int64_t from, int64_t to, float *output, float *weights,
                                float *scratch);
/// Overwrites the gradients, whose rows have strides of their own, 0 beyond the lengths.
void steno_multi_head_attention_backward(const steno_attention_t *a, int64_t from, int64_t to, const float *weights,
                                         const float *d_output, float *d_q, int64_t d_q_stride, float *d_k, int64_t
                                         d_k_stride, float *d_v, int64_t d_v_stride, float *scratch);
/// Overwrites scores of queries from number `first` on by softmax(scale scores) over the keys that count, 0 up to
/// `stride`, a multiple of 16.
void steno_attention_softmax(int64_t rows, int64_t first, int64_t time, int64_t is_causal, int64_t stride, float scale,
                             float *scores);
/// Overwrites the gradients of weights by those of scores.
void steno_attention_softmax_backward(int64_t rows, int64_t first, int64_t time, int64_t is_causal, int64_t stride,
                                      float scale, const float *weights, float *gradients);
/// The mean [queries, time] over the heads of one item's weights.
void steno_attention_mean(int64_t heads, int64_t queries, int64_t time, int64_t query_length, int64_t length, int64_t
                          stride, const float *weights, float *mean);
/// One query a row, [rows, heads width] with rows `query_stride` apart, over the keys and values of item `owners[r]`,
/// whose `lengths[item]` steps are `step_stride` apart. `scratch` holds `steno_attention_stride(time)` floats; `mean`
/// [rows, time], the mean weights over heads, may be null.
void steno_attention_step(int64_t rows, int64_t heads, int64_t width, int64_t time, const float *queries, int64_t
                          query_stride, const float *keys, const float *values, int64_t item_stride, int64_t
                          step_stride, const int32_t *owners, const int32_t *lengths, float *scratch, float *output,
                          float *mean);

// MARK: Sinusoidal positions (positions.c)

/// y = scale x + p, both [batch, time, width], the first step being number `offset`; p[t, 2i] = sin(t rates[i]) and
/// p[t, 2i + 1] = cos(t rates[i]).
void steno_positions(int64_t batch, int64_t time, int64_t width, int64_t offset, float scale, const double *rates, const
                     float *x, float *y);

// MARK: Softmax and cross-entropy (softmax.c)

void steno_log_softmax(int64_t rows, int64_t columns, const float *x, float *y);
/// Losses [rows]; rows whose target is `ignored` give 0. `totals` [rows] is what the way back needs.
void steno_cross_entropy(int64_t rows, int64_t columns, const float *logits, const int32_t *targets, int32_t ignored,
                         float smoothing, float *losses, float *totals);
/// The gradient of `scale` times the sum of the losses; `d_logits` may be `logits`.
void steno_cross_entropy_backward(int64_t rows, int64_t columns, const float *logits, const int32_t *targets, int32_t
                                  ignored, float smoothing, float scale, const float *totals, float *d_logits);

// MARK: Layer normalisation (layer_norm.c)

void steno_layer_norm(int64_t rows, int64_t columns, float epsilon, const float *x, const float *gain, const float
                      *bias, float *normalised, float *scales, float *y);
/// Overwrites `dx`, adds to `d_gain` and `d_bias`.
void steno_layer_norm_backward(int64_t rows, int64_t columns, const float *normalised, const float *scales, const
                               float *gain, const float *dy, float *dx, float *d_gain, float *d_bias);

// MARK: Adam (adam.c)

/// `correction1` = 1 - beta1^t, `correction2` = 1 - beta2^t at step t from 1; `gradient_scale` is what clipping left.
void steno_adam(int64_t n, float rate, float beta1, float beta2, float epsilon, float decay, float correction1, float
                correction2, float gradient_scale, const float *gradient, float *moment, float *variance, float
                *weight);

// MARK: Convolution (convolution.c)

/// Rows `from ..< from + count` (position = time * out_height + height) of [positions, size * size * channels].
void steno_patches(int64_t time, int64_t height, int64_t channels, int64_t size, int64_t stride, int64_t out_height,
                   int64_t from, int64_t count, const float *x, float *rows);
/// Adds each patch's gradient to where it came from.
void steno_patches_backward(int64_t time, int64_t height, int64_t channels, int64_t size, int64_t stride, int64_t
                            out_height, int64_t from, int64_t count, const float *d_rows, float *dx);

// MARK: Connectionist temporal classification (ctc.c)

/// Loss of one utterance and the gradient of its logits (the loss is infinite and the gradient 0 when the labels do
/// not fit). `log_probabilities` and `d_logits` are [time, symbols], time at least 1; `scratch` holds
/// (time + 4) (2 count + 5) floats.
void steno_ctc(int64_t time, int64_t symbols, const float *log_probabilities, int64_t count, const int32_t *labels,
               int32_t blank, float *scratch, double *loss, float *d_logits);

/// Prefix probabilities (ctc_prefix.c). Hypotheses of one utterance are columns of `prefix` and `blanks`
/// [time + 1, width] and `weights` [time, width]; widths are multiples of STENO_CTC_LANES.
#define STENO_CTC_LANES 8
/// The hypothesis of no symbols, in all columns.
void steno_ctc_prefix_start(int64_t time, int64_t symbols, int64_t width, const float *log_probabilities, int32_t
                            blank, float *prefix, float *blanks, float *weights);
/// Column i becomes column `parents[i]` of the old arrays, whose last symbol was `last[i]` (-1 for none), with
/// `tokens[i]` added, which had the score `gains[i]`. `repeats` [width] is what adding `tokens[i]` again would give.
void steno_ctc_prefix_advance(int64_t time, int64_t symbols, const float *log_probabilities, int32_t blank, int64_t
                              old_width, const float *old_prefix, const float *old_blanks, int64_t width, const
                              int32_t *parents, const int32_t *last, const int32_t *tokens, const float *gains, float
                              *prefix, float *blanks, float *weights, float *repeats);
/// Log-probabilities [rows, symbols] of each next symbol. `sums` [rows, symbols] is the transpose of `weights` times
/// the probabilities [time, symbols], `ends` the last row of `prefix`, `last` each hypothesis's last symbol.
void steno_ctc_prefix_scores(int64_t rows, int64_t symbols, const float *sums, const float *ends, const float *repeats,
                             const int32_t *last, int32_t blank, int32_t end, float *scores);

/// The most likely alignment (ctc_alignment.c): `path` [time] is each frame's label by number, or -1 for a blank, and
/// the log-probability minus infinity if the labels do not fit. `scratch` holds 4 (2 count + 3) floats, `moves`
/// time (2 count + 1) bytes.
void steno_ctc_alignment(int64_t time, int64_t symbols, const float *log_probabilities, int64_t count, const int32_t
                         *labels, int32_t blank, float *scratch, uint8_t *moves, int32_t *path, double
                         *log_probability);

// MARK: Selection (selection.c)

/// The up to `count` largest of offsets[r] + scores[r, c] above minus infinity, in descending order, equal ones in the
/// order of their places r * columns + c. Rows of `scores` are `stride` apart.
void steno_best_candidates(int64_t rows, int64_t columns, int64_t stride, const float *scores, const float *offsets,
                           int64_t count, float *values, int32_t *places, int64_t *found);
/// The place of the largest number of each row, the first if several are equal. Rows are `stride` apart.
void steno_row_maxima(int64_t rows, int64_t columns, int64_t stride, const float *x, int32_t *places);

// MARK: N-gram models (ngram.c)

/// Natural log-probabilities [rows, symbols] of each next symbol after `contexts` [rows, order]. The trie's nodes have
/// a `symbol` and a share each, the first `inner` of them children, from `first[node]` up to `first[node + 1]`, and
/// what is left to the shorter context in `rests`.
void steno_ngram_scores(int64_t rows, int64_t symbols, int64_t order, int64_t inner, const uint32_t *first, const
                        uint8_t *symbol, const float *shares, const float *rests, const int32_t *contexts, float
                        *scores);
/// The context of row i becomes that of row `parents[i]` of `old` with `tokens[i]` added.
void steno_ngram_advance(int64_t rows, int64_t order, int64_t inner, const uint32_t *first, const uint8_t *symbol,
                         const int32_t *old, const int32_t *parents, const int32_t *tokens, int32_t *contexts);

// MARK: Spectra and log-mel, eight frames at a time with the frames innermost (mel.c)

/// Frames that the kernels of this section take at once; below, `[n, 8]` has one column a frame.
#define STENO_MEL_LANES 8

/// The signal as columns of one hop each: out[row * stride + column] = signal[column * hop + row], 0 at and beyond
/// `available`. Writes `columns` columns of `rows` rows, rows at most `hop`.
void steno_mel_columns(const float *signal, int64_t available, int64_t hop, int64_t rows, int64_t columns,
                       int64_t stride, float *out);
/// Frames of `length` samples out of such columns, without their mean if `remove_mean`, pre-emphasised (the sample
/// before the first is the first) and windowed: out is [ceil(length / 2), 8] complex numbers, even samples + i odd
/// samples, with the frames in an order of its own (0 1 4 5 2 3 6 7).
void steno_mel_frames(const float *columns, int64_t stride, int64_t hop, int64_t length, const float *window, float
                      pre_emphasis, int64_t remove_mean, float *out);
/// Power spectra [size / 2 + 1, 8] (or magnitudes) from the transforms [8, size / 2] of such complex numbers, in the
/// same order of frames; `size` is even, `cosines` and `sines` are those of 2 pi k / size for k up to size / 4.
void steno_mel_power(const float *spectrum, int64_t size, const float *cosines, const float *sines, int64_t magnitude,
                     float *out);
/// Filter `bin` is the sum of power[starts[bin] + k] times weights[offsets[bin] + k]. `offsets` has bins + 1 entries.
void steno_mel_filters(const float *power, int64_t bins, const int64_t *starts, const int64_t *offsets, const float
                       *weights, float *out);
/// The energy of each of the eight frames, the sum of its squared samples without their mean if `remove_mean`, before
/// pre-emphasis and window, times `scale`. The other arguments are those of `steno_mel_frames`.
void steno_mel_raw_energies(const float *columns, int64_t stride, int64_t hop, int64_t length, int64_t remove_mean,
                            float scale, float *out);
/// The same of what `steno_mel_frames` wrote.
void steno_mel_windowed_energies(const float *frames, int64_t length, float scale, float *out);
/// The sum of each frame's spectrum [points, 8].
void steno_mel_spectrum_energies(const float *spectrum, int64_t points, float *out);

/// x becomes y = x + added, or `replacement` where that is not above `least` (NaN is not), then ln(y) factor + offset,
/// or y factor without the logarithm. `least` and `replacement` are positive normal numbers if there is a logarithm.
typedef struct {
    float added, least, replacement, factor, offset;
    int32_t logarithm;
} steno_compression;

/// Frames `first ..< end` of mel [bins, 8], compressed, as rows of out [end - first, stride].
void steno_mel_rows(const float *mel, int64_t bins, steno_compression how, int64_t first, int64_t end, int64_t stride,
                    float *out);

// MARK: Dither (dither.c)

/// out[i] = signal[i] + amount · z(place + i), where z is normal noise that depends on nothing but the seed and the
/// sample's place. Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3") with
/// the seed as key and place / 4 as counter gives four words w; two by two they become normal
/// (Box and Muller 1958):
///
///     r = sqrt(-2 ln(((w[0] >> 8) + 1) / 2^24)),   z[0] = r cos(2π w[1] / 2^32),   z[1] = r sin(2π w[1] / 2^32)
void steno_dither(const float *signal, int64_t count, int64_t place, uint64_t seed, float amount, float *out);

// MARK: Rows of features (rows.c)

/// Adds each column's sum and sum of squares over `rows`, times `sign`.
void steno_rows_accumulate(const float *values, int64_t rows, int64_t columns, double sign, double *sums,
                           double *squares);
/// values = (values - means) * scales, by column.
void steno_rows_normalise(float *values, int64_t rows, int64_t columns, const float *means, const float *scales);
/// out = (row - mean) / deviation, or row - mean without `variance`: mean and deviation of `count` rows from their sums
/// and sums of squares, a variance of at least `least`. `out` may be `row`.
void steno_row_centre(const float *row, int64_t columns, const double *sums, const double *squares, int64_t count,
                      int64_t variance, double least, float *out);
/// The largest number of rows [rows, stride] of which the first `columns` count.
void steno_rows_maximum(const float *values, int64_t rows, int64_t columns, int64_t stride, float *maximum);
/// values = (max(values, top - range) - share · top + offset) · scale in the first `columns` of rows [rows, stride].
/// top is `maximum`; if `running`, it is first raised to each row's largest number and kept. The range may be infinite.
void steno_rows_limit(float *values, int64_t rows, int64_t columns, int64_t stride, float range, float share, float
                      offset, float scale, int64_t running, float *maximum);
/// out [rows, outputs] = values [rows, columns] · matrix [columns, width]: rows are `stride` and `out_stride` apart,
/// `width` is a multiple of 8 and `outputs` at most that.
void steno_rows_product(const float *values, int64_t rows, int64_t columns, int64_t stride, const float *matrix,
                        int64_t width, int64_t outputs, int64_t out_stride, float *out);
/// out row t = Σ_j weights[reach + j] · x[min(max(centre + j, 0), last)] for j from -reach to reach, where centre is
/// t within `lowest ... highest`, for the rows t from `begin` to `end`; `values` begins at row `first` of x.
void steno_rows_filter(const float *values, int64_t first, int64_t last, int64_t columns, int64_t stride, const float
                       *weights, int64_t reach, int64_t begin, int64_t end, int64_t lowest, int64_t highest,
                       int64_t out_stride, float *out);

// MARK: Samples to one channel (samples.c)

/// The mean of all channels. NaN and infinities are taken as 0 and their number added to `replaced`.
void steno_samples_mix(const float *interleaved, int64_t frames, int64_t channels, float *mono, int64_t *replaced);
/// One channel, likewise.
void steno_samples_take(const float *interleaved, int64_t frames, int64_t channels, int64_t channel, float *mono,
                        int64_t *replaced);
/// out[i] = signal[i] - share · signal[i - 1], with `previous` before the first; `out` may be `signal`.
void steno_samples_emphasise(const float *signal, int64_t count, float share, float previous, float *out);

// MARK: Pitch (pitch.c, pitch_path.c)

/// Frames of `length` samples out of columns as `steno_mel_columns` makes them, each brought to a peak in [0.5, 1) by
/// a power of two (to 0 where the peak is below 2^-100), as complex numbers [ceil(length / 2), 8] in the order of
/// `steno_mel_frames`. energies [longest + 1, 8] is the sum of squares before each sample.
void steno_pitch_frames(const float *columns, int64_t stride, int64_t hop, int64_t length, int64_t longest, float *out,
                        float *energies);
/// The even sequence of `points` numbers whose first half is power [points / 2 + 1, 8], as such complex numbers
/// [points / 2, 8].
void steno_pitch_mirror(const float *power, int64_t points, float *out);
/// YIN's cumulative mean normalised differences [longest - shortest + 1, 8] at lags `shortest ... longest`, from the
/// transforms [8, points / 2] of what `steno_pitch_mirror` makes; `points` is at least a frame's length + `longest`.
/// `correlations` is scratch of [longest + 1, 8].
void steno_pitch_differences(const float *spectrum, int64_t points, const float *cosines, const float *sines, const
                             float *energies, int64_t shortest, int64_t longest, float *correlations, float *out);
/// The first trough below `threshold` of n differences, which are 8 numbers apart as below, else the lowest of all:
/// where it is, counted from the first and refined by a parabola, and how deep.
void steno_pitch_trough(const float *differences, int64_t n, double threshold, double *place, float *depth, int64_t
                        *is_below);

/// How probable troughs are. Threshold j from 0 is (j + 1) / thresholds and has the probability `probabilities[j]`,
/// of which `sums` [thresholds + 1] are the running sums from 0. Of m troughs below a threshold the first gets
/// `shares[m]` of it and each further one `decay` of what the one before got. The lowest of all gets `no_trough` of
/// thresholds that are not above it.
typedef struct {
    int64_t thresholds, shortest, bins;
    double decay, no_trough, bins_per_octave, rate, low;
    const double *probabilities, *sums, *shares;
} steno_pitch_prior_t;
/// A frame's candidates: bins of pitch in descending order with their probabilities, of which `voicing` is the sum.
/// `scratch` holds `thresholds` numbers, `troughs` 2 n, and `bins` and `probabilities` n.
void steno_pitch_candidates(const steno_pitch_prior_t *prior, const float *differences, int64_t n, double *scratch,
                            int32_t *troughs, int32_t *bins, double *probabilities, int64_t *count, double *voicing);

/// Between bins of pitch. `log_window` [width] stands between STENO_PITCH_PADDING times minus infinity on both sides,
/// and `log_window_top` is its highest number; `log_sums` [bins] is what leaves each bin.
typedef struct {
    int64_t bins, width, centre;
    double log_window_top, log_stay, log_switch, log_floor;
    const double *log_window, *log_sums;
} steno_pitch_transitions_t;
#define STENO_PITCH_PADDING 16
/// Scores [2, bins] of the best paths to each voiced and each unvoiced bin, the highest being 0 and at *top, become
/// those of the next frame, in which the bins `places` have these probabilities and all unvoiced bins share `unvoiced`;
/// moves [2, bins] says from which place each came. Without `moves` it is the first frame. `scratch` holds 6 numbers,
/// `sources` 1, for each bin and 16 more.
void steno_pitch_path_step(const steno_pitch_transitions_t *transitions, int64_t count, const int32_t *places, const
                           double *probabilities, double unvoiced, double *scores, double *scratch, int32_t *sources,
                           uint16_t *moves, int64_t *top);

// MARK: Half precision (half.c)

/// Beyond 65,504 comes infinity.
void steno_half_from_float(int64_t n, const float *x, uint16_t *y);
void steno_float_from_half(int64_t n, const uint16_t *x, float *y);

// MARK: 8-bit integers (int8.c)

/// q [rows, columns] from -127 to 127 and scales [columns] such that x[i, j] is about scales[j] q[i, j].
void steno_int8_from_float(int64_t rows, int64_t columns, const float *x, int8_t *q, float *scales);
void steno_float_from_int8(int64_t rows, int64_t columns, const int8_t *q, const float *scales, float *x);

#endif
