/** Which column plays which role: found by name in English and Chinese, or mapped by the user. */
#ifndef WG_IO_FIELDS_H
#define WG_IO_FIELDS_H

#include "model/exceptions.h"
#include "model/layer.h"

typedef enum wg_role {
    WG_ROLE_ID = 0,
    WG_ROLE_CODE,
    WG_ROLE_NAME,
    WG_ROLE_HOUSEHOLDS,
    WG_ROLE_POPULATION,
    WG_ROLE_REGISTERED,
    WG_ROLE_FLOATING,
    WG_ROLE_FLOORS,
    WG_ROLE_HEIGHT,
    WG_ROLE_AREA,   /**< floor or ground area, m² */
    WG_ROLE_STAIRS, /**< number of stairs (单元) of a building */
    WG_ROLE_USE,
    WG_ROLE_KIND,
    WG_ROLE_CLASS,
    WG_ROLE_RANK,
    WG_ROLE_HARD,
    WG_ROLE_COMMUNITY,
    WG_ROLE_STREET, /**< street or township (街道) */
    WG_ROLE_DISTRICT,
    WG_ROLE_GROUP, /**< 片组 */
    WG_ROLE_CELL,
    WG_ROLE_BUILDING,
    WG_ROLE_ADDRESS,
    WG_ROLE_COUNT, /**< cells wanted of a community */
    WG_ROLE_OPENED,
    WG_ROLE_DUE,
    WG_ROLE_CLOSED,
    WG_ROLE_HANDLED,
    WG_ROLE_TIME, /**< a single time (visits, tracks) */
    WG_ROLE_STATUS,
    WG_ROLE_CATEGORY,
    WG_ROLE_SEVERITY,
    WG_ROLE_ROUTE,
    WG_ROLE_ROLE,
    WG_ROLE_FTE,
    WG_ROLE_PHONE,
    WG_ROLE_WORKER,
    WG_ROLE_REWORK,
    WG_ROLE_PARENT,
    WG_ROLE_LEVEL,
    WG_ROLE_X,
    WG_ROLE_Y,
    WG_ROLE_WKT,
    WG_ROLE_EXTENDED, /**< incidents: given more time */
    WG_ROLE_DISPATCHED,
    WG_ROLE_DIRECT, /**< dispatched to the right place at once */
    WG_ROLE_VALID,
    WG_N_ROLES
} wg_role;

/** "households" …: the name in --field and in wg_field. */
const char *wg_role_name(wg_role role);
bool wg_role_parse(const char *name, wg_role *role);

/** @return the role that a column name stands for, or WG_N_ROLES. @param[out] score  higher is surer; may be NULL */
wg_role wg_role_of(const char *column_name, int *score);

typedef struct wg_fields {
    uint32_t column[WG_N_ROLES]; /**< UINT32_MAX: not there */
    bool stated[WG_N_ROLES];     /**< by the user's mapping */
} wg_fields;

/**
 * Find the columns for `roles` in a layer. A mapping {role, name} of the user wins; its role may be "INPUT.role" to
 * hold for one input only. A mapping whose field this layer does not have is left to other inputs: see wg_fields_check.
 * @param input  name of the input ("buildings"); NULL: none
 * @param roles  those that matter here, n_roles 0: all
 * @param used   array of n_mapping flags, set where a mapping was used (never reset); NULL: not wanted
 * @return WG_EINVAL for a role that does not exist (the known ones are listed)
 */
wg_status wg_fields_match(wg_context *ctx, const wg_layer *layer, const char *input, const wg_role *roles,
                          uint32_t n_roles, const wg_field *mapping, uint32_t n_mapping, bool *used, wg_fields *fields);
/** WG_ENOTFOUND for the first mapping that no input used. */
wg_status wg_fields_check(wg_context *ctx, const wg_field *mapping, uint32_t n_mapping, const bool *used);
/** Append "households = 户数, code = 编码" (none recognised: "no field is recognised by its name"). */
void wg_fields_list(const wg_layer *layer, const wg_fields *fields, wg_buffer *out);
/** WG_EDATA "FILE: LAYER: no field for households (name it with --field households=FIELD; fields: a, b, c)" where it is
 * missing. */
wg_status wg_fields_need(wg_context *ctx, const wg_layer *layer, const wg_fields *fields, wg_role role);

/** What a column's values are like. */
typedef struct wg_number_stats {
    size_t missing, unreadable, about, negative;
    double sum, min, max; /**< of the known values; min, max NAN where there is none */
} wg_number_stats;

/**
 * A column as numbers, `n` rows (free with free()); NAN: unknown. Text is read by wg_number_parse. An unreadable value
 * is unknown and listed in `exceptions` (problem "unreadable_number"; NULL: not listed).
 * @param non_negative  a negative value is WG_EDATA with the feature
 * @param stats         NULL: not wanted
 */
wg_status wg_fields_numbers(wg_context *ctx, const wg_layer *layer, uint32_t column, bool non_negative,
                            wg_exceptions *exceptions, wg_number_stats *stats, double **values);
/**
 * A value as text: of a text column the text, of numbers their shortest form (integers without a point). Codes are text
 * everywhere.
 * @param buffer  at least 32 bytes, used for numbers
 * @return NULL for null
 */
const char *wg_fields_text(const wg_layer *layer, size_t row, uint32_t column, char buffer[32]);

#endif
