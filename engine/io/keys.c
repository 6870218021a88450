#include "io/keys.h"

#include <string.h>

#include "io/fields.h"
#include "model/text.h"

char *wg_key_of(wg_key_kind kind, const char *text) {
    switch (kind) {
    case WG_KEY_NAME:
        return wg_text_folded(text);
    case WG_KEY_ADDRESS:
        return wg_text_address_key(text);
    case WG_KEY_CODE:
    default:
        return wg_text_code_key(text);
    }
}

static int by_key(const void *a, const void *b) {
    const struct wg_key_entry *x = a, *y = b;
    const int order = strcmp(x->key, y->key);
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row ? 1 : 0;
}

wg_status wg_keys_build(wg_context *ctx, const wg_layer *layer, uint32_t column, wg_key_kind kind, wg_keys *keys) {
    *keys = (wg_keys){.items = wg_calloc(layer->n, sizeof *keys->items), .kind = kind};
    if (keys->items == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < layer->n; row++) {
        char buffer[32];
        const char *text = wg_fields_text(layer, row, column, buffer);
        if (text == NULL) {
            continue;
        }
        char *key = wg_key_of(kind, text);
        if (key == NULL) {
            wg_keys_release(keys);
            return wg_fail_memory(ctx);
        }
        if (key[0] == '\0') {
            free(key);
            continue;
        }
        keys->items[keys->n++] = (struct wg_key_entry){key, row};
    }
    qsort(keys->items, keys->n, sizeof *keys->items, by_key);
    return WG_OK;
}

wg_status wg_keys_find(wg_context *ctx, const wg_keys *keys, const char *text, size_t *count, size_t *row) {
    size_t low = 0, high = keys->n;
    *count = 0;
    if (text == NULL || keys->n == 0) {
        return WG_OK;
    }
    char *key = wg_key_of(keys->kind, text);
    if (key == NULL) {
        return wg_fail_memory(ctx);
    }
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(keys->items[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (low + *count < keys->n && strcmp(keys->items[low + *count].key, key) == 0) {
        (*count)++; /* an empty key is in no index */
    }
    if (*count > 0) {
        *row = keys->items[low].row;
    }
    free(key);
    return WG_OK;
}

void wg_keys_release(wg_keys *keys) {
    for (size_t i = 0; i < keys->n; i++) {
        free(keys->items[i].key);
    }
    free(keys->items);
    *keys = (wg_keys){0};
}
