// Scores of an n-gram model: interpolated probabilities of all next symbols, from a trie of contexts.
//
//     p(c | h) = share(h c) + rest(h) p(c | h without its first symbol)
//
// Node 0 is the empty text; the children of node i are nodes first[i] ..< first[i + 1], in ascending order of their
// symbols; nodes at `inner` and beyond have none. A context is a row of `order` nodes: the last 0, 1, 2 ... symbols, as
// far as the trie knows them, then -1.

#include "approximations.h"

static KERNEL void ngram_scores_body(int64_t rows, int64_t symbols, int64_t order, int64_t inner,
                                     const uint32_t *restrict first, const uint8_t *restrict symbol,
                                     const float *restrict shares, const float *restrict rests,
                                     const int32_t *restrict contexts, float *restrict scores) {
    for (int64_t r = 0; r < rows; r++) {
        float *restrict row = scores + r * symbols;
        for (int64_t s = 0; s < symbols; s++) row[s] = 1.0f / (float)symbols;
        for (int64_t k = 0; k < order; k++) {
            int64_t node = contexts[r * order + k];
            if (node < 0 || node >= inner) break;
            float rest = rests[node];
            for (int64_t s = 0; s < symbols; s++) row[s] *= rest;
            for (uint32_t child = first[node]; child < first[node + 1]; child++) row[symbol[child]] += shares[child];
        }
        for (int64_t s = 0; s < symbols; s++) {
            float p = row[s] > 1e-30f ? row[s] : 1e-30f;
            row[s] = fast_log(p < 1.0f ? p : 1.0f);
        }
    }
}
DISPATCH(ngram_scores,
         (int64_t rows, int64_t symbols, int64_t order, int64_t inner, const uint32_t *first, const uint8_t *symbol,
          const float *shares, const float *rests, const int32_t *contexts, float *scores),
         (rows, symbols, order, inner, first, symbol, shares, rests, contexts, scores))

void steno_ngram_advance(int64_t rows, int64_t order, int64_t inner, const uint32_t *restrict first,
                         const uint8_t *restrict symbol, const int32_t *restrict old, const int32_t *restrict parents,
                         const int32_t *restrict tokens, int32_t *restrict contexts) {
    for (int64_t r = 0; r < rows; r++) {
        const int32_t *from = old + parents[r] * order;
        int32_t *to = contexts + r * order;
        to[0] = 0;
        int64_t known = 1;
        for (; known < order; known++) {
            int32_t node = from[known - 1];
            if (node < 0 || node >= inner) break;
            uint32_t child = first[node], end = first[node + 1];
            while (child < end && symbol[child] < tokens[r]) child++;
            if (child == end || symbol[child] != tokens[r]) break;
            to[known] = (int32_t)child;
        }
        for (; known < order; known++) to[known] = -1;
    }
}
