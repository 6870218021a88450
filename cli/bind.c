/* Values become fields of the public options structures, by the type that their row declares. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "values.h"

typedef struct binding {
    cli_invocation *invocation;
    wg_context *ctx;
    const cli_value *value;
    unsigned char *base; /**< the structure that `at` counts in */
} binding;

typedef int (*converter)(const binding *bind);

static void *place(const binding *bind) {
    return bind->base + bind->value->option->at;
}

/** Append an item to the array at `at` with its uint32_t count at `count_at`. */
static void append(const binding *bind, const void *item, size_t size) {
    const void *items;
    uint32_t *count = (uint32_t *)(void *)(bind->base + bind->value->option->count_at);
    memcpy(&items, place(bind), sizeof items);
    unsigned char *grown = cli_pool_grow(&bind->invocation->pool, items, *count, size);
    memcpy(grown + *count * size, item, size);
    memcpy(place(bind), &grown, sizeof grown);
    (*count)++;
}

/** A finite number that takes up the whole text. */
static bool read_number(const char *text, double *number) {
    char *end;
    if (*text == '\0' || strchr("0123456789.+-", *text) == NULL) {
        return false;
    }
    *number = strtod(text, &end);
    return *end == '\0' && isfinite(*number);
}

static bool read_whole(const char *text, uint64_t most, uint64_t *number) {
    if (*text == '\0' || strspn(text, "0123456789") != strlen(text)) {
        return false;
    }
    errno = 0;
    const unsigned long long value = strtoull(text, NULL, 10);
    *number = value;
    return errno == 0 && value <= most;
}

static int to_flag(const binding *bind) {
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no", "off", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (strcmp(bind->value->text, yes[i]) == 0 || strcmp(bind->value->text, no[i]) == 0) {
            const bool value = strcmp(bind->value->text, yes[i]) == 0;
            memcpy(place(bind), &value, sizeof value);
            return CLI_DONE;
        }
    }
    return cli_value_error(bind->value, "\"%s\" is neither true nor false", bind->value->text);
}

static int to_text(const binding *bind) {
    if (bind->value->text[0] == '\0') {
        return cli_value_error(bind->value, "the value is empty (%s)", bind->value->option->argument);
    }
    memcpy(place(bind), &bind->value->text, sizeof bind->value->text);
    return CLI_DONE;
}

static int to_input(const binding *bind) {
    if (bind->value->text[0] == '\0') {
        return cli_value_error(bind->value, "the value is empty (%s)", bind->value->option->argument);
    }
    const wg_input input = {.source = bind->value->text};
    memcpy(place(bind), &input, sizeof input);
    return CLI_DONE;
}

static int to_inputs(const binding *bind) {
    if (bind->value->text[0] == '\0') {
        return cli_value_error(bind->value, "the value is empty (%s)", bind->value->option->argument);
    }
    const wg_input input = {.source = bind->value->text};
    if (bind->value->option->count_at == CLI_NOWHERE) {
        const wg_input *only = cli_pool_grow(&bind->invocation->pool, NULL, 0, sizeof input);
        memcpy((void *)(uintptr_t)only, &input, sizeof input);
        memcpy(place(bind), &only, sizeof only);
    } else {
        append(bind, &input, sizeof input);
    }
    return CLI_DONE;
}

static bool among(const char *choices, const char *word, size_t length, int *position) {
    *position = 0;
    for (const char *choice = choices; choice != NULL; (*position)++) {
        const size_t known = strcspn(choice, "|");
        if (known == length && strncmp(choice, word, length) == 0) {
            return true;
        }
        choice = choice[known] == '|' ? choice + known + 1 : NULL;
    }
    return false;
}

static int to_choice(const binding *bind) {
    int position;
    if (!among(bind->value->option->choices, bind->value->text, strlen(bind->value->text), &position)) {
        return cli_value_error(bind->value, "unknown value \"%s\" (one of %s)", bind->value->text,
                               bind->value->option->choices);
    }
    memcpy(place(bind), &position, sizeof position);
    return CLI_DONE;
}

static int to_list(const binding *bind) {
    for (const char *word = bind->value->text;;) {
        const size_t length = strcspn(word, ",");
        int position;
        if (length == 0) {
            return cli_value_error(bind->value, "an item of \"%s\" is empty (write A,B,C)", bind->value->text);
        }
        if (bind->value->option->choices != NULL && !among(bind->value->option->choices, word, length, &position)) {
            return cli_value_error(bind->value, "unknown value \"%.*s\" (any of %s)", (int)length, word,
                                   bind->value->option->choices);
        }
        const char *item = cli_pool_copy(&bind->invocation->pool, word, length);
        append(bind, &item, sizeof item);
        if (word[length] == '\0') {
            return CLI_DONE;
        }
        word += length + 1;
    }
}

/** Cut "NAME=VALUE"; both parts must be there. */
static int cut(const binding *bind, char mark, const char **left, const char **right) {
    const char *text = bind->value->text, *at = strchr(text, mark);
    if (at == NULL || at == text || at[1] == '\0') {
        return cli_value_error(bind->value, "cannot read \"%s\" (write %s)", text, bind->value->option->argument);
    }
    *left = cli_pool_copy(&bind->invocation->pool, text, (size_t)(at - text));
    *right = at + 1;
    return CLI_DONE;
}

static int to_field(const binding *bind) {
    wg_field field = {0};
    const int status = cut(bind, '=', &field.role, &field.name);
    if (status == CLI_DONE) {
        append(bind, &field, sizeof field);
    }
    return status;
}

static int append_limit(const binding *bind, const char *field, const char *text) {
    wg_limit limit = {0};
    if (wg_limit_parse(bind->ctx, field, text, &limit) != WG_OK) {
        const char *why = wg_context_error(bind->ctx); /* names the field */
        return bind->value->file != NULL
                   ? cli_usage_error("%s: line %zu: %s", bind->value->file, bind->value->line, why)
                   : cli_usage_error("%s", why);
    }
    append(bind, &limit, sizeof limit);
    return CLI_DONE;
}

static int to_limit(const binding *bind) {
    return append_limit(bind, bind->value->option->name, bind->value->text);
}

static int to_limits(const binding *bind) {
    const char *field = NULL, *text = NULL;
    const int status = cut(bind, '=', &field, &text);
    return status == CLI_DONE ? append_limit(bind, field, text) : status;
}

static int to_floor(const binding *bind) {
    wg_limit limit = {.min = NAN, .target = NAN, .max = NAN};
    const char *number = NULL;
    const int status = cut(bind, '=', &limit.field, &number);
    if (status != CLI_DONE) {
        return status;
    }
    if (!read_number(number, &limit.min) || limit.min < 0) {
        return cli_value_error(bind->value, "\"%s\" is not a number from 0 up (write FIELD=N)", number);
    }
    append(bind, &limit, sizeof limit);
    return CLI_DONE;
}

static int to_counts(const binding *bind) {
    const char *text = bind->value->text, *colon = strchr(text, ':');
    const char *low_text = colon == NULL ? text : cli_pool_copy(&bind->invocation->pool, text, (size_t)(colon - text));
    const char *high_text = colon == NULL ? text : colon + 1;
    uint64_t low = 0, high = 0;
    const bool low_open = colon != NULL && *low_text == '\0', high_open = colon != NULL && *high_text == '\0';
    if ((low_open && high_open) || (!low_open && !read_whole(low_text, UINT32_MAX, &low)) ||
        (!high_open && !read_whole(high_text, UINT32_MAX, &high))) {
        return cli_value_error(bind->value, "\"%s\" is not a range of whole numbers (write MIN:MAX, e.g. 4:8)", text);
    }
    if ((!low_open && low == 0) || (!high_open && high == 0)) {
        return cli_value_error(bind->value, "\"%s\" allows no cell (the least is 1)", text);
    }
    if (!low_open && !high_open && low > high) {
        return cli_value_error(bind->value, "the minimum of \"%s\" is above its maximum (write %s:%s)", text, high_text,
                               low_text);
    }
    const uint32_t ends[2] = {(uint32_t)low, (uint32_t)high};
    memcpy(place(bind), &ends[0], sizeof ends[0]);
    memcpy(bind->base + bind->value->option->count_at, &ends[1], sizeof ends[1]);
    return CLI_DONE;
}

static int to_range(const binding *bind) {
    const char *text = bind->value->text, *colon = strchr(text, ':');
    double low, high;
    if (colon == NULL || !read_number(cli_pool_copy(&bind->invocation->pool, text, (size_t)(colon - text)), &low) ||
        !read_number(colon + 1, &high) || low < 0) {
        return cli_value_error(bind->value, "\"%s\" is not a range (write MIN:MAX, e.g. 30:100)", text);
    }
    if (low > high || high == 0) {
        return cli_value_error(bind->value, "\"%s\" allows nothing (the minimum comes first, the maximum is above 0)",
                               text);
    }
    memcpy(place(bind), &low, sizeof low);
    memcpy(bind->base + bind->value->option->count_at, &high, sizeof high);
    return CLI_DONE;
}

/** The range that a row allows. */
static double highest(const cli_option *option) {
    return option->high > 0 ? option->high : option->type == CLI_U32 ? (double)UINT32_MAX : HUGE_VAL;
}

static int out_of_range(const binding *bind, const char *kind) {
    const cli_option *option = bind->value->option;
    if (option->high > 0) {
        return cli_value_error(bind->value, "\"%s\" is not a %s from %g to %g", bind->value->text, kind, option->low,
                               option->high);
    }
    return cli_value_error(bind->value, "\"%s\" is not a %s from %g up", bind->value->text, kind, option->low);
}

static int to_real(const binding *bind) {
    double number = 0;
    if (!read_number(bind->value->text, &number) || number < bind->value->option->low ||
        number > highest(bind->value->option)) {
        return out_of_range(bind, "number");
    }
    memcpy(place(bind), &number, sizeof number);
    return CLI_DONE;
}

static int to_u32(const binding *bind) {
    uint64_t number;
    if (!read_whole(bind->value->text, UINT32_MAX, &number) || (double)number < bind->value->option->low ||
        (double)number > highest(bind->value->option)) {
        return out_of_range(bind, "whole number");
    }
    const uint32_t narrow = (uint32_t)number;
    memcpy(place(bind), &narrow, sizeof narrow);
    return CLI_DONE;
}

static int to_u64(const binding *bind) {
    uint64_t number;
    if (!read_whole(bind->value->text, UINT64_MAX, &number)) {
        return out_of_range(bind, "whole number");
    }
    memcpy(place(bind), &number, sizeof number);
    return CLI_DONE;
}

static int to_sweep(const binding *bind) {
    char rest;
    double from, to_step[2] = {0, 0};
    const char *text = bind->value->text;
    const int read = sscanf(text, "%lf:%lf:%lf%c", &from, &to_step[0], &to_step[1], &rest);
    const bool one = read == 1 && strchr(text, ':') == NULL && read_number(text, &from);
    const bool sweep = read == 3 && to_step[0] <= 1 && to_step[0] >= from && to_step[1] >= 0.001;
    if ((!one && !sweep) || !(from >= 0 && from <= 1)) {
        return cli_value_error(bind->value,
                               "\"%s\" is not a number from 0 to 1 (or a sweep FROM:TO:STEP, e.g. 0:1:0.1)", text);
    }
    from = one && from <= 0 ? DBL_MIN : from; /* zero would mean the default */
    memcpy(place(bind), &from, sizeof from);
    memcpy(bind->base + bind->value->option->count_at, to_step, sizeof to_step);
    return CLI_DONE;
}

static int to_edit(const binding *bind) {
    wg_edit edit = {.kind = bind->value->option->edit};
    int status = CLI_DONE;
    if (edit.kind == WG_EDIT_SPLIT) {
        edit.a = bind->value->text;
    } else if (edit.kind != WG_EDIT_UNDO) {
        status = cut(bind, edit.kind == WG_EDIT_MERGE ? ',' : ':', &edit.a, &edit.b);
    }
    if (status == CLI_DONE) {
        append(bind, &edit, sizeof edit);
    }
    return status;
}

static int to_input_property(const binding *bind);

static const converter converters[] = {
    [CLI_FLAG] = to_flag,
    [CLI_TEXT] = to_text,
    [CLI_FILE] = to_text,
    [CLI_INPUT] = to_input,
    [CLI_INPUTS] = to_inputs,
    [CLI_LIST] = to_list,
    [CLI_FIELDS] = to_field,
    [CLI_LIMIT] = to_limit,
    [CLI_LIMITS] = to_limits,
    [CLI_FLOORS] = to_floor,
    [CLI_COUNTS] = to_counts,
    [CLI_RANGE] = to_range,
    [CLI_REAL] = to_real,
    [CLI_U32] = to_u32,
    [CLI_U64] = to_u64,
    [CLI_CHOICE] = to_choice,
    [CLI_SWEEP] = to_sweep,
    [CLI_CRS_OF] = to_input_property,
    [CLI_ENCODING_OF] = to_input_property,
    [CLI_WEIGHT_OF] = to_input_property,
    [CLI_EDIT] = to_edit,
};

/** The inputs that "NAME" or "NAME:2" means. @return their number, 0 where NAME is no input or was not given */
static size_t inputs_named(const binding *bind, const char *name, wg_input **inputs, const cli_option **option) {
    const char *colon = strchr(name, ':');
    const size_t length = colon == NULL ? strlen(name) : (size_t)(colon - name);
    *option = cli_option_find(bind->invocation->command, name, length);
    uint64_t number = 0;
    if (*option == NULL || ((*option)->type != CLI_INPUT && (*option)->type != CLI_INPUTS) ||
        (colon != NULL && (!read_whole(colon + 1, UINT32_MAX, &number) || number == 0))) {
        *option = NULL;
        return 0;
    }
    size_t count = 1;
    unsigned char *at = bind->base + (*option)->at;
    *inputs = (wg_input *)(void *)at;
    if ((*option)->type == CLI_INPUTS) {
        memcpy(inputs, at, sizeof *inputs);
        count = *inputs == NULL ? 0 : 1;
        if ((*option)->count_at != CLI_NOWHERE) {
            count = *(const uint32_t *)(const void *)(bind->base + (*option)->count_at);
        }
    } else if ((*inputs)->source == NULL) {
        count = 0;
    }
    if (number > 0) {
        *inputs = number <= count ? *inputs + (number - 1) : NULL;
        return number <= count ? 1 : 0;
    }
    return count;
}

/** --crs-of, --encoding-of and --weight-of, after all inputs are known. */
static int to_input_property(const binding *bind) {
    const char *name = NULL, *text = NULL;
    const int status = cut(bind, '=', &name, &text);
    if (status != CLI_DONE) {
        return status;
    }
    const bool weight = bind->value->option->type == CLI_WEIGHT_OF;
    double number = 0;
    if (weight && (!read_number(text, &number) || number <= 0)) {
        return cli_value_error(bind->value, "\"%s\" is not a number above 0 (write NAME=WEIGHT)", text);
    }
    wg_input *inputs;
    const cli_option *option;
    const size_t count = inputs_named(bind, name, &inputs, &option);
    if (option == NULL) {
        return cli_value_error(bind->value, "\"%s\" is not an input of %s (write %s; NAME is its flag)", name,
                               bind->invocation->command->name, bind->value->option->argument);
    }
    if (count == 0) {
        return cli_value_error(bind->value, "no --%s is given (give it, or leave this out)", name);
    }
    for (size_t i = 0; i < count; i++) {
        if (weight) {
            inputs[i].weight = number;
        } else if (bind->value->option->type == CLI_ENCODING_OF) {
            inputs[i].encoding = text;
        } else {
            inputs[i].crs = text;
        }
    }
    return CLI_DONE;
}

static bool waits_for_inputs(const cli_option *option) {
    return option->type == CLI_CRS_OF || option->type == CLI_ENCODING_OF || option->type == CLI_WEIGHT_OF;
}

static bool any_given(const cli_invocation *invocation, const char *names) {
    for (const char *name = names; name != NULL;) {
        const size_t length = strcspn(name, "|");
        const cli_option *option = cli_option_find(invocation->command, name, length);
        if (option != NULL && cli_values_find(&invocation->values, option) != NULL) {
            return true;
        }
        name = name[length] == '|' ? name + length + 1 : NULL;
    }
    return false;
}

static int check_required(const cli_invocation *invocation) {
    const cli_option *option;
    for (size_t i = 0; (option = cli_option_at(invocation->command, i)) != NULL; i++) {
        if (option->required && cli_values_find(&invocation->values, option) == NULL &&
            !any_given(invocation, option->instead)) {
            return cli_usage_error("%s: %s%s is missing (see 'wangge help %s')", invocation->command->name,
                                   option->positional ? "" : "--", option->positional ? option->argument : option->name,
                                   invocation->command->name);
        }
    }
    return CLI_DONE;
}

int cli_values_bind(cli_invocation *invocation, wg_context *ctx) {
    if (invocation->options == NULL && invocation->command->options_bytes > 0) {
        invocation->options = cli_pool_alloc(&invocation->pool, invocation->command->options_bytes);
    }
    for (int late = 0; late < 2; late++) {
        for (size_t i = 0; i < invocation->values.n; i++) {
            const cli_value *value = &invocation->values.items[i];
            if (waits_for_inputs(value->option) != (late == 1)) {
                continue;
            }
            void *base = value->option->common ? (void *)&invocation->common : invocation->options;
            const binding bind = {.invocation = invocation, .ctx = ctx, .value = value, .base = base};
            const int status = converters[value->option->type](&bind);
            if (status != CLI_DONE) {
                return status;
            }
        }
    }
    if (invocation->common.help) {
        return CLI_DONE;
    }
    const int status = check_required(invocation);
    if (status == CLI_DONE && invocation->command->objection != NULL) {
        const char *wrong = invocation->command->objection(invocation->options);
        return wrong == NULL ? CLI_DONE : cli_usage_error("%s: %s", invocation->command->name, wrong);
    }
    return status;
}
