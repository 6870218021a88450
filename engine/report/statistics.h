/** The statistics of a report: pure functions of arrays. NaN values are unknown and left out unless stated otherwise.
 */
#ifndef WG_REPORT_STATISTICS_H
#define WG_REPORT_STATISTICS_H

#include "core/memory.h"
#include "core/status.h"

/** How evenly something is spread. Fields are NAN where they have no meaning (no value, mean 0). */
typedef struct wg_evenness {
    size_t n;
    double sum, mean, min, max;
    double cv;    /**< standard deviation (divided by n) / mean */
    double gini;  /**< 0 equal … 1 all in one; negative values make it meaningless (NAN) */
    double ratio; /**< max / min; NAN where min is 0 */
} wg_evenness;

/** O(n log n). @return WG_OK or WG_ENOMEM */
wg_status wg_evenness_of(wg_context *ctx, const double *values, size_t n, wg_evenness *evenness);

/** Sorts `values` (no NaN among them). Quantile `q` in 0..1 between order statistics (Hyndman and Fan 1996, type 7).
 * NAN for n = 0. */
double wg_quantile_sorted(const double *sorted, size_t n, double q);
void wg_sort_doubles(double *values, size_t n);

/**
 * Ranks from 1: equal values share the better rank and the next one is left free (1, 2, 2, 4). NaN: 0.
 * @param descending  the largest value is rank 1
 */
wg_status wg_ranks(wg_context *ctx, const double *values, size_t n, bool descending, uint32_t *rank);

/** Neighbours of cells, compressed rows: neighbours of i are to[start[i]] .. to[start[i + 1] - 1], ascending, without
 * i. */
typedef struct wg_neighbours {
    uint32_t n;
    uint32_t *start; /**< n + 1 */
    uint32_t *to;
} wg_neighbours;

/**
 * Cells that share a stretch of boundary: an edge with the same two vertices, compared in whole millimetres. O(edges
 * log edges).
 */
wg_status wg_neighbours_of(wg_context *ctx, const wg_layer *cells, wg_neighbours *neighbours);
void wg_neighbours_release(wg_neighbours *neighbours);

/**
 * Getis–Ord Gi* with binary weights, each cell its own neighbour (Ord and Getis 1995, eq. 14).
 * @param values  n; NaN cells take no part
 * @param[out] z  standard scores; NAN where undefined (constant values, fewer than 3 cells, all cells neighbours)
 */
wg_status wg_hot_spots(wg_context *ctx, const double *values, const wg_neighbours *neighbours, double *z);
/** Two-sided p of a standard score. */
double wg_p_of_z(double z);
/** Benjamini and Hochberg 1995: marks the p-values that are significant at false-discovery rate `q`. NaN: never. */
wg_status wg_false_discovery(wg_context *ctx, const double *p, size_t n, double q, bool *significant);

/**
 * Where `more` workers help most: each goes to the cell with the highest load per worker at that moment (a cell with
 * load and nobody comes first, the larger load before the smaller; ties: the lower index). That minimises the highest
 * load per worker.
 * @param[out] added  n: workers put into each cell. O(more * log n)
 */
wg_status wg_place_workers(wg_context *ctx, const double *load, const double *fte, size_t n, uint32_t more,
                           uint32_t *added);

#endif
