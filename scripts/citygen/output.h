/** Layers and tables on disk. */
#ifndef CITYGEN_OUTPUT_H
#define CITYGEN_OUTPUT_H

#include "citygen.h"

enum layer_kind {
    LAYER_COMMUNITIES,
    LAYER_BUILDINGS,
    LAYER_ROADS,
    LAYER_RIVER,
    LAYER_RAILWAY,
    LAYER_COMPOUNDS,
    LAYER_DEDICATED,
    LAYER_CELLS,
    LAYER_STAIRS,
    LAYER_FACILITIES,
    LAYERS
};

/** What incidents, workers and visits need of all towns. */
typedef struct spot {
    vec at;
    float weight;
    uint32_t id, cell; /**< cell: number over all towns */
    uint8_t use, land;
} spot;

typedef struct census {
    spot *spots;
    size_t n_spots, capacity;
    char (*cells)[16];
    uint32_t *cell_households;
    size_t n_cells, cells_capacity, households_capacity;
    uint64_t counts[LAYERS];
    uint64_t households, registered, floating; /**< true totals */
    double area_m2;
} census;

typedef struct output output;

output *output_open(const options *choice);
void output_town(output *out, const town_map *t, census *all);
void output_close(output *out);
/** Plane metres to degrees, rounded to 1e-7 (about a centimetre). */
void output_degrees(output *out, vec *points, uint32_t n);

/** incidents.csv, workers.csv, visits.csv (events.c). */
void events_write(output *out, const options *choice, const census *all);

#endif
