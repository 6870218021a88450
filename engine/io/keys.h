/** Rows of a table by a normalised key: codes, names or addresses as different people write them. */
#ifndef WG_IO_KEYS_H
#define WG_IO_KEYS_H

#include "model/layer.h"

typedef enum wg_key_kind { WG_KEY_CODE = 0, WG_KEY_NAME, WG_KEY_ADDRESS } wg_key_kind;

/** The normalised form of a text (free with free()); NULL when memory is out, "" for one that says nothing. */
char *wg_key_of(wg_key_kind kind, const char *text);

typedef struct wg_keys {
    struct wg_key_entry {
        char *key;
        size_t row;
    } * items; /**< sorted by key, then row */
    size_t n;
    wg_key_kind kind;
} wg_keys;

/** Index a column; rows without a value are left out. O(n log n) */
wg_status wg_keys_build(wg_context *ctx, const wg_layer *layer, uint32_t column, wg_key_kind kind, wg_keys *keys);
/** How many rows have the key of this text (NULL: none); `row` is the first. */
wg_status wg_keys_find(wg_context *ctx, const wg_keys *keys, const char *text, size_t *count, size_t *row);
void wg_keys_release(wg_keys *keys);

#endif
