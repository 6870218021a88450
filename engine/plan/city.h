/** A city in memory between reading and writing: what partition and redraw work on. Internal to engine/plan. */
#ifndef WG_PLAN_CITY_H
#define WG_PLAN_CITY_H

#include <jansson.h>

#include "crs/crs.h"
#include "geo/atoms.h"
#include "io/read.h"
#include "model/exceptions.h"
#include "model/layer.h"
#include "zoning/zoning.h"

/** Figures of one building row; what is unknown counts 0 (and is listed). */
typedef struct wg_figures {
    double *households, *population, *registered, *floating;
    bool has_households, has_population, has_registered, has_floating;
} wg_figures;

/** A limit and where its values come from. */
typedef struct wg_measure {
    wg_limit limit;
    bool is_area;        /**< summed over units' areas, not over buildings */
    const double *value; /**< a value a building row (borrowed from figures or owned below); NULL for area */
    double *owned;
} wg_measure;

/** What became of the buildings, counted. */
typedef struct wg_tally {
    size_t rows, rows_outside; /**< a tower's stairs are rows of their own */
    size_t placed, shared, outside, duplicates;
    double outside_households, outside_population;
} wg_tally;

/** How often a field is unknown. */
typedef struct wg_unknown {
    const char *field; /**< borrowed */
    bool present;      /**< some column has it */
    size_t missing, rows;
} wg_unknown;

/** Rows of buildings come all at once; or in batches, which come again to be written. */
typedef enum wg_pass { WG_PASS_WHOLE = 0, WG_PASS_FIRST, WG_PASS_AGAIN } wg_pass;

/** Columns of the communities layer that say who a community is; UINT32_MAX: none. */
typedef struct wg_community_columns {
    uint32_t code, name, group, street;
} wg_community_columns;

/** Some communities of a city, see read_chosen.c. */
typedef struct wg_chosen {
    wg_reference *reference; /**< of all communities: whose a building is does not depend on the choice */
    wg_layer *communities;   /**< all of them */
    bool *keep;              /**< a row of these: chosen */
    double box[4];           /**< around the chosen ones with all that they depend on, working CRS */
} wg_chosen;

typedef struct wg_plan_city {
    const wg_partition_options *options;
    char *crs;
    double grid_m;

    wg_layer *communities; /**< working CRS; the reference holds the repaired copy */
    wg_community_columns columns;
    wg_reference *reference;
    wg_chosen *chosen; /**< partition --only-communities; NULL: all of them */

    wg_layer *source;     /**< buildings as read, working CRS */
    uint32_t building_id; /**< column of `source` and `buildings`; UINT32_MAX: feature numbers */
    wg_layer
        *buildings; /**< rows that are placed: source rows, towers replaced by their stairs; == source without stairs */
    size_t *parent; /**< source row of each row; NULL: the same number */
    uint32_t row_id;    /**< column of `buildings` with the id; UINT32_MAX: none */
    wg_figures figures; /**< a value a row of `buildings` */
    wg_placement placement;
    wg_tally tally;
    size_t lost; /**< buildings whose coordinates are no numbers, or have no place in the working CRS */
    wg_pass pass;
    wg_unknown *unknown; /**< n_unknown: fields in the order that they are looked at */
    uint32_t n_unknown, next_unknown;
    size_t unknown_capacity;
    bool buildings_understood;
    wg_layer *stairs;   /**< points of stairs, as read; NULL: not read yet, or none */
    bool stairs_listed; /**< what cannot be read in them is listed */

    wg_layer *barriers; /**< lines and polygons of all barrier inputs, and old cell lines in redraw; never NULL */
    uint8_t *rank;
    bool *hard;
    wg_layer *compounds, *dedicated, *given, *bridges; /**< NULL: none */
    uint32_t compound_name, dedicated_name;            /**< columns; UINT32_MAX: none */
    bool *compound_open;                               /**< redraw, a compound: today's cells divide it; NULL: none */

    wg_measure *measures;
    uint32_t n_measures;

    char **retired; /**< redraw: codes that may not be used again (owned strings) */
    size_t n_retired;
    wg_layer *extra[4]; /**< layers that go into the plan as they are; NULL: none */

    struct wg_plan_land *land; /**< made by wg_plan_atoms */
    wg_zoning_weights weights;
    wg_exceptions exceptions;
    json_t *inputs;       /**< array: role, source, rows, size and checksum of each input */
    wg_buffer understood; /**< lines for a person: what was recognised */
    bool *field_used;     /**< n_fields: whether some input used the mapping */
} wg_plan_city;

void wg_plan_city_release(wg_plan_city *city);
/** Index what divides the land, for wg_plan_community_atoms: city->land. wg_plan_atoms does so itself. */
wg_status wg_plan_land_new(wg_context *ctx, wg_plan_city *city);
void wg_plan_land_free(struct wg_plan_land *land);

/** The solved community. */
typedef struct wg_district {
    uint32_t community;
    const wg_atoms *atoms; /**< borrowed; NULL while they are on a shelf */
    uint32_t n_cells;      /**< dedicated ones behind the ordinary ones */
    uint32_t n_ordinary;
    uint32_t *label;        /**< a unit: its cell */
    bool *attached;         /**< a unit: joined over land that it does not touch (an exclave) */
    wg_layer *cells;        /**< geometry a cell */
    wg_zone_cell *info;     /**< n_ordinary: reasons and shape from the solver */
    char **reason_building; /**< n_cells: id of the building that explains the reason, an entry NULL: none */
    double *households, *population, *registered, *floating, *area; /**< n_cells */
    double *measure;          /**< n_cells * n_measures: the sums that the limits are about */
    uint32_t *buildings;      /**< n_cells */
    double inner_m, street_m; /**< length of the lines between its cells, and how much of it runs along barriers */
    size_t led_around;        /**< buildings that a line had to be led around */
    uint32_t *dedicated;      /**< n_cells: row of the dedicated layer, or WG_UNASSIGNED */
    uint32_t *order;          /**< n_cells: the cell that comes i-th, west to east, then north to south */
    char **code, **name;      /**< n_cells */
    char **group;             /**< n_cells: group (片组), an entry NULL: none */
    double score;
    uint32_t out;
    double excess;
    bool proven, capped;
    wg_zone_term term[WG_ZONE_TERMS];
    uint32_t n_terms;
    wg_certificate *certificates;
    size_t n_certificates;
} wg_district;

void wg_district_free(wg_district *district);

/** Read, recognise, bring to the working CRS, repair and place: everything before atoms. */
wg_status wg_plan_read(wg_context *ctx, const wg_partition_options *options, wg_plan_city *city);

/* Parts of wg_plan_read, in this order. */

/** Options, communities, working CRS, reference, given units. */
wg_status wg_plan_read_ground(wg_context *ctx, const wg_partition_options *options, wg_plan_city *city);
/** Compounds, dedicated areas, bridges. */
wg_status wg_plan_read_areas(wg_context *ctx, wg_plan_city *city);
/** After the reference is built: leave only the communities that the options choose. */
wg_status wg_plan_choose(wg_context *ctx, wg_plan_city *city);
void wg_plan_chosen_free(wg_chosen *chosen);
/** Have a reader leave out what is far from the chosen communities, where its source can. @return whether it will */
bool wg_plan_read_near(wg_context *ctx, const wg_plan_city *city, wg_reader *reader);
/** Leave only the buildings (in the working CRS) of the chosen communities; without a choice all stay. */
wg_status wg_plan_keep_chosen(wg_context *ctx, const wg_plan_city *city, wg_layer **buildings);
/**
 * Bring buildings to the working CRS. Those with a coordinate that has no place there lose their geometry and are
 * listed.
 * @return WG_EDATA where they are more than a few: then the CRS is wrong
 */
wg_status wg_plan_transform_buildings(wg_context *ctx, wg_plan_city *city, wg_layer *layer);
/** WG_EDATA where no building is left. @param source  for the message */
wg_status wg_plan_check_chosen(wg_context *ctx, const wg_plan_city *city, size_t rows, const char *source);
/** wg_read, or what of the layer is near the chosen communities. */
wg_status wg_plan_read_rows(wg_context *ctx, const wg_plan_city *city, const wg_input *input, const char *role,
                            wg_layer **layer);
/** Note an input for the runs layer. @param crs  as read, NULL: unknown */
wg_status wg_plan_record_input(wg_context *ctx, wg_plan_city *city, const wg_input *input, const char *role,
                               size_t rows, const char *crs);
/** Warn of, and list, what does not fit in an input's coordinates; buildings are compared with the communities too. */
wg_status wg_plan_tell_doubts(wg_context *ctx, wg_plan_city *city, const wg_crs_seen *seen, const char *source,
                              const char *crs, const char *role);
/** Add the rows in `city` to a tally. */
void wg_plan_tally_rows(const wg_plan_city *city, wg_tally *tally);
/** Warn of buildings outside all communities by city->tally. @return WG_EDATA where none is inside */
wg_status wg_plan_tell_placement(wg_context *ctx, const wg_plan_city *city, const char *source);

/** Read one input, tell what was recognised and doubted, and bring it to the working CRS (where that is known already).
 */
wg_status wg_plan_read_layer(wg_context *ctx, wg_plan_city *city, const wg_input *input, const char *role,
                             wg_layer **layer);
/** Buildings, their figures, the measures of the limits, towers by stairs. */
wg_status wg_plan_read_buildings(wg_context *ctx, wg_plan_city *city);
/** The same for rows that are in city->source already. @param rows  of the whole layer */
wg_status wg_plan_take_buildings(wg_context *ctx, wg_plan_city *city, size_t rows);
/** Forget the rows and all that is said of each, but not which figures there are. */
void wg_plan_release_buildings(wg_plan_city *city);
/** After batches: what list_missing says of whole layers. */
wg_status wg_plan_tell_unknown(wg_context *ctx, wg_plan_city *city, const char *source);
/** redraw: the vertices of today's cells that lie on community lines become vertices of these. */
wg_status wg_plan_weave_communities(wg_context *ctx, wg_plan_city *city);
/** All barrier inputs as one layer with rank and hardness. */
wg_status wg_plan_read_barriers(wg_context *ctx, wg_plan_city *city);
/**
 * Append rows of a barrier input to city->barriers, city->rank and city->hard.
 * @param rows  of the whole input: told what was understood; 0: told before
 * @param list  list ranks that cannot be read
 */
wg_status wg_plan_take_barriers(wg_context *ctx, wg_plan_city *city, const wg_layer *layer, size_t rows, bool list);
/** Forget the barriers; an empty layer stays. */
wg_status wg_plan_clear_barriers(wg_context *ctx, wg_plan_city *city);

/** Present labels of a community's units and what is locked; for redraw. Any pointer may be NULL. */
typedef struct wg_present {
    uint32_t *label; /**< a unit: present cell (dense numbers), or WG_UNASSIGNED */
    bool *locked;    /**< a unit */
    bool *closed;    /**< n_labels: cells that stay exactly as they are */
    uint32_t n_labels;
    double *line_cost; /**< an edge of the atoms: cost of a metre of boundary, 0..1; NULL: by rank */
    double stability;  /**< what this attempt is solved at; the caller sets the option's */
} wg_present;

/** How a community with cells of today is solved: an attempt, and others for as long as they are asked for. */
typedef struct wg_redrawing {
    /** Called before each attempt (worker thread); may leave `present` empty. */
    wg_status (*present)(wg_context *ctx, const wg_plan_city *city, const wg_atoms *atoms, uint32_t attempt,
                         wg_present *present, void *user);
    /**
     * Called after each attempt.
     * @param best         of the attempts before, NULL: none
     * @param[out] better  `solved` is to take its place (the first always does)
     * @param[out] more    another attempt is wanted
     */
    wg_status (*weigh)(wg_context *ctx, const wg_district *solved, const wg_district *best, bool *better, bool *more,
                       void *user);
    void *user;
} wg_redrawing;

/**
 * Atoms of every community: an array of as many entries as communities.
 * @param divide  divide compounds like any block; else they are one unit unless they exceed a limit alone
 */
wg_status wg_plan_atoms(wg_context *ctx, wg_plan_city *city, bool divide, wg_atoms ***atoms);
void wg_plan_atoms_free(wg_atoms **atoms, size_t n);
/** Atoms of one community, after wg_plan_atoms; thread-safe. */
wg_status wg_plan_community_atoms(wg_context *ctx, const wg_plan_city *city, uint32_t community, bool divide,
                                  wg_atoms **atoms);

/**
 * Zone design of every community: labels, reasons, scores; no geometry. The districts borrow the atoms. Where limits
 * are not met with whole compounds, and nothing is redrawn, a community's atoms are replaced by ones with divided
 * compounds if that is better.
 * @param redrawing  NULL: from nothing
 */
wg_status wg_plan_zone(wg_context *ctx, wg_plan_city *city, wg_atoms **atoms, const wg_redrawing *redrawing,
                       wg_district ***districts);
/**
 * Parts of wg_plan_zone and wg_plan_finish for one community; thread-safe for different ones. `solve` may replace the
 * atoms; figures and placement are those of the rows in `city`. `outline` needs the woven atoms, and no figures.
 */
wg_status wg_plan_solve_community(wg_context *ctx, wg_plan_city *city, wg_atoms **atoms, wg_district **district);
wg_status wg_plan_outline_community(wg_context *ctx, const wg_plan_city *city, wg_district *district);

/** Weave the community lines and dissolve units into cells; sums of every cell. Once, after zoning. */
wg_status wg_plan_finish(wg_context *ctx, wg_plan_city *city, wg_atoms **atoms, wg_district **districts);
void wg_plan_districts_free(wg_district **districts, size_t n);

/** Codes and names for the cells that have none yet, by the order that the code scheme asks for. */
wg_status wg_plan_codes(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts);

/** The plan file while it is written: beside its place, in one transaction. */
typedef struct wg_plan_writing {
    struct wg_output *output;
    struct wg_store *store;
} wg_plan_writing;
/** Groups of cells, and an empty plan. */
wg_status wg_plan_write_begin(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                              wg_plan_writing *writing);
/** Cells, communities, levels. */
wg_status wg_plan_write_cells(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                              struct wg_store *store);
/** Exceptions, layers that go in as they are, the run; everything else is there. */
wg_status wg_plan_write_run(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                            const char *command, struct wg_store *store);
/** Styles, the result; puts the plan in its place. */
wg_status wg_plan_write_end(wg_context *ctx, wg_plan_city *city, wg_district *const *districts,
                            wg_plan_writing *writing, wg_result **result);
void wg_plan_write_abort(wg_plan_writing *writing);

/** Write the plan file beside and rename it; makes the result. */
wg_status wg_plan_write(wg_context *ctx, wg_plan_city *city, wg_district *const *districts, const char *command,
                        wg_result **result);

/** How a cell stands to the limits: "ok", "under", "over", "mixed"; dedicated cells have none and are ok. */
const char *wg_plan_cell_status(const wg_plan_city *city, const wg_district *district, uint32_t cell);
/** Append the sentence that tells why, in the job's language; nothing where there is nothing to say. */
void wg_plan_cell_reason(const wg_plan_city *city, const wg_district *district, uint32_t cell, wg_buffer *out);
/** Name of a limit's field for people: "户数" / "households". */
const char *wg_plan_field_label(const char *field, wg_lang lang);

/** The layers of a plan, made one community (or all) at a time; names and columns as in model/contract.h. */
wg_status wg_plan_table_communities(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                                    wg_layer **layer);
wg_status wg_plan_table_levels(wg_context *ctx, const wg_plan_city *city, wg_layer **layer);
wg_status wg_plan_table_cells(wg_context *ctx, const wg_plan_city *city, const wg_district *district, wg_layer **layer);
wg_status wg_plan_table_units(wg_context *ctx, const wg_plan_city *city, const wg_district *district, wg_layer **layer);
wg_status wg_plan_table_edges(wg_context *ctx, const wg_plan_city *city, const wg_district *district, wg_layer **layer);
wg_status wg_plan_table_buildings(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                                  wg_layer **buildings, wg_layer **shares);
wg_status wg_plan_table_exceptions(wg_context *ctx, const wg_plan_city *city, wg_layer **layer);
wg_status wg_plan_table_run(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                            const char *command, wg_layer **layer);
/** What a person and a program are told at the end. @param plan  path of the plan file; hash may be "" */
wg_status wg_plan_summary(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts, const char *hash,
                          wg_result **result);

/** @return the community's code, or its number in `text` where it has none */
const char *wg_plan_community_code(const wg_plan_city *city, size_t row, char text[32]);
/** @return id of a row of `buildings` as text */
const char *wg_plan_building_id(const wg_plan_city *city, size_t row, char text[32]);

#endif
