#include "values.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "message.h"

enum { FIRST_CODE = 0x100, MOST_OPTIONS = 96 };

void cli_invocation_release(cli_invocation *invocation) {
    cli_pool_release(&invocation->pool);
}

void cli_values_add(cli_invocation *invocation, const cli_option *option, const char *text, const char *file,
                    size_t line) {
    cli_values *values = &invocation->values;
    values->items = cli_pool_grow(&invocation->pool, values->items, values->n, sizeof *values->items);
    values->items[values->n++] = (cli_value){.option = option, .text = text, .file = file, .line = line};
}

const cli_value *cli_values_find(const cli_values *values, const cli_option *option) {
    for (size_t i = 0; i < values->n; i++) {
        if (values->items[i].option == option) {
            return &values->items[i];
        }
    }
    return NULL;
}

int cli_value_error(const cli_value *value, const char *format, ...) {
    char problem[2048];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(problem, sizeof problem, format, args);
    va_end(args);
    if (value->file != NULL) {
        return cli_usage_error("%s: line %zu: %s: %s", value->file, value->line, value->option->name, problem);
    }
    return cli_usage_error("%s%s: %s", value->option->positional ? "" : "--", value->option->name, problem);
}

/** What getopt_long needs; codes are FIRST_CODE + the option's position. */
static size_t getopt_tables(const cli_command *command, struct option *longs, char *shorts) {
    size_t n = 0, letters = 0;
    shorts[letters++] = ':'; /* a missing argument is told apart from an unknown flag */
    for (const cli_option *option; n < MOST_OPTIONS && (option = cli_option_at(command, n)) != NULL; n++) {
        const bool argument = option->type != CLI_FLAG && option->argument != NULL;
        longs[n] = (struct option){
            .name = option->name, .has_arg = argument ? required_argument : no_argument, .val = FIRST_CODE + (int)n};
        if (option->letter != 0) {
            shorts[letters++] = option->letter;
            if (argument) {
                shorts[letters++] = ':';
            }
        }
    }
    longs[n] = (struct option){0};
    shorts[letters] = '\0';
    return n;
}

static const cli_option *option_of_code(const cli_command *command, int code) {
    if (code >= FIRST_CODE) {
        return cli_option_at(command, (size_t)(code - FIRST_CODE));
    }
    const cli_option *option;
    for (size_t i = 0; (option = cli_option_at(command, i)) != NULL; i++) {
        if (code != 0 && option->letter == code) {
            return option;
        }
    }
    return NULL;
}

static int unknown_flag(const cli_command *command, const char *typed, int code) {
    const cli_option *known = option_of_code(command, code);
    if (known != NULL) {
        return cli_usage_error("--%s: takes no value", known->name);
    }
    char name[64];
    (void)snprintf(name, sizeof name, "%s", typed);
    name[strcspn(name, "=")] = '\0';
    const char *near = strncmp(name, "--", 2) == 0 ? cli_suggest_option(command, name + 2) : NULL;
    if (near != NULL) {
        return cli_usage_error("unknown option %s (did you mean --%s?)", name, near);
    }
    return cli_usage_error("unknown option %s (see 'wangge help %s')", name, command->name);
}

/** Operands fill the positional rows in order; one that repeats takes the rest. */
static int take_operand(cli_invocation *invocation, const char *text) {
    const cli_option *option;
    bool any = false;
    for (size_t i = 0; (option = cli_option_at(invocation->command, i)) != NULL; i++) {
        any = any || option->positional;
        if (option->positional &&
            (cli_option_repeats(option) || cli_values_find(&invocation->values, option) == NULL)) {
            cli_values_add(invocation, option, text, NULL, 0);
            return CLI_DONE;
        }
    }
    if (!any && invocation->command->answer != NULL) {
        invocation->arguments =
            cli_pool_grow(&invocation->pool, invocation->arguments, invocation->n_arguments, sizeof text);
        invocation->arguments[invocation->n_arguments++] = text;
        return CLI_DONE;
    }
    return cli_usage_error("unexpected argument \"%s\" (see 'wangge help %s')", text, invocation->command->name);
}

int cli_values_from_argv(cli_invocation *invocation, int argc, char **argv) {
    struct option longs[MOST_OPTIONS + 1];
    char shorts[2 * MOST_OPTIONS + 2];
    (void)getopt_tables(invocation->command, longs, shorts);
    opterr = 0;
    optind = 0; /* glibc: start anew */
    int code;
    while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        if (code == '?') {
            return unknown_flag(invocation->command, argv[optind - 1], optopt);
        }
        const cli_option *option = option_of_code(invocation->command, code == ':' ? optopt : code);
        if (code == ':') {
            return cli_usage_error("--%s: a value is missing (%s)", option->name, option->argument);
        }
        if (!cli_option_repeats(option) && option->type != CLI_FLAG &&
            cli_values_find(&invocation->values, option) != NULL) {
            return cli_usage_error("--%s: given twice (give it once)", option->name);
        }
        cli_values_add(invocation, option, optarg != NULL ? optarg : "true", NULL, 0);
    }
    for (int i = optind; i < argc; i++) {
        const int status = take_operand(invocation, argv[i]);
        if (status != CLI_DONE) {
            return status;
        }
    }
    return CLI_DONE;
}
