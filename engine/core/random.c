#include "core/random.h"

#include <string.h>

uint64_t wg_hash_u64(uint64_t value) {
    value ^= value >> 30;
    value *= UINT64_C(0xbf58476d1ce4e5b9);
    value ^= value >> 27;
    value *= UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

uint64_t wg_hash_bytes(uint64_t hash, const void *bytes, size_t length) {
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    }
    return wg_hash_u64(hash);
}

void wg_random_seed(wg_random *random, uint64_t seed, const char *name) {
    uint64_t state = wg_hash_u64(seed + UINT64_C(0x9e3779b97f4a7c15));
    if (name != NULL) {
        state ^= wg_hash_bytes(WG_HASH_START, name, strlen(name));
    }
    for (int i = 0; i < 4; i++) {
        state += UINT64_C(0x9e3779b97f4a7c15);
        random->state[i] = wg_hash_u64(state);
    }
}

static uint64_t rotate_left(uint64_t value, int bits) {
    return (value << bits) | (value >> (64 - bits));
}

uint64_t wg_random_next(wg_random *random) {
    uint64_t *s = random->state;
    const uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    const uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint32_t wg_random_below(wg_random *random, uint32_t below) {
    uint64_t product = (wg_random_next(random) >> 32) * below;
    if ((uint32_t)product < below) {
        const uint32_t threshold = (0u - below) % below;
        while ((uint32_t)product < threshold) {
            product = (wg_random_next(random) >> 32) * below;
        }
    }
    return (uint32_t)(product >> 32);
}

double wg_random_unit(wg_random *random) {
    return (double)(wg_random_next(random) >> 11) * 0x1.0p-53;
}
