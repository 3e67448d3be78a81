// Subwords by SentencePiece (Kudo, Richardson 2018, "SentencePiece: A simple and language independent subword tokenizer
// and detokenizer for neural text processing"): the few calls that are needed, behind plain C.
//
// A function that can fail returns NULL when it did not, and otherwise one sentence, which the caller frees with
// `free`. Texts are UTF-8 and given with their lengths in bytes.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A model that is loaded: never changed, so that any number of threads may use it.
typedef struct steno_subwords steno_subwords;

/// Of an id: what it stands for.
enum steno_piece_kind {
    steno_piece_text = 0,
    /// One byte of UTF-8, named as `<0xE2>`.
    steno_piece_byte = 1,
    steno_piece_unknown = 2,
    /// A control symbol, or a piece that is not in use.
    steno_piece_other = 3,
};

/// Loads a serialised model. `bytes` are checked first where SentencePiece believes them.
char *steno_subwords_load(const uint8_t *bytes, int64_t count, steno_subwords **model);

void steno_subwords_close(steno_subwords *model);

/// How many ids there are.
int64_t steno_subwords_count(const steno_subwords *model);

/// The piece of an id, in which U+2581 is a space; it lives as long as the model.
const char *steno_subwords_piece(const steno_subwords *model, int64_t id, int64_t *bytes);

enum steno_piece_kind steno_subwords_kind(const steno_subwords *model, int64_t id);

/// The ids of a text; the caller frees `ids`.
char *steno_subwords_encode(const steno_subwords *model, const char *text, int64_t bytes, int32_t **ids,
                            int64_t *count);

/// Gives the next text to learn from, or NULL when there is no more; it has to live until the next call.
typedef const char *(*steno_subwords_next)(void *context, int64_t *bytes);

/// Learns a model by SentencePiece's options, `options` pairs of name and value (spm_train --help); the caller frees
/// `model`.
char *steno_subwords_train(const char *const *names, const char *const *values, int64_t options,
                           steno_subwords_next next, void *context, uint8_t **model, int64_t *bytes);

#ifdef __cplusplus
}
#endif
