/** Allocation with overflow checks, growing arrays and byte buffers. Everything is freed with free(). */
#ifndef WG_CORE_MEMORY_H
#define WG_CORE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/status.h"

/** `count` zeroed items of `size` bytes, never NULL for a count of 0. NULL when memory is out or the product overflows.
 */
void *wg_calloc(size_t count, size_t size);

/** Like wg_calloc without the zeroing. */
void *wg_malloc(size_t count, size_t size);

/** realloc() to `count` items; the old block stays valid where it fails (NULL). */
void *wg_realloc(void *block, size_t count, size_t size);

/** Copy of a string; NULL for NULL or when memory is out. */
char *wg_strdup(const char *text);

/** Copy of `length` bytes with a NUL behind them. */
char *wg_strndup(const char *text, size_t length);

/** Make room for at least `need` items in a growing array (doubling). The array is kept where it fails. */
bool wg_reserve_(void **items, size_t *capacity, size_t need, size_t size);

/** Make room for `need` items in `items` (a T*), whose allocated length is the size_t `capacity`. @return false: no
 * memory */
#define WG_RESERVE(items, capacity, need) wg_reserve_((void **)&(items), &(capacity), (need), sizeof *(items))

/** A growing run of bytes; all zero is an empty one. After a failed append `failed` stays set: check once at the end.
 */
typedef struct wg_buffer {
    char *data; /**< NUL-terminated where anything was ever appended */
    size_t length, capacity;
    bool failed;
} wg_buffer;

void wg_buffer_release(wg_buffer *buffer);
void wg_buffer_clear(wg_buffer *buffer);
void wg_buffer_append(wg_buffer *buffer, const void *bytes, size_t length);
void wg_buffer_text(wg_buffer *buffer, const char *text);
void wg_buffer_printf(wg_buffer *buffer, const char *format, ...) WG_PRINTF(2, 3);
/** Hand the bytes to the caller (free with free()) and empty the buffer; NULL where an append failed. */
char *wg_buffer_steal(wg_buffer *buffer);

/** A region that is freed at once; all zero is an empty one. Pointers stay valid until release. */
typedef struct wg_arena {
    struct wg_arena_block *head;
} wg_arena;

void *wg_arena_alloc(wg_arena *arena, size_t bytes); /**< aligned to 16; NULL when memory is out */
char *wg_arena_strdup(wg_arena *arena, const char *text, size_t length);
void wg_arena_release(wg_arena *arena);

#endif
