// Normal noise that depends on a seed and a sample's place alone (see CKernels.h for the generator).

#include "approximations.h"

/// Ten rounds of Philox4x32 on the counter (low, high, 0, 0).
static KERNEL void philox(uint32_t low, uint32_t high, uint32_t key0, uint32_t key1, uint32_t words[4]) {
    uint32_t a = low, b = high, c = 0, d = 0;
    for (int round = 0; round < 10; round++) {
        uint64_t p = (uint64_t)a * 0xD2511F53u, q = (uint64_t)c * 0xCD9E8D57u;
        a = (uint32_t)(q >> 32) ^ b ^ key0;
        b = (uint32_t)q;
        c = (uint32_t)(p >> 32) ^ d ^ key1;
        d = (uint32_t)p;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    words[0] = a;
    words[1] = b;
    words[2] = c;
    words[3] = d;
}

/// Sine and cosine of 2π turn / 2^32, from their series on an eighth of a turn to either side: within 2e-7.
static KERNEL void circle(uint32_t turn, float *sine, float *cosine) {
    uint32_t quarter = (turn + 0x20000000u) >> 30;
    float angle = (float)(int32_t)(turn - (quarter << 30)) * 1.46291808e-9f;  // 2π / 2^32
    float u = angle * angle;
    float s = angle + angle * u * (-1.66666667e-1f + u * (8.33333333e-3f + u * -1.98412698e-4f));
    float c = 1.0f + u * (-0.5f + u * (4.16666667e-2f + u * (-1.38888889e-3f + u * 2.48015873e-5f)));
    float x = quarter & 1 ? -s : c, y = quarter & 1 ? c : s;
    *cosine = quarter & 2 ? -x : x;
    *sine = quarter & 2 ? -y : y;
}

static KERNEL void dither_body(const float *signal, int64_t count, int64_t place, uint64_t seed, float amount,
                               float *out) {
    enum { BLOCKS = 16 };
    int64_t lead = place & 3;
    for (int64_t first = -lead; first < count; first += 4 * BLOCKS) {
        float noise[4 * BLOCKS];
        uint64_t block = (uint64_t)(place + first) >> 2;
        for (int i = 0; i < BLOCKS; i++) {
            uint32_t w[4];
            philox((uint32_t)(block + i), (uint32_t)((block + i) >> 32), (uint32_t)seed, (uint32_t)(seed >> 32), w);
            for (int pair = 0; pair < 4; pair += 2) {
                float radius = sqrtf(-2.0f * fast_log((float)((w[pair] >> 8) + 1) * 5.96046448e-8f));
                float sine, cosine;
                circle(w[pair + 1], &sine, &cosine);
                noise[4 * i + pair] = radius * cosine;
                noise[4 * i + pair + 1] = radius * sine;
            }
        }
        int64_t begin = first < 0 ? -first : 0;
        int64_t end = count - first < 4 * BLOCKS ? count - first : 4 * BLOCKS;
        for (int64_t i = begin; i < end; i++) out[first + i] = signal[first + i] + amount * noise[i];
    }
}
DISPATCH(dither, (const float *signal, int64_t count, int64_t place, uint64_t seed, float amount, float *out),
         (signal, count, place, seed, amount, out))
