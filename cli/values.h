/** Raw values as they were given, on the command line or in a YAML file, and what they become. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include "command.h"

typedef struct cli_value {
    const cli_option *option;
    const char *text; /**< "true" or "false" for a flag */
    const char *file; /**< YAML file, or NULL for the command line */
    size_t line;
} cli_value;

typedef struct cli_values {
    cli_value *items;
    size_t n;
} cli_values;

/** One call of one command: from the command line, or a job of a plan file. */
typedef struct cli_invocation {
    const cli_command *command;
    cli_pool pool;
    cli_values values;
    cli_common common;
    void *options;          /**< the command's public options structure, zeroed; filled by cli_values_bind */
    const char **arguments; /**< operands of a command without positional rows (help, man, completion) */
    size_t n_arguments;
} cli_invocation;

void cli_invocation_release(cli_invocation *invocation);

/** Append a value. */
void cli_values_add(cli_invocation *invocation, const cli_option *option, const char *text, const char *file,
                    size_t line);
/** Read `argv` after the command's name. @return CLI_DONE, or CLI_USAGE with the message printed */
int cli_values_from_argv(cli_invocation *invocation, int argc, char **argv);
/** Values of the command that a configuration file gives, for options that the command line does not. */
int cli_values_from_file(cli_invocation *invocation, const char *path);
/** Convert every value into the command's options and into `common`; checks what is required. */
int cli_values_bind(cli_invocation *invocation, wg_context *ctx);
/** @return the first value of an option, or NULL */
const cli_value *cli_values_find(const cli_values *values, const cli_option *option);

/** "wangge: error: --count: …" or "wangge: error: FILE: line 7: count: …". @return CLI_USAGE */
int cli_value_error(const cli_value *value, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
