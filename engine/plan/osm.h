/** An OpenStreetMap extract as the inputs of a partition. */
#ifndef WG_PLAN_OSM_H
#define WG_PLAN_OSM_H

#include "model/layer.h"

#define WG_OSM_ATTRIBUTION "© OpenStreetMap contributors, ODbL 1.0"

/** Layers in WGS 84; all zero is empty. */
typedef struct wg_osm {
    wg_layer
        *communities; /**< code (the ref tags where all differ, else relation ids), name, population (the tag), ref */
    wg_layer
        *buildings;     /**< id, name, address, use, floors, households, hh_from: "flats" (tag), "estimate" or "none" */
    wg_layer *barriers; /**< id, kind (highway | railway | waterway), class, name; lines, and surfaces of water */
    wg_layer *compounds;       /**< id, name: named landuse=residential */
    uint64_t flats, estimated; /**< buildings whose households come from the tag, from floor area */
} wg_osm;

/**
 * Read .osm.pbf or .osm: boundaries of `level` (0: 8), buildings, roads, railways and waters on the ground (no tunnels,
 * nothing planned or given up), and named residential areas. Households are building:flats where tagged, else one for
 * each WG_OSM_HOUSEHOLD_M2 of floor area of buildings that people live in.
 * @return WG_EDATA where the extract has no complete boundary of this level (the levels it has are listed)
 */
wg_status wg_osm_read(wg_context *ctx, const char *path, uint32_t level, wg_osm *osm);
void wg_osm_release(wg_osm *osm);

/** Gross floor area a household, m², where no figures are known: of flats (four storeys and more) and of houses; rough.
 */
#define WG_OSM_FLAT_M2 100.0
#define WG_OSM_HOUSE_M2 220.0
/** Smaller footprints are sheds and garages, whatever they are tagged. */
#define WG_OSM_DWELLING_M2 40.0

/** Inputs that `options` lacks, from its extract; what is given stays. `filled` borrows from `osm` and `options`. */
typedef struct wg_osm_inputs {
    wg_partition_options options;
    wg_input barriers;
} wg_osm_inputs;
wg_status wg_osm_fill(wg_context *ctx, const wg_partition_options *options, wg_osm *osm, wg_osm_inputs *filled);

#endif
