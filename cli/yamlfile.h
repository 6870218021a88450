/** A YAML file as a tree of scalars, lists and mappings that remember their lines. */
#ifndef CLI_YAMLFILE_H
#define CLI_YAMLFILE_H

#include "values.h"

typedef enum cli_yaml_kind { CLI_YAML_SCALAR = 0, CLI_YAML_LIST, CLI_YAML_MAP } cli_yaml_kind;

typedef struct cli_yaml {
    cli_yaml_kind kind;
    size_t line;             /**< from 1 */
    const char *text;        /**< scalar; UTF-8, unquoted */
    struct cli_yaml **items; /**< list: values; mapping: values */
    struct cli_yaml **keys;  /**< mapping: scalars, each once */
    size_t n;
} cli_yaml;

/** @return CLI_DONE; CLI_FAILED where the file cannot be read; CLI_USAGE for what is not YAML. The message is printed.
 */
int cli_yaml_load(cli_pool *pool, const char *path, cli_yaml **root);

/** "wangge: error: FILE: line 7: …". @return CLI_USAGE */
int cli_yaml_error(const char *path, const cli_yaml *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * Take a mapping of option names to values: scalars, lists for options that repeat, mappings for NAME=VALUE options.
 * Options that have a value already keep it. `config` is refused: a file does not name another.
 */
int cli_values_from_yaml(cli_invocation *invocation, const char *path, const cli_yaml *map);

#endif
