/** A binary heap of keyed pairs, smallest first; ties by the pair, so that the order is always the same. */
#ifndef WG_GEO_HEAP_H
#define WG_GEO_HEAP_H

#include "core/memory.h"

typedef struct wg_heap_item {
    double key;
    uint32_t a, b;
} wg_heap_item;

/** All zero is empty; free `item` with free(). */
typedef struct wg_heap {
    wg_heap_item *item;
    size_t n, capacity;
} wg_heap;

static inline bool wg_heap_less(wg_heap_item x, wg_heap_item y) {
    return x.key < y.key || (!(x.key > y.key) && (x.a < y.a || (x.a == y.a && x.b < y.b)));
}

/** @return false without memory */
static inline bool wg_heap_push(wg_heap *heap, double key, uint32_t a, uint32_t b) {
    if (!WG_RESERVE(heap->item, heap->capacity, heap->n + 1)) {
        return false;
    }
    const wg_heap_item item = {key, a, b};
    size_t at = heap->n++;
    while (at > 0 && wg_heap_less(item, heap->item[(at - 1) / 2])) {
        heap->item[at] = heap->item[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap->item[at] = item;
    return true;
}

/** Take out the smallest; the heap must not be empty. */
static inline wg_heap_item wg_heap_pop(wg_heap *heap) {
    const wg_heap_item top = heap->item[0], last = heap->item[--heap->n];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= heap->n) {
            break;
        }
        child += child + 1 < heap->n && wg_heap_less(heap->item[child + 1], heap->item[child]);
        if (!wg_heap_less(heap->item[child], last)) {
            break;
        }
        heap->item[at] = heap->item[child];
        at = child;
    }
    if (heap->n > 0) {
        heap->item[at] = last;
    }
    return top;
}

#endif
