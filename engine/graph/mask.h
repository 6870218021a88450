/**
 * Sets of units of a small graph as bits: community-sized problems are searched by the ten thousand, and a flood
 * through sixteen units is a few dozen instructions here.
 */
#ifndef WG_GRAPH_MASK_H
#define WG_GRAPH_MASK_H

#include <stdbool.h>
#include <stdint.h>

enum { WG_MASK_UNITS = 128 /**< most units of a graph that has masks */ };

/** Unit v is bit v % 64 of the word v / 64. */
typedef struct wg_mask {
    uint64_t low, high;
} wg_mask;

static inline wg_mask wg_mask_of(uint32_t v) {
    return v < 64 ? (wg_mask){.low = UINT64_C(1) << v} : (wg_mask){.high = UINT64_C(1) << (v - 64)};
}

static inline wg_mask wg_mask_and(wg_mask a, wg_mask b) {
    return (wg_mask){a.low & b.low, a.high & b.high};
}

static inline wg_mask wg_mask_or(wg_mask a, wg_mask b) {
    return (wg_mask){a.low | b.low, a.high | b.high};
}

/** Those of a that are not in b. */
static inline wg_mask wg_mask_less(wg_mask a, wg_mask b) {
    return (wg_mask){a.low & ~b.low, a.high & ~b.high};
}

static inline bool wg_mask_any(wg_mask a) {
    return (a.low | a.high) != 0;
}

static inline uint32_t wg_mask_count(wg_mask a) {
    return (uint32_t)(__builtin_popcountll(a.low) + __builtin_popcountll(a.high));
}

/** The least unit of a set that has one. */
static inline uint32_t wg_mask_least(wg_mask a) {
    return (uint32_t)(a.low != 0 ? __builtin_ctzll(a.low) : 64 + __builtin_ctzll(a.high));
}

/** Takes the least unit out. */
static inline uint32_t wg_mask_pop(wg_mask *a) {
    const uint32_t v = wg_mask_least(*a);
    if (a->low != 0) {
        a->low &= a->low - 1;
    } else {
        a->high &= a->high - 1;
    }
    return v;
}

/**
 * The units of `set` that are reached from its unit `from` without leaving it, or as many of them as it takes to find
 * all of `wanted`.
 *
 * @param near  by unit: its neighbours
 */
static inline wg_mask wg_mask_flood(const wg_mask *near, wg_mask set, uint32_t from, wg_mask wanted) {
    wg_mask reached = wg_mask_of(from), open = reached;
    while (wg_mask_any(open) && wg_mask_any(wg_mask_less(wanted, reached))) {
        const wg_mask found = wg_mask_less(wg_mask_and(near[wg_mask_pop(&open)], set), reached);
        reached = wg_mask_or(reached, found);
        open = wg_mask_or(open, found);
    }
    return reached;
}

/** Does a connected set stay so without its unit v? Most often v's neighbours tell by themselves. */
static inline bool wg_mask_without(const wg_mask *near, wg_mask set, uint32_t v) {
    const wg_mask rest = wg_mask_less(set, wg_mask_of(v)), around = wg_mask_and(near[v], rest);
    if (!wg_mask_any(around)) {
        return true;
    }
    const uint32_t from = wg_mask_least(around);
    const wg_mask local = wg_mask_flood(near, around, from, around);
    return !wg_mask_any(wg_mask_less(around, local)) ||
           !wg_mask_any(wg_mask_less(around, wg_mask_flood(near, rest, from, around)));
}

#endif
