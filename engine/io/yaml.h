/** YAML documents as a tree with line numbers, for --config, weights and plan.yaml. */
#ifndef WG_IO_YAML_H
#define WG_IO_YAML_H

#include "core/memory.h"
#include "core/status.h"

typedef enum wg_yaml_kind { WG_YAML_SCALAR = 0, WG_YAML_LIST, WG_YAML_MAP } wg_yaml_kind;

typedef struct wg_yaml_node {
    wg_yaml_kind kind;
    uint32_t line;    /**< from 1 */
    const char *file; /**< for messages */
    const char *text; /**< scalars */
    bool quoted;      /**< "..." or '...': never null, number or boolean */
    size_t n;         /**< items, or pairs of a map */
    const char **key; /**< maps: n keys, as written in the file's order */
    uint32_t *key_line;
    struct wg_yaml_node **item; /**< lists: items; maps: values */
} wg_yaml_node;

typedef struct wg_yaml {
    wg_yaml_node *root; /**< a map without entries for an empty document */
    wg_arena arena;
} wg_yaml;

/** @return WG_EIO (cannot read), WG_EDATA ("FILE:LINE: …": syntax, duplicate key, alias loop, more than one document)
 */
wg_status wg_yaml_read(wg_context *ctx, const char *path, wg_yaml *yaml);
/** @param name  what messages call it */
wg_status wg_yaml_parse(wg_context *ctx, const char *name, const char *text, size_t length, wg_yaml *yaml);
void wg_yaml_release(wg_yaml *yaml);

/** Value of a key, or NULL. */
const wg_yaml_node *wg_yaml_get(const wg_yaml_node *map, const char *key);
/** WG_EDATA "FILE:LINE: unknown key X (known: a, b, c)" for the first key that is not in the NULL-terminated list. */
wg_status wg_yaml_keys(wg_context *ctx, const wg_yaml_node *map, const char *const *known);
/* Typed values; WG_EDATA "FILE:LINE: KEY: …" where the kind is wrong. */
wg_status wg_yaml_number(wg_context *ctx, const wg_yaml_node *node, const char *key, double *value);
wg_status wg_yaml_integer(wg_context *ctx, const wg_yaml_node *node, const char *key, int64_t *value);
wg_status wg_yaml_bool(wg_context *ctx, const wg_yaml_node *node, const char *key, bool *value);
wg_status wg_yaml_text(wg_context *ctx, const wg_yaml_node *node, const char *key, const char **value);
wg_status wg_yaml_list(wg_context *ctx, const wg_yaml_node *node,
                       const char *key); /**< a list, or a scalar (then n = 0) */
wg_status wg_yaml_map(wg_context *ctx, const wg_yaml_node *node, const char *key);
/** wg_fail with "FILE:LINE: " in front. */
wg_status wg_yaml_fail(wg_context *ctx, const wg_yaml_node *node, const char *format, ...) WG_PRINTF(3, 4);

#endif
