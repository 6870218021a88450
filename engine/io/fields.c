#include "io/fields.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/fields_words.h"
#include "io/format.h"
#include "model/number.h"
#include "model/text.h"

const char *wg_role_name(wg_role role) {
    return role < WG_N_ROLES ? wg_role_words[role].name : "";
}

bool wg_role_parse(const char *name, wg_role *role) {
    for (uint32_t r = 0; r < WG_N_ROLES; r++) {
        if (strcmp(name, wg_role_words[r].name) == 0) {
            *role = (wg_role)r;
            return true;
        }
    }
    return false;
}

/** A column name without a trailing unit in brackets: "户数(户)" is 户数, "面积（㎡）" is 面积. */
static void drop_brackets(char *folded) {
    char *open = strchr(folded, '(');
    if (open != NULL && open != folded) {
        *open = '\0';
    }
}

enum { EXACT_SCORE = 100, CUT_BYTES_MIN = 6, FOLDED_BYTES = 256 };

/** A DBF cuts names at 10 bytes: 3 characters of UTF-8, 5 of GB18030. The longest surviving start of a word counts. */
static int cut_score(const char *folded, const char *word) {
    const size_t n = strlen(folded);
    if ((uint8_t)folded[0] < 0x80) {
        return n >= 9 && n <= 10 && strlen(word) > n && strncmp(folded, word, n) == 0 ? EXACT_SCORE - 30 : 0;
    }
    const size_t characters = wg_utf8_count(folded);
    const bool cut =
        (characters == 3 || characters == 5) && n >= CUT_BYTES_MIN && strlen(word) > n && strncmp(folded, word, n) == 0;
    return cut ? EXACT_SCORE - 30 : 0;
}

/** How well a folded name fits a role's words; earlier words are better. */
static int word_score(const char *folded, const wg_role_word *role) {
    int best = 0;
    int rank = 0;
    for (const char *word = role->words; *word != '\0'; word += strlen(word) + 1, rank++) {
        const int exact = strcmp(folded, word) == 0 ? EXACT_SCORE - (rank < 40 ? rank / 2 : 20) : 0;
        const int cut = exact > 0 ? 0 : cut_score(folded, word);
        best = exact > best ? exact : best;
        best = cut > best ? cut : best;
    }
    return best;
}

static bool role_wanted(const wg_role *roles, uint32_t n_roles, wg_role role) {
    for (uint32_t i = 0; i < n_roles; i++) {
        if (roles[i] == role) {
            return true;
        }
    }
    return n_roles == 0;
}

/** The best of the wanted roles: "id" is a code where nobody asks for ids. */
static wg_role best_role(const char *column_name, const wg_role *roles, uint32_t n_roles, int *score) {
    wg_role found = WG_N_ROLES;
    char folded[FOLDED_BYTES];
    *score = 0;
    (void)wg_text_fold_into(column_name, folded, sizeof folded);
    drop_brackets(folded);
    for (uint32_t r = 0; r < WG_N_ROLES; r++) {
        const int one = role_wanted(roles, n_roles, (wg_role)r) ? word_score(folded, &wg_role_words[r]) : 0;
        if (one > *score) {
            *score = one;
            found = (wg_role)r;
        }
    }
    return found;
}

wg_role wg_role_of(const char *column_name, int *score) {
    int best = 0;
    const wg_role role = best_role(column_name, NULL, 0, &best);
    if (score != NULL) {
        *score = best;
    }
    return role;
}

/* ---------------------------------------------------------------- matching */

/** The role of a mapping for this input, WG_N_ROLES where it is another input's. */
static wg_status mapped_role(wg_context *ctx, const wg_field *field, const char *input, wg_role *role) {
    const char *dot = strchr(field->role, '.');
    const char *name = dot == NULL ? field->role : dot + 1;
    if (!wg_role_parse(name, role)) {
        wg_buffer known = {0};
        for (uint32_t r = 0; r < WG_N_ROLES; r++) {
            wg_buffer_printf(&known, "%s%s", r > 0 ? ", " : "", wg_role_words[r].name);
        }
        const wg_status status = known.failed
                                     ? wg_fail_memory(ctx)
                                     : wg_fail(ctx, WG_EINVAL, "--field %s=%s: there is no role %s (roles: %s)",
                                               field->role, field->name, name, known.data);
        wg_buffer_release(&known);
        return status;
    }
    if (dot != NULL && (input == NULL || strlen(input) != (size_t)(dot - field->role) ||
                        strncmp(input, field->role, (size_t)(dot - field->role)) != 0)) {
        *role = WG_N_ROLES;
    }
    return WG_OK;
}

/** Exact name first, then whatever folds to the same. */
static uint32_t find_column(const wg_layer *layer, const char *name) {
    const uint32_t exact = wg_layer_column(layer, name);
    if (exact != UINT32_MAX) {
        return exact;
    }
    char wanted[FOLDED_BYTES], folded[FOLDED_BYTES];
    uint32_t found = UINT32_MAX;
    (void)wg_text_fold_into(name, wanted, sizeof wanted);
    for (uint32_t c = 0; c < layer->n_columns && found == UINT32_MAX; c++) {
        (void)wg_text_fold_into(layer->columns[c].name, folded, sizeof folded);
        found = strcmp(folded, wanted) == 0 ? c : UINT32_MAX;
    }
    return found;
}

static void recognise(const wg_layer *layer, const wg_role *roles, uint32_t n_roles, wg_fields *fields) {
    int best[WG_N_ROLES] = {0};
    for (uint32_t c = 0; c < layer->n_columns; c++) {
        int score = 0;
        const wg_role role = best_role(layer->columns[c].name, roles, n_roles, &score);
        bool taken = false; /* a column that the user gave a role plays no second one */
        for (uint32_t r = 0; r < WG_N_ROLES; r++) {
            taken = taken || (fields->stated[r] && fields->column[r] == c);
        }
        if (role != WG_N_ROLES && !taken && !fields->stated[role] && score > best[role]) {
            best[role] = score;
            fields->column[role] = c;
        }
    }
}

wg_status wg_fields_match(wg_context *ctx, const wg_layer *layer, const char *input, const wg_role *roles,
                          uint32_t n_roles, const wg_field *mapping, uint32_t n_mapping, bool *used,
                          wg_fields *fields) {
    for (uint32_t r = 0; r < WG_N_ROLES; r++) {
        fields->column[r] = UINT32_MAX;
        fields->stated[r] = false;
    }
    for (uint32_t i = 0; i < n_mapping; i++) {
        wg_role role = WG_N_ROLES;
        const wg_status status = mapped_role(ctx, &mapping[i], input, &role);
        if (status != WG_OK) {
            return status;
        }
        const uint32_t column = role == WG_N_ROLES ? UINT32_MAX : find_column(layer, mapping[i].name);
        if (column != UINT32_MAX && role_wanted(roles, n_roles, role)) {
            fields->column[role] = column;
            fields->stated[role] = true;
            if (used != NULL) {
                used[i] = true;
            }
        }
    }
    recognise(layer, roles, n_roles, fields);
    return WG_OK;
}

wg_status wg_fields_check(wg_context *ctx, const wg_field *mapping, uint32_t n_mapping, const bool *used) {
    for (uint32_t i = 0; i < n_mapping; i++) {
        if (!used[i]) {
            return wg_fail(ctx, WG_ENOTFOUND,
                           "--field %s=%s: no input has a field named %s (wangge info lists the fields)",
                           mapping[i].role, mapping[i].name, mapping[i].name);
        }
    }
    return WG_OK;
}

void wg_fields_list(const wg_layer *layer, const wg_fields *fields, wg_buffer *out) {
    bool any = false;
    for (uint32_t r = 0; r < WG_N_ROLES; r++) {
        if (fields->column[r] != UINT32_MAX) {
            wg_buffer_printf(out, "%s%s = %s", any ? ", " : "", wg_role_words[r].name,
                             layer->columns[fields->column[r]].name);
            any = true;
        }
    }
    if (!any) {
        wg_buffer_text(out, "no field is recognised by its name");
    }
}

wg_status wg_fields_need(wg_context *ctx, const wg_layer *layer, const wg_fields *fields, wg_role role) {
    if (fields->column[role] != UINT32_MAX) {
        return WG_OK;
    }
    wg_buffer names = {0};
    for (uint32_t c = 0; c < layer->n_columns; c++) {
        wg_buffer_printf(&names, "%s%s", c > 0 ? ", " : "", layer->columns[c].name);
    }
    const char *role_name = wg_role_words[role].name;
    const wg_status status =
        names.failed ? wg_fail_memory(ctx)
                     : wg_fail(ctx, WG_EDATA, "%s: no field for %s (name it with --field %s=FIELD; fields: %s)",
                               wg_layer_source(layer), role_name, role_name, names.data == NULL ? "none" : names.data);
    wg_buffer_release(&names);
    return status;
}

/* ---------------------------------------------------------------- values */

const char *wg_fields_text(const wg_layer *layer, size_t row, uint32_t column, char buffer[32]) {
    if (wg_layer_is_null(layer, row, column)) {
        return NULL;
    }
    switch (layer->columns[column].type) {
    case WG_TEXT:
        return layer->columns[column].value.text[row];
    case WG_INTEGER:
        (void)wg_format_integer(layer->columns[column].value.integer[row], buffer);
        return buffer;
    case WG_REAL:
    default:
        (void)wg_format_real(layer->columns[column].value.real[row], buffer);
        return buffer;
    }
}

static void count_value(wg_number_stats *stats, double value) {
    stats->sum += value;
    stats->min = isnan(stats->min) || value < stats->min ? value : stats->min;
    stats->max = isnan(stats->max) || value > stats->max ? value : stats->max;
    stats->negative += value < 0.0 ? 1 : 0;
}

/** No count, area or height is larger; sums of them stay exact and finite. */
static const double LARGEST_FIGURE = 1e15;

static wg_status list_unreadable(wg_context *ctx, const wg_layer *layer, size_t row, uint32_t column, const char *text,
                                 wg_exceptions *exceptions) {
    char feature[24];
    (void)snprintf(feature, sizeof feature, "%lld", (long long)layer->fid[row]);
    return wg_exceptions_add(ctx, exceptions, layer->name, feature, "unreadable_number", NAN, NAN,
                             "correct the value; it is counted as unknown",
                             "%s: feature %s: field %s: \"%.80s\" is not a number", wg_layer_source(layer), feature,
                             layer->columns[column].name, text);
}

wg_status wg_fields_numbers(wg_context *ctx, const wg_layer *layer, uint32_t column, bool non_negative,
                            wg_exceptions *exceptions, wg_number_stats *stats, double **values) {
    wg_number_stats own = {.min = NAN, .max = NAN};
    double *made = wg_malloc(layer->n, sizeof *made);
    wg_status status = made == NULL ? wg_fail_memory(ctx) : WG_OK;
    for (size_t row = 0; status == WG_OK && row < layer->n; row++) {
        double value = NAN;
        char number[32];
        wg_number_kind kind = WG_NUMBER_MISSING;
        const char *text = wg_layer_text(layer, row, column);
        if (text != NULL) {
            kind = wg_number_parse(text, &value);
        } else if (!wg_layer_is_null(layer, row, column)) {
            value = wg_layer_real(layer, row, column);
            kind = isfinite(value) ? WG_NUMBER_EXACT : WG_NUMBER_MISSING;
        }
        if ((kind == WG_NUMBER_EXACT || kind == WG_NUMBER_ABOUT) && fabs(value) > LARGEST_FIGURE) {
            kind = WG_NUMBER_BAD;
            if (text == NULL) {
                (void)snprintf(number, sizeof number, "%.6g", value);
                text = number;
            }
        }
        const bool known = kind == WG_NUMBER_EXACT || kind == WG_NUMBER_ABOUT;
        made[row] = known ? value : NAN;
        own.missing += kind == WG_NUMBER_MISSING ? 1 : 0;
        own.about += kind == WG_NUMBER_ABOUT ? 1 : 0;
        if (known) {
            count_value(&own, value);
        } else if (kind == WG_NUMBER_BAD) {
            own.unreadable++;
            status = exceptions == NULL ? WG_OK : list_unreadable(ctx, layer, row, column, text, exceptions);
        }
        if (known && non_negative && value < 0.0) {
            status = wg_layer_fail(ctx, layer, row, WG_EDATA,
                                   "field %s: %.10g is negative (correct it, or clear it where it is unknown)",
                                   layer->columns[column].name, value);
        }
    }
    if (status != WG_OK) {
        free(made);
        return status;
    }
    if (stats != NULL) {
        *stats = own;
    }
    *values = made;
    return WG_OK;
}
