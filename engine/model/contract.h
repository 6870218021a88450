/**
 * The plan's layers and fields as data: what every module that writes, reads, styles or documents a plan agrees on.
 * Field names have at most 10 ASCII characters, so that they are the same in every format.
 */
#ifndef WG_MODEL_CONTRACT_H
#define WG_MODEL_CONTRACT_H

#include "model/layer.h"

/** What a layer's features are drawn as. Polygons and lines are stored as their MULTI forms. */
typedef enum wg_geometry {
    WG_GEOMETRY_NONE = 0, /**< a table without geometry */
    WG_GEOMETRY_POINT,
    WG_GEOMETRY_LINE,
    WG_GEOMETRY_POLYGON,
    WG_GEOMETRY_ANY /**< as the data are: points or polygons, lines or polygons */
} wg_geometry;

enum { WG_FIELD_NAME_MAX = 10 };

typedef struct wg_contract_field {
    const char *name; /**< at most WG_FIELD_NAME_MAX ASCII characters */
    wg_type type;
    bool indexed;   /**< people and reports look rows up by it */
    const char *en; /**< alias in English, with the unit */
    const char *zh; /**< alias in Chinese, with the unit */
} wg_contract_field;

typedef struct wg_contract_table {
    const char *name;
    wg_geometry geometry;
    const char *en, *zh; /**< title */
    const wg_contract_field *fields;
    uint32_t n_fields;
} wg_contract_table;

/** All layers of a plan in the order in which people are shown them. @param[out] n  their number */
const wg_contract_table *wg_contract_tables(size_t *n);

/**
 * The layer of this name; a layer of one level ("coverage_street") is found under the name before the underscore.
 * @return NULL where the contract has no such layer
 */
const wg_contract_table *wg_contract_layer(const char *name);

/** @return the field of `table` named `name`, or NULL */
const wg_contract_field *wg_contract_field_of(const wg_contract_table *table, const char *name);

/**
 * An empty layer with the contract's columns.
 * @param name  a contract layer, or one of its levels ("workload_street")
 * @param crs   may be NULL
 * @return WG_EINVAL for a name that the contract does not have
 */
wg_status wg_contract_new_layer(wg_context *ctx, const char *name, const char *crs, wg_layer **layer);

#endif
