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
