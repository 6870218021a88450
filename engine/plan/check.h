/** What the files of `wangge check` share. */
#ifndef WG_PLAN_CHECK_H
#define WG_PLAN_CHECK_H

#include "geo/overlay.h"
#include "model/layer.h"

/** A limit with a value a cell. */
typedef struct wg_check_measure {
    wg_limit limit;
    double *value; /**< a cell; NAN: unknown */
} wg_check_measure;

/** Something that is not as it should be. */
typedef struct wg_finding {
    const char *code;    /**< stable: gap, overlap, not_connected, building_cut, limit … */
    const char *layer;   /**< cells, communities, buildings */
    const char *feature; /**< its code or id */
    const char *detail;  /**< a sentence in the job's language */
    double value;        /**< m², a count …; NAN: none */
    double x, y;         /**< working CRS; NAN: none */
} wg_finding;

typedef struct wg_check_job {
    const wg_check_options *options;
    bool zh, from_plan;
    char *crs;
    wg_layer *cells, *communities, *buildings, *barriers; /**< working CRS; NULL: not there */
    wg_layer *units, *edges, *shares;                     /**< of the plan; NULL: not there */
    bool own_buildings;                                   /**< the plan's: they say which cell they are in */
    bool *hard;                                           /**< a barrier */
    uint32_t n;                                           /**< cells */
    const char **code;                                    /**< a cell, "" where it has none; in `text` */
    uint32_t *community;                                  /**< a cell: row of communities, or WG_UNASSIGNED */
    bool *exempt;                                         /**< a cell: dedicated ones have no limits */
    const char **community_code;                          /**< a row of communities */
    wg_check_measure *measures;
    uint32_t n_measures, count_min, count_max;
    wg_overlay *overlay;
    wg_arena text;
    wg_finding *findings;
    size_t n_findings, findings_capacity;
    wg_buffer notes; /**< lines for a person: what was understood or could not be checked */
} wg_check_job;

/** Read and prepare everything: layers in one CRS, codes, communities, measures. */
wg_status wg_check_read(wg_context *ctx, wg_check_job *job);
void wg_check_release(wg_check_job *job);

/** Add a finding; `detail` as printf. */
wg_status wg_check_found(wg_context *ctx, wg_check_job *job, const wg_finding *finding, const char *detail, ...)
    WG_PRINTF(4, 5);

/* The rules. */
wg_status wg_check_codes(wg_context *ctx, wg_check_job *job);
wg_status wg_check_sound(wg_context *ctx, wg_check_job *job);
wg_status wg_check_connected(wg_context *ctx, wg_check_job *job);
wg_status wg_check_buildings(wg_context *ctx, wg_check_job *job);
wg_status wg_check_totals(wg_context *ctx, wg_check_job *job);
wg_status wg_check_limits(wg_context *ctx, wg_check_job *job);

/** What was found, as JSON and text. */
wg_status wg_check_result(wg_context *ctx, const wg_check_job *job, wg_result **result);

/** Value of a text or number column as text, or "" */
const char *wg_check_text(wg_check_job *job, const wg_layer *layer, size_t row, uint32_t column);

#endif
