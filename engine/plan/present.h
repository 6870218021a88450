/** The cells of today against the atoms: which unit lies in which present cell, and what may change. Internal to
 * redraw. */
#ifndef WG_PLAN_PRESENT_H
#define WG_PLAN_PRESENT_H

#include "locate/locate.h"
#include "plan/city.h"

/** One network of cells in the working CRS. */
typedef struct wg_network {
    wg_layer *layer;
    uint32_t code, name; /**< columns; UINT32_MAX: none */
    double weight;
    wg_locator *locator;
} wg_network;

/** Present cells in one community. */
typedef struct wg_present_district {
    uint32_t n_labels;
    uint32_t *row;    /**< n_labels: row of the network's layer, ascending */
    uint32_t *unit;   /**< a unit of the atoms: its label, or WG_UNASSIGNED (no cell of today in the community) */
    uint32_t *others; /**< with further networks: (n_networks - 1) * units, the row of each network */
    bool *locked;     /**< n_labels: stays as it is because the user says so */
    uint32_t *ring;   /**< n_labels: steps from a cell that breaks a limit, WG_UNASSIGNED: none in reach */
    bool free;        /**< drawn from nothing */
    bool fenced;      /**< stability 1: only what the rings allow is open */
    /* When fenced, from attempt to attempt. */
    uint32_t reach; /**< rings that are open, the neighbours to begin with */
    bool *shut;     /**< n_labels: closed to a scout; NULL: none has gone yet */
    uint32_t scouts;
    double least, moved; /**< people who leave their cell: in any plan that meets the limits, by the best attempt */
} wg_present_district;

typedef struct wg_revision {
    wg_plan_city city;
    wg_network *networks; /**< [0] is today's */
    uint32_t n_networks;
    wg_present_district *districts; /**< a community */
    bool same_units;                /**< every community has the units of the plan that is redrawn */
} wg_revision;

void wg_revision_release(wg_revision *revision);
/** Read the networks and add their lines to the barriers. */
wg_status wg_revision_read(wg_context *ctx, wg_revision *revision);
/** Where a plan of our own is redrawn, its units are the atoms again (city->given), as far as they fit the buildings.
 */
wg_status wg_revision_take_units(wg_context *ctx, wg_revision *revision);
/** Compounds that a network divides are open to its lines (city->compound_open). Before the atoms. */
wg_status wg_revision_open_compounds(wg_context *ctx, wg_revision *revision);
/** Give such atoms back their kinds. */
wg_status wg_revision_name_kinds(wg_context *ctx, const wg_revision *revision, wg_atoms *const *atoms);
/** Labels of all units, locks, what stability 1 leaves open. */
wg_status wg_revision_label(wg_context *ctx, wg_revision *revision, wg_atoms *const *atoms, double stability);
/** How far away from a cell that breaks a limit each of today's cells is: own->ring. */
wg_status wg_revision_find_rings(wg_context *ctx, const wg_revision *revision, const wg_atoms *atoms,
                                 wg_present_district *own);
/**
 * Is every change bound to a cell that broke a limit? Today's cells are bound together where a new one has units of
 * both.
 * @param[out] free_of  an array of n_labels: bound to none; NULL: not wanted
 */
wg_status wg_revision_find_needless(wg_context *ctx, const wg_present_district *own, const wg_district *solved,
                                    bool *free_of, bool *allowed);
/**
 * Stability at which the first network's cells are held where there are several: the price of leaving them is its share
 * of the weights, since what is kept of it may be another one's loss. Stability 1 stays 1.
 */
double wg_revision_stability(const wg_revision *revision, double stability);
/** How wg_plan_zone goes about a revision, which it borrows. After wg_revision_label, which begins anew. */
wg_redrawing wg_revision_redrawing(wg_revision *revision);
/** Change weighs nine times what quality does: cells that meet the limits hardly move, new ones are still well shaped.
 */
#define WG_REDRAW_STABILITY 0.9

/** Households (people, buildings, area where a city has none) that each pair of present and new cell share. */
wg_status wg_revision_overlap(wg_context *ctx, const wg_revision *revision, const wg_district *district,
                              double **weight);
/** Old cell (label) of every new cell under the pairing that keeps most, and the households that leave their cell. */
wg_status wg_revision_pair(wg_context *ctx, const wg_revision *revision, const wg_district *district, uint32_t *label,
                           double *moved, double *total);

/**
 * The trade-off: what each stability of the sweep in the options costs, as a table. Each row is the best of all plans
 * that the sweep found, as that stability judges them, so that more stability never moves more.
 */
wg_status wg_revision_sweep(wg_context *ctx, wg_revision *revision, wg_atoms **atoms, wg_result **result);

/**
 * The outlines of a network as lines of the atoms (rows of city->barriers), repaired where they were drawn by hand.
 * @param reach_m  a stretch nearer than this to a street, a community line or another cell's line becomes that line;
 *                 each cell whose outline moves so is listed in the exceptions
 */
wg_status wg_network_add_lines(wg_context *ctx, wg_plan_city *city, const wg_network *network, double reach_m);

/** Insert the vertices of `network` into the lines and rings of n layers (NULL: none) that they lie on. */
wg_status wg_network_weave(wg_context *ctx, const wg_layer *network, double tolerance_m, wg_layer *const *layers,
                           size_t n);

/**
 * What became of the cells of every network: layer "crosswalk", a row a pair of old and new cell that share land,
 * people or buildings, with shares of the old cell. After codes. Cells whose lines moved though nobody's building did
 * are listed in the exceptions (line_moved).
 */
wg_status wg_revision_crosswalk(wg_context *ctx, wg_revision *revision, wg_district *const *districts,
                                wg_layer **layer);

/** @return text of a network's cell code, or its feature number */
const char *wg_network_code(const wg_network *network, size_t row, char text[32]);

#endif
