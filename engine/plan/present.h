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
    uint32_t *ring;   /**< stability 1, n_labels: steps from a cell that breaks a limit, WG_UNASSIGNED: none in reach;
                         NULL: all are open */
    bool free;        /**< drawn from nothing */
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
/** The wg_present_fn of redraw; `user` is the wg_revision. */
wg_status wg_revision_present(wg_context *ctx, const wg_plan_city *city, const wg_atoms *atoms, wg_present *present,
                              void *user);

/** Households (people, buildings, area where a city has none) that each pair of present and new cell share. */
wg_status wg_revision_overlap(wg_context *ctx, const wg_revision *revision, const wg_district *district,
                              double **weight);
/** Old cell (label) of every new cell under the pairing that keeps most, and the households that leave their cell. */
wg_status wg_revision_pair(wg_context *ctx, const wg_revision *revision, const wg_district *district, uint32_t *label,
                           double *moved, double *total);

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
