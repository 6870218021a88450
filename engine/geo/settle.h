/** Buildings and faces: every footprint to one side, every building to one piece of land. */
#ifndef WG_GEO_SETTLE_H
#define WG_GEO_SETTLE_H

#include "geo/work.h"

/**
 * Give all faces inside a cluster of footprints to the label (a face number, WG_NONE outside) that has most of the
 * cluster's area, so that lines lead around it. The surface of a barrier gets a footprint only where nothing else has a
 * part of it.
 */
wg_status wg_work_lead_around(wg_work *work, const wg_over *over, uint32_t *label);

/**
 * Piece of each building: the one at its representative point (all of the footprint, once lines lead around it).
 * `of_face` tells the piece of a face.
 */
wg_status wg_work_house(wg_work *work, const uint32_t *of_face, uint32_t *of_building);

#endif
