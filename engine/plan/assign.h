/** Inside of wg_assign: the cells as they are needed, the rules for one feature, the ways in and out. */
#ifndef WG_PLAN_ASSIGN_H
#define WG_PLAN_ASSIGN_H

#include "core/memory.h"
#include "core/status.h"
#include "crs/crs.h"
#include "locate/locate.h"
#include "model/exceptions.h"
#include "model/layer.h"

/** How a feature got its cell: the field `how`. */
typedef enum wg_how {
    WG_HOW_NONE = 0,
    WG_HOW_INSIDE,
    WG_HOW_EDGE,
    WG_HOW_NEAREST,
    WG_HOW_KEY,
    WG_HOW_SPLIT,
    WG_N_HOW
} wg_how;
const char *wg_how_text(wg_how how);

/** Why it has none, or what is strange about it: the first word of the field `reason`. */
typedef enum wg_why {
    WG_WHY_NOTHING = 0,
    WG_WHY_OUTSIDE,        /**< outside all cells */
    WG_WHY_GAP,            /**< in a gap between cells */
    WG_WHY_OVERLAP,        /**< in two cells, both named; of a polygon or line: part of it */
    WG_WHY_NO_COORDINATE,  /**< empty, or no geometry */
    WG_WHY_BAD_COORDINATE, /**< text that is no number, NaN, infinity, or without image in the CRS of the cells */
    WG_WHY_ZERO,           /**< 0,0 */
    WG_WHY_SWAPPED,    /**< longitude and latitude (easting and northing) are swapped: it would lie in the cell named */
    WG_WHY_UNREADABLE, /**< a row that is not well-formed */
    WG_WHY_UNKNOWN_KEY, /**< the key names nothing known; the coordinate decided */
    WG_WHY_CONFLICT,    /**< key and coordinate are farther apart than --conflict */
    WG_N_WHY
} wg_why;
const char *wg_why_text(wg_why why);

/** What is said of one feature or part. */
typedef struct wg_answer {
    uint32_t cell;  /**< row of the cells, or WG_UNASSIGNED */
    uint32_t other; /**< second cell of an overlap, cell of the swapped coordinate; WG_UNASSIGNED: none */
    uint32_t near;  /**< of a rejected feature, where wanted: nearest cell */
    uint8_t how, why;
    double share; /**< 0..1; 0 without a cell */
    double
        metres; /**< distance to `near`, to the cell (nearest), between key and coordinate (conflict); NAN: not known */
} wg_answer;

/** The cells, in the order of their codes, ready to be asked from several threads. */
typedef struct wg_assign_cells {
    char *source;    /**< for messages */
    wg_layer *layer; /**< geometry in code order; column 0 is the code */
    uint32_t n;
    const char **code, **community, **group, **street; /**< of each cell; "" where unknown */
    bool has_group, has_street;
    wg_arena text;
    char *crs; /**< of the layer; NULL: unknown */
    bool degrees;
    wg_locator *locator; /**< in that CRS */
    char *metric_crs;    /**< where distances are measured, when that is another; NULL: in `crs` itself */
    wg_layer *metric_layer;
    wg_locator *metric; /**< borrowed from `locator` or owned */
    wg_locator *gaps;   /**< NULL: no gap */
    wg_coverage_check check;
    wg_exceptions exceptions;
} wg_assign_cells;

/**
 * Read, order, index and check the cells. Distances are prepared only where `distances`.
 * @param used  n_fields flags of the options, set where a mapping was used
 */
wg_status wg_assign_cells_load(wg_context *ctx, const wg_assign_options *options, bool distances, bool *used,
                               wg_assign_cells *cells);
/** @return row of the (first) cell with this code, or WG_UNASSIGNED; O(log n) */
uint32_t wg_assign_cells_row(const wg_assign_cells *cells, const char *code);
void wg_assign_cells_release(wg_assign_cells *cells);

/** Keys (buildings, addresses) and where they are. */
typedef struct wg_assign_keys wg_assign_keys;
wg_status wg_assign_keys_load(wg_context *ctx, const wg_assign_options *options, const wg_assign_cells *cells,
                              bool *used, wg_assign_keys **keys);
void wg_assign_keys_free(wg_assign_keys *keys);
/** @return whether the key is known. @param scratch cleared and used @param[out] at  its place in the metric CRS; NANs:
 * unknown */
bool wg_assign_keys_find(const wg_assign_keys *keys, const char *key, size_t length, wg_buffer *scratch, uint32_t *cell,
                         double at[2]);

/** What one worker decides with. */
typedef struct wg_assign_rules {
    const wg_assign_options *options;
    const wg_assign_cells *cells;
    const wg_assign_keys *keys; /**< NULL: no --key */
    bool want_near;             /**< rejects need the nearest cell */
    bool features_in_degrees;
    wg_crs_op *to_cells;   /**< NULL: features are in the cells' CRS */
    wg_crs_op *from_cells; /**< back to the features\' CRS, with --split; NULL: the same */
    wg_crs_op *to_metric;  /**< from the cells' CRS; NULL: the same */
    wg_shares shares;
    double *xy; /**< scratch of a batch */
    uint32_t *found_cell;
    uint8_t *found;
    size_t capacity;
    wg_buffer text;
    bool out_of_memory;
    double off[4]; /**< extent, in the cells' CRS, of what lies in no cell; off[0] > off[2]: nothing does */
} wg_assign_rules;

wg_status wg_assign_rules_init(wg_context *ctx, const wg_assign_options *options, const wg_assign_cells *cells,
                               const wg_assign_keys *keys, const char *features_crs, bool want_near,
                               wg_assign_rules *rules);
void wg_assign_rules_release(wg_assign_rules *rules);

/**
 * Decide for `n` points.
 * @param xy       n pairs in the features' CRS; NANs: none
 * @param key      n keys with their lengths, or NULL
 * @param answers  `why` is read where it is not WG_WHY_NOTHING: the caller knows better why there is no coordinate
 */
wg_status wg_assign_points(wg_context *ctx, wg_assign_rules *rules, const double *xy, size_t n, const char *const *key,
                           const size_t *key_length, wg_answer *answers);
/**
 * Decide for one line, polygon or collection. `wkb` is in the features' CRS. With rules->options->split, rules->shares
 * holds the parts on return (where answer->how is WG_HOW_SPLIT).
 */
wg_status wg_assign_shape(wg_context *ctx, wg_assign_rules *rules, const void *wkb, size_t bytes, const char *key,
                          size_t key_length, wg_answer *answer);

/** Append the text of `reason`: a stable word, then ": " and particulars where there are any. */
void wg_assign_reason(const wg_assign_cells *cells, const wg_answer *answer, wg_buffer *out);

/** What adds up at the end. */
typedef struct wg_assign_counts {
    uint64_t in, how[WG_N_HOW], why[WG_N_WHY], rows, replaced, recoded;
} wg_assign_counts;

static inline void wg_assign_count(wg_assign_counts *counts, const wg_answer *answer) {
    counts->in++;
    counts->how[answer->how]++;
    counts->why[answer->why]++;
}
void wg_assign_counts_add(wg_assign_counts *to, const wg_assign_counts *from);

/** Names of the fields that are added to the source's. @return their number, at most WG_ASSIGN_FIELDS */
enum { WG_ASSIGN_FIELDS = 7 };
uint32_t wg_assign_fields(const wg_assign_cells *cells, const char *names[WG_ASSIGN_FIELDS]);
/** Name under which source field `index` is written: one that the added fields need gets a number behind it. */
void wg_assign_source_name(const char *const *names, uint32_t n, uint32_t index, wg_buffer *out);

/** The ways through: from CSV, and from everything else. */
typedef struct wg_assign_job {
    const wg_assign_options *options;
    wg_assign_cells cells;
    wg_assign_keys *keys;
    wg_assign_counts counts;
    char *features_crs;   /**< as it was understood */
    const char *crs_how;  /**< "stated", "file", "detected", "assumed" */
    wg_buffer understood; /**< lines for a person */
    bool *field_used;     /**< n_fields: whether some input used the mapping */
    double off[4];        /**< as in wg_assign_rules, of all workers */
} wg_assign_job;

/** Field of the features for `role` ("x", "y"): stated directly, or by a mapping, which is marked as used; NULL: not
 * stated. */
const char *wg_assign_stated_field(const wg_assign_job *job, const char *direct, const char *role);

/** @return whether wg_assign_csv can do it */
bool wg_assign_csv_suits(const wg_assign_options *options);
/** @param[out] done  false where the file turned out to need the other way (coordinates as WKT); nothing was written
 * then */
wg_status wg_assign_csv(wg_context *ctx, wg_assign_job *job, bool *done);
wg_status wg_assign_layers(wg_context *ctx, wg_assign_job *job);

/**
 * CRS of features that do not say theirs: degrees are WGS 84 where the cells are not in degrees, else the cells' CRS;
 * told either way.
 * @param x_name  of the field with x, which may speak of longitude; "" where there is none
 * @param bounds  of some of the features; infinite where none has coordinates
 */
wg_status wg_assign_guess_crs(wg_context *ctx, wg_assign_job *job, const char *x_name, const double bounds[4]);

#endif
