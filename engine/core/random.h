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
uint64_t wg_random_next(wg_random *random);
/** Uniform in 0..below-1 without bias (Lemire 2019); below >= 1. */
uint32_t wg_random_below(wg_random *random, uint32_t below);
/** Uniform in [0, 1) with 53 bits. */
double wg_random_unit(wg_random *random);

/** 64-bit mixing of one number (splitmix64 finaliser). */
uint64_t wg_hash_u64(uint64_t value);
/** 64-bit FNV-1a of bytes, continued from `hash` (start with WG_HASH_START), then mixed. */
uint64_t wg_hash_bytes(uint64_t hash, const void *bytes, size_t length);
#define WG_HASH_START UINT64_C(0xcbf29ce484222325)

#endif
