#include "io/yaml.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "model/number.h"

enum { MAX_DEPTH = 64, MAX_FILE_BYTES = 16 << 20 };

/* libyaml composes documents with node numbers; they become a tree here, so that callers never see libyaml. */

typedef struct wg_builder {
    wg_context *ctx;
    wg_yaml *yaml;
    yaml_document_t *document;
    const char *file;
} wg_builder;

static wg_status fail_at(wg_context *ctx, const char *file, size_t line, const char *what) {
    return wg_fail(ctx, WG_EDATA, "%s:%zu: %s", file, line, what);
}

static void *take(wg_builder *b, size_t count, size_t size) {
    void *block = wg_arena_alloc(&b->yaml->arena, (count == 0 ? 1 : count) * size);
    if (block != NULL) {
        memset(block, 0, (count == 0 ? 1 : count) * size);
    }
    return block;
}

static wg_status build(wg_builder *b, int index, int depth, wg_yaml_node **made);

static wg_status build_list(wg_builder *b, const yaml_node_t *from, int depth, wg_yaml_node *node) {
    node->n = (size_t)(from->data.sequence.items.top - from->data.sequence.items.start);
    node->item = take(b, node->n, sizeof(wg_yaml_node *));
    wg_status status = node->item == NULL ? wg_fail_memory(b->ctx) : WG_OK;
    for (size_t i = 0; i < node->n && status == WG_OK; i++) {
        status = build(b, from->data.sequence.items.start[i], depth, &node->item[i]);
    }
    return status;
}

static wg_status build_map(wg_builder *b, const yaml_node_t *from, int depth, wg_yaml_node *node) {
    const yaml_node_pair_t *pairs = from->data.mapping.pairs.start;
    node->n = (size_t)(from->data.mapping.pairs.top - pairs);
    node->item = take(b, node->n, sizeof(wg_yaml_node *));
    node->key = take(b, node->n, sizeof *node->key);
    node->key_line = take(b, node->n, sizeof *node->key_line);
    wg_status status =
        node->item == NULL || node->key == NULL || node->key_line == NULL ? wg_fail_memory(b->ctx) : WG_OK;
    for (size_t i = 0; i < node->n && status == WG_OK; i++) {
        const yaml_node_t *key = yaml_document_get_node(b->document, pairs[i].key);
        node->key_line[i] = (uint32_t)key->start_mark.line + 1;
        if (key->type != YAML_SCALAR_NODE) {
            return fail_at(b->ctx, b->file, key->start_mark.line + 1, "a key must be plain text");
        }
        const char *text = (const char *)key->data.scalar.value;
        node->key[i] = wg_arena_strdup(&b->yaml->arena, text, key->data.scalar.length);
        if (node->key[i] == NULL) {
            return wg_fail_memory(b->ctx);
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(node->key[i], node->key[j]) == 0) {
                return wg_fail(b->ctx, WG_EDATA, "%s:%u: key %s stands twice (first in line %u)", b->file,
                               node->key_line[i], text, node->key_line[j]);
            }
        }
        status = build(b, pairs[i].value, depth, &node->item[i]);
    }
    return status;
}

static wg_status build(wg_builder *b, int index, int depth, wg_yaml_node **made) {
    const yaml_node_t *from = yaml_document_get_node(b->document, index);
    wg_yaml_node *node = take(b, 1, sizeof *node);
    if (node == NULL) {
        return wg_fail_memory(b->ctx);
    }
    node->line = (uint32_t)from->start_mark.line + 1;
    node->file = b->file;
    *made = node;
    if (depth == MAX_DEPTH) {
        return fail_at(b->ctx, b->file, node->line, "nested too deep (an alias that contains itself?)");
    }
    switch (from->type) {
    case YAML_SEQUENCE_NODE:
        node->kind = WG_YAML_LIST;
        return build_list(b, from, depth + 1, node);
    case YAML_MAPPING_NODE:
        node->kind = WG_YAML_MAP;
        return build_map(b, from, depth + 1, node);
    default:
        node->kind = WG_YAML_SCALAR;
        node->quoted = from->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                       from->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
        node->text = wg_arena_strdup(&b->yaml->arena, (const char *)from->data.scalar.value, from->data.scalar.length);
        return node->text == NULL ? wg_fail_memory(b->ctx) : WG_OK;
    }
}

static wg_status parser_failed(wg_context *ctx, const char *name, const yaml_parser_t *parser) {
    if (parser->error == YAML_MEMORY_ERROR) {
        return wg_fail_memory(ctx);
    }
    const size_t line = parser->error == YAML_READER_ERROR ? 1 : parser->problem_mark.line + 1;
    return fail_at(ctx, name, line, parser->problem == NULL ? "not YAML" : parser->problem);
}

static wg_status build_document(wg_context *ctx, const char *name, yaml_parser_t *parser, wg_yaml *yaml) {
    yaml_document_t document;
    wg_builder builder = {.ctx = ctx, .yaml = yaml, .document = &document};
    if (!yaml_parser_load(parser, &document)) {
        return parser_failed(ctx, name, parser);
    }
    builder.file = wg_arena_strdup(&yaml->arena, name, strlen(name));
    wg_status status = builder.file == NULL ? wg_fail_memory(ctx) : WG_OK;
    if (status == WG_OK && yaml_document_get_root_node(&document) != NULL) {
        status = build(&builder, 1, 0, &yaml->root);
    } else if (status == WG_OK) {
        yaml->root = take(&builder, 1, sizeof *yaml->root);
        status = yaml->root == NULL ? wg_fail_memory(ctx) : WG_OK;
        if (status == WG_OK) {
            yaml->root->kind = WG_YAML_MAP;
            yaml->root->line = 1;
            yaml->root->file = builder.file;
        }
    }
    yaml_document_delete(&document);
    if (status != WG_OK) {
        return status;
    }
    if (!yaml_parser_load(parser, &document)) {
        return parser_failed(ctx, name, parser);
    }
    const yaml_node_t *more = yaml_document_get_root_node(&document);
    const size_t line = more == NULL ? 0 : more->start_mark.line + 1;
    yaml_document_delete(&document);
    return more == NULL ? WG_OK : fail_at(ctx, name, line, "a second document (one a file)");
}

wg_status wg_yaml_parse(wg_context *ctx, const char *name, const char *text, size_t length, wg_yaml *yaml) {
    yaml_parser_t parser;
    *yaml = (wg_yaml){0};
    if (!yaml_parser_initialize(&parser)) {
        return wg_fail_memory(ctx);
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    const wg_status status = build_document(ctx, name, &parser, yaml);
    yaml_parser_delete(&parser);
    if (status != WG_OK) {
        wg_yaml_release(yaml);
    }
    return status;
}

wg_status wg_yaml_read(wg_context *ctx, const char *path, wg_yaml *yaml) {
    *yaml = (wg_yaml){0};
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return wg_fail(ctx, WG_EIO, "%s: cannot be read: %s", path, strerror(errno));
    }
    wg_buffer text = {0};
    char chunk[4096];
    size_t n = 0;
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0 && text.length < MAX_FILE_BYTES) {
        wg_buffer_append(&text, chunk, n);
    }
    const bool failed = ferror(file) != 0;
    (void)fclose(file);
    wg_status status = WG_OK;
    if (failed || text.length >= MAX_FILE_BYTES) {
        status = wg_fail(ctx, WG_EIO, "%s: %s", path, failed ? "cannot be read" : "too large for a configuration");
    } else if (text.failed) {
        status = wg_fail_memory(ctx);
    } else {
        status = wg_yaml_parse(ctx, path, text.data == NULL ? "" : text.data, text.length, yaml);
    }
    wg_buffer_release(&text);
    return status;
}

void wg_yaml_release(wg_yaml *yaml) {
    wg_arena_release(&yaml->arena);
    *yaml = (wg_yaml){0};
}

/* ---------------------------------------------------------------- access */

const wg_yaml_node *wg_yaml_get(const wg_yaml_node *map, const char *key) {
    for (size_t i = 0; map != NULL && map->kind == WG_YAML_MAP && i < map->n; i++) {
        if (strcmp(map->key[i], key) == 0) {
            return map->item[i];
        }
    }
    return NULL;
}

wg_status wg_yaml_fail(wg_context *ctx, const wg_yaml_node *node, const char *format, ...) {
    char message[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return wg_fail(ctx, WG_EDATA, "%s:%u: %s", node->file, node->line, message);
}

wg_status wg_yaml_keys(wg_context *ctx, const wg_yaml_node *map, const char *const *known) {
    for (size_t i = 0; i < map->n; i++) {
        bool found = false;
        for (size_t k = 0; known[k] != NULL && !found; k++) {
            found = strcmp(map->key[i], known[k]) == 0;
        }
        if (found) {
            continue;
        }
        wg_buffer list = {0};
        for (size_t k = 0; known[k] != NULL; k++) {
            wg_buffer_printf(&list, "%s%s", k > 0 ? ", " : "", known[k]);
        }
        const wg_status status = wg_fail(ctx, WG_EDATA, "%s:%u: unknown key %s (known: %s)", map->file,
                                         map->key_line[i], map->key[i], list.data == NULL ? "none" : list.data);
        wg_buffer_release(&list);
        return status;
    }
    return WG_OK;
}

static bool is_scalar(const wg_yaml_node *node) {
    return node->kind == WG_YAML_SCALAR;
}

wg_status wg_yaml_number(wg_context *ctx, const wg_yaml_node *node, const char *key, double *value) {
    if (!is_scalar(node) || node->quoted || wg_number_parse(node->text, value) != WG_NUMBER_EXACT) {
        return wg_yaml_fail(ctx, node, "%s: must be a number", key);
    }
    return WG_OK;
}

wg_status wg_yaml_integer(wg_context *ctx, const wg_yaml_node *node, const char *key, int64_t *value) {
    double number = 0.0;
    if (!is_scalar(node) || node->quoted || wg_number_parse(node->text, &number) != WG_NUMBER_EXACT ||
        number != floor(number) || fabs(number) > 9007199254740992.0) {
        return wg_yaml_fail(ctx, node, "%s: must be a whole number", key);
    }
    *value = (int64_t)number;
    return WG_OK;
}

wg_status wg_yaml_bool(wg_context *ctx, const wg_yaml_node *node, const char *key, bool *value) {
    static const char *const yes[] = {"true", "yes", "on", NULL}, *const no[] = {"false", "no", "off", NULL};
    for (size_t i = 0; is_scalar(node) && !node->quoted && yes[i] != NULL; i++) {
        if (strcasecmp(node->text, yes[i]) == 0 || strcasecmp(node->text, no[i]) == 0) {
            *value = strcasecmp(node->text, yes[i]) == 0;
            return WG_OK;
        }
    }
    return wg_yaml_fail(ctx, node, "%s: must be true or false", key);
}

wg_status wg_yaml_text(wg_context *ctx, const wg_yaml_node *node, const char *key, const char **value) {
    if (!is_scalar(node)) {
        return wg_yaml_fail(ctx, node, "%s: must be a text", key);
    }
    *value = node->text;
    return WG_OK;
}

wg_status wg_yaml_list(wg_context *ctx, const wg_yaml_node *node, const char *key) {
    return node->kind == WG_YAML_MAP ? wg_yaml_fail(ctx, node, "%s: must be a list", key) : WG_OK;
}

wg_status wg_yaml_map(wg_context *ctx, const wg_yaml_node *node, const char *key) {
    return node->kind != WG_YAML_MAP ? wg_yaml_fail(ctx, node, "%s: must hold keys and values", key) : WG_OK;
}
