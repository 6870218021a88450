#include "yamlfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "message.h"

/* Aliases may repeat a node; these keep a hostile file from growing or nesting without end. */
enum { DEEPEST = 16, MOST_NODES = 100000 };

typedef struct loader {
    cli_pool *pool;
    const char *path;
    yaml_document_t document;
    size_t nodes;
} loader;

int cli_yaml_error(const char *path, const cli_yaml *node, const char *format, ...) {
    char problem[2048];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(problem, sizeof problem, format, args);
    va_end(args);
    return cli_usage_error("%s: line %zu: %s", path, node->line, problem);
}

static int convert(loader *load, int id, size_t depth, cli_yaml **node);

static int convert_list(loader *load, const yaml_node_t *from, size_t depth, cli_yaml *to) {
    const size_t n = (size_t)(from->data.sequence.items.top - from->data.sequence.items.start);
    to->items = cli_pool_alloc(load->pool, (n + 1) * sizeof(cli_yaml *));
    for (; to->n < n; to->n++) {
        const int status = convert(load, from->data.sequence.items.start[to->n], depth, &to->items[to->n]);
        if (status != CLI_DONE) {
            return status;
        }
    }
    return CLI_DONE;
}

static int convert_map(loader *load, const yaml_node_t *from, size_t depth, cli_yaml *to) {
    const size_t n = (size_t)(from->data.mapping.pairs.top - from->data.mapping.pairs.start);
    to->keys = cli_pool_alloc(load->pool, (n + 1) * sizeof(cli_yaml *));
    to->items = cli_pool_alloc(load->pool, (n + 1) * sizeof(cli_yaml *));
    for (; to->n < n; to->n++) {
        const yaml_node_pair_t *pair = &from->data.mapping.pairs.start[to->n];
        int status = convert(load, pair->key, depth, &to->keys[to->n]);
        if (status == CLI_DONE) {
            status = convert(load, pair->value, depth, &to->items[to->n]);
        }
        if (status != CLI_DONE) {
            return status;
        }
        const cli_yaml *key = to->keys[to->n];
        if (key->kind != CLI_YAML_SCALAR) {
            return cli_yaml_error(load->path, key, "a key must be a word");
        }
        for (size_t i = 0; i < to->n; i++) {
            if (strcmp(to->keys[i]->text, key->text) == 0) {
                return cli_yaml_error(load->path, key, "\"%s\" is given twice (first on line %zu)", key->text,
                                      to->keys[i]->line);
            }
        }
    }
    return CLI_DONE;
}

static int convert(loader *load, int id, size_t depth, cli_yaml **node) {
    const yaml_node_t *from = yaml_document_get_node(&load->document, id);
    cli_yaml *to = cli_pool_alloc(load->pool, sizeof *to);
    to->line = from->start_mark.line + 1;
    *node = to;
    if (depth > DEEPEST || ++load->nodes > MOST_NODES) {
        return cli_yaml_error(load->path, to, "nested too deeply or too long");
    }
    switch (from->type) {
    case YAML_SEQUENCE_NODE:
        to->kind = CLI_YAML_LIST;
        return convert_list(load, from, depth + 1, to);
    case YAML_MAPPING_NODE:
        to->kind = CLI_YAML_MAP;
        return convert_map(load, from, depth + 1, to);
    default:
        to->kind = CLI_YAML_SCALAR;
        to->text = cli_pool_copy(load->pool, (const char *)from->data.scalar.value, from->data.scalar.length);
        if (strlen(to->text) != from->data.scalar.length) {
            return cli_yaml_error(load->path, to, "a NUL character in a value");
        }
        return CLI_DONE;
    }
}

int cli_yaml_load(cli_pool *pool, const char *path, cli_yaml **root) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        cli_message("error", "%s: cannot be read: %s", path, strerror(errno));
        return CLI_FAILED;
    }
    yaml_parser_t parser;
    int status = CLI_USAGE;
    loader load = {.pool = pool, .path = path};
    if (!yaml_parser_initialize(&parser)) {
        cli_message("error", "out of memory");
        fclose(file);
        return CLI_FAILED;
    }
    yaml_parser_set_input_file(&parser, file);
    if (!yaml_parser_load(&parser, &load.document)) {
        status = cli_usage_error("%s: line %zu: not YAML: %s", path, parser.problem_mark.line + 1,
                                 parser.problem != NULL ? parser.problem : "cannot be read");
    } else {
        if (yaml_document_get_root_node(&load.document) == NULL) {
            status = cli_usage_error("%s: the file is empty (write NAME: VALUE)", path);
        } else {
            status = convert(&load, 1, 0, root);
        }
        yaml_document_delete(&load.document);
    }
    yaml_parser_delete(&parser);
    fclose(file);
    return status;
}

static bool takes_pairs(const cli_option *option) {
    switch (option->type) {
    case CLI_FIELDS:
    case CLI_LIMITS:
    case CLI_FLOORS:
    case CLI_CRS_OF:
    case CLI_ENCODING_OF:
    case CLI_WEIGHT_OF:
        return true;
    default:
        return false;
    }
}

/** The value of one key: a scalar; a list of scalars where the option repeats; a mapping where it takes NAME=VALUE. */
static int take(cli_invocation *invocation, const char *path, const cli_option *option, const cli_yaml *value) {
    if (value->kind == CLI_YAML_SCALAR) {
        cli_values_add(invocation, option, value->text, path, value->line);
        return CLI_DONE;
    }
    const bool pairs = value->kind == CLI_YAML_MAP && takes_pairs(option);
    if (!pairs && !(value->kind == CLI_YAML_LIST && cli_option_repeats(option))) {
        return cli_yaml_error(path, value, "%s takes one value", option->name);
    }
    for (size_t i = 0; i < value->n; i++) {
        const cli_yaml *item = value->items[i];
        if (item->kind != CLI_YAML_SCALAR) {
            return cli_yaml_error(path, item, "%s: a plain value is expected", option->name);
        }
        const char *text =
            pairs ? cli_pool_printf(&invocation->pool, "%s=%s", value->keys[i]->text, item->text) : item->text;
        cli_values_add(invocation, option, text, path, item->line);
    }
    return CLI_DONE;
}

int cli_values_from_yaml(cli_invocation *invocation, const char *path, const cli_yaml *map) {
    if (map->kind != CLI_YAML_MAP) {
        return cli_yaml_error(path, map, "options are expected (write NAME: VALUE)");
    }
    const cli_values given = invocation->values;
    for (size_t i = 0; i < map->n; i++) {
        const char *key = map->keys[i]->text;
        const cli_option *option = cli_option_find(invocation->command, key, strlen(key));
        if (option == NULL || strcmp(key, "config") == 0 || strcmp(key, "help") == 0) {
            const char *near = option == NULL ? cli_suggest_option(invocation->command, key) : NULL;
            return cli_yaml_error(path, map->keys[i], "unknown key \"%s\" (%s%s%s)", key,
                                  near != NULL ? "did you mean \"" : "see 'wangge help ",
                                  near != NULL ? near : invocation->command->name, near != NULL ? "\"?" : "'");
        }
        if (cli_values_find(&given, option) != NULL) {
            continue;
        }
        const int status = take(invocation, path, option, map->items[i]);
        if (status != CLI_DONE) {
            return status;
        }
    }
    return CLI_DONE;
}

int cli_values_from_file(cli_invocation *invocation, const char *path) {
    cli_yaml *root;
    const int status = cli_yaml_load(&invocation->pool, path, &root);
    return status == CLI_DONE ? cli_values_from_yaml(invocation, path, root) : status;
}
