#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

// SentencePiece reads past the end of a damaged character map, the table by which a model normalises texts; so it is
// looked at beforehand. Formats: sentencepiece_model.proto, Protocol Buffers' wire format, and the double-array trie of
// Darts-clone.
namespace steno {

/// The fields of a message, one after another.
class Fields {
public:
    explicit Fields(std::string_view message) : rest_(message) {}

    /// Moves on to the next field; false at the end, or where the message is damaged.
    bool next() {
        uint64_t key = 0;
        if (rest_.empty() || !number(&key)) return false;
        field = key >> 3;
        contents = {};
        uint64_t size = 0;
        switch (key & 7) {
            case 0: return number(&size);
            case 1: size = 8; break;
            case 5: size = 4; break;
            case 2:
                if (!number(&size)) return false;
                break;
            default: return false;
        }
        if (size > rest_.size()) return false;
        contents = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return true;
    }

    uint64_t field = 0;
    std::string_view contents;

private:
    bool number(uint64_t *value) {
        *value = 0;
        for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            *value |= static_cast<uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) return true;
        }
        return false;
    }

    std::string_view rest_;
};

/// Whether no text leads out of the trie, and every text that it leads to ends within the map. The map is the size of
/// the trie in bytes (uint32), the trie, and texts that each end with 0.
inline bool is_sane_character_map(std::string_view map) {
    if (map.empty()) return true;
    uint32_t size = 0;
    if (map.size() < sizeof(size)) return false;
    std::memcpy(&size, map.data(), sizeof(size));
    map.remove_prefix(sizeof(size));
    if (size > map.size() || size % 1024 != 0 || size == 0) return false;
    const std::string_view texts = map.substr(size);
    if (texts.empty() || texts.back() != 0) return false;
    const uint32_t units = size / 4;
    const auto unit = [&](uint32_t index) {
        uint32_t value = 0;
        std::memcpy(&value, map.data() + 4 * static_cast<size_t>(index), sizeof(value));
        return value;
    };
    for (uint32_t index = 0; index < units; ++index) {
        const uint32_t value = unit(index);
        if (value >> 31) continue;  // the number of a text
        // Children differ from the place by the offset and a byte; units come in blocks of 256, so the byte cannot lead
        // out where the rest does not.
        const uint32_t child = index ^ ((value >> 10) << ((value & (1U << 9)) >> 6));
        if (child >= units) return false;
        const bool has_text = (value >> 8) & 1;
        if (has_text && (unit(child) & 0x7FFFFFFF) >= texts.size()) return false;
    }
    return true;
}

/// What is wrong with the character maps of a serialised model, or null.
inline const char *character_maps_complaint(std::string_view model) {
    for (Fields parts(model); parts.next();) {
        if (parts.field != 3 && parts.field != 5) continue;  // normaliser and denormaliser
        for (Fields options(parts.contents); options.next();) {
            if (options.field == 2 && !is_sane_character_map(options.contents)) {
                return "its table of normalised characters is damaged";
            }
        }
    }
    return nullptr;
}

}  // namespace steno
