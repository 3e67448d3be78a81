#include "CSentencePiece.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "character_map.h"

struct steno_subwords {
    sentencepiece::SentencePieceProcessor processor;
};

namespace {

char *copy(std::string_view text) {
    auto bytes = static_cast<char *>(std::malloc(text.size() + 1));
    if (bytes == nullptr) std::abort();
    std::memcpy(bytes, text.data(), text.size());
    bytes[text.size()] = 0;
    return bytes;
}

/// What a status says, without the place in SentencePiece's sources that stands before it in brackets.
char *sentence(const sentencepiece::util::Status &status) {
    std::string_view message = status.error_message();
    const auto place = message.rfind("] ");
    if (place != message.npos) message = message.substr(place + 2);
    while (!message.empty() && (message.back() == '.' || message.back() == ' ')) message.remove_suffix(1);
    // A condition alone, which is of the form `file(line) [condition]`.
    return copy(message.empty() || message.back() == ']' ? "SentencePiece cannot make a model of it" : message);
}

/// Nothing is thrown across the border to C.
template <typename Body>
char *guarded(Body body) noexcept {
    try {
        return body();
    } catch (const std::exception &error) {
        return copy(error.what());
    } catch (...) {
        return copy("an unknown exception in SentencePiece");
    }
}

class Texts final : public sentencepiece::SentenceIterator {
public:
    Texts(steno_subwords_next next, void *context) : next_(next), context_(context) { Next(); }
    bool done() const override { return done_; }
    const std::string &value() const override { return value_; }
    sentencepiece::util::Status status() const override { return {}; }
    void Next() override {
        int64_t bytes = 0;
        const char *text = next_(context_, &bytes);
        done_ = text == nullptr;
        if (!done_) value_.assign(text, static_cast<size_t>(bytes));
    }

private:
    steno_subwords_next next_;
    void *context_;
    std::string value_;
    bool done_ = false;
};

}  // namespace

char *steno_subwords_load(const uint8_t *bytes, int64_t count, steno_subwords **model) {
    return guarded([&]() -> char * {
        const std::string_view serialised(reinterpret_cast<const char *>(bytes), static_cast<size_t>(count));
        if (const char *complaint = steno::character_maps_complaint(serialised)) return copy(complaint);
        auto loaded = std::make_unique<steno_subwords>();
        const auto status = loaded->processor.LoadFromSerializedProto(serialised);
        if (!status.ok()) return sentence(status);
        *model = loaded.release();
        return nullptr;
    });
}

void steno_subwords_close(steno_subwords *model) { delete model; }

int64_t steno_subwords_count(const steno_subwords *model) { return model->processor.GetPieceSize(); }

const char *steno_subwords_piece(const steno_subwords *model, int64_t id, int64_t *bytes) {
    const std::string &piece = model->processor.IdToPiece(static_cast<int>(id));
    *bytes = static_cast<int64_t>(piece.size());
    return piece.data();
}

enum steno_piece_kind steno_subwords_kind(const steno_subwords *model, int64_t id) {
    const auto number = static_cast<int>(id);
    const auto &processor = model->processor;
    if (processor.IsUnknown(number)) return steno_piece_unknown;
    if (processor.IsControl(number) || processor.IsUnused(number)) return steno_piece_other;
    return processor.IsByte(number) ? steno_piece_byte : steno_piece_text;
}

char *steno_subwords_encode(const steno_subwords *model, const char *text, int64_t bytes, int32_t **ids,
                            int64_t *count) {
    return guarded([&]() -> char * {
        std::vector<int> found;
        const auto status = model->processor.Encode({text, static_cast<size_t>(bytes)}, &found);
        if (!status.ok()) return sentence(status);
        *count = static_cast<int64_t>(found.size());
        *ids = static_cast<int32_t *>(std::malloc(sizeof(int32_t) * (found.size() + 1)));
        if (*ids == nullptr) return copy("there is no memory left");
        for (size_t place = 0; place < found.size(); ++place) (*ids)[place] = found[place];
        return nullptr;
    });
}

char *steno_subwords_train(const char *const *names, const char *const *values, int64_t options,
                           steno_subwords_next next, void *context, uint8_t **model, int64_t *bytes) {
    return guarded([&]() -> char * {
        std::unordered_map<std::string, std::string> arguments;
        for (int64_t option = 0; option < options; ++option) arguments[names[option]] = values[option];
        Texts texts(next, context);
        std::string serialised;
        const auto status = sentencepiece::SentencePieceTrainer::Train(arguments, &texts, &serialised);
        if (!status.ok()) return sentence(status);
        *bytes = static_cast<int64_t>(serialised.size());
        *model = reinterpret_cast<uint8_t *>(copy(serialised));
        return nullptr;
    });
}
