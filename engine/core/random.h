/** Random numbers and hashes that are the same on every machine. */
#ifndef WG_CORE_RANDOM_H
#define WG_CORE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/** xoshiro256** (Blackman & Vigna 2018), seeded through splitmix64. */
typedef struct wg_random {
    uint64_t state[4];
} wg_random;

/** Stream of `seed` and a name (a community's code): independent of the order in which streams are made. */
void wg_random_seed(wg_random *random, uint64_t seed, const char *name);

static inline uint64_t wg_rotate_left(uint64_t value, int bits) {
    return (value << bits) | (value >> (64 - bits));
}

static inline uint64_t wg_random_next(wg_random *random) {
    uint64_t *s = random->state;
    const uint64_t result = wg_rotate_left(s[1] * 5, 7) * 9;
    const uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = wg_rotate_left(s[3], 45);
    return result;
}

/** Uniform in 0..below-1 without bias (Lemire 2019); below >= 1. */
static inline uint32_t wg_random_below(wg_random *random, uint32_t below) {
    uint64_t product = (wg_random_next(random) >> 32) * below;
    if ((uint32_t)product < below) {
        const uint32_t threshold = (0u - below) % below;
        while ((uint32_t)product < threshold) {
            product = (wg_random_next(random) >> 32) * below;
        }
    }
    return (uint32_t)(product >> 32);
}

/** Uniform in [0, 1) with 53 bits. */
static inline double wg_random_unit(wg_random *random) {
    return (double)(wg_random_next(random) >> 11) * 0x1.0p-53;
}

/** 64-bit mixing of one number (splitmix64 finaliser). */
uint64_t wg_hash_u64(uint64_t value);
/** 64-bit FNV-1a of bytes, continued from `hash` (start with WG_HASH_START), then mixed. */
uint64_t wg_hash_bytes(uint64_t hash, const void *bytes, size_t length);
#define WG_HASH_START UINT64_C(0xcbf29ce484222325)

#endif
