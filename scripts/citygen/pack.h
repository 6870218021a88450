/** Rows of footprints in a piece of land. */
#ifndef CITYGEN_PACK_H
#define CITYGEN_PACK_H

#include "citygen.h"

enum form { FORM_SLAB, FORM_POINT, FORM_ELL, FORM_NOTCHED, FORM_COURT };

/** One kind of row: sizes in metres, each drawn evenly between its two ends. */
typedef struct row_rule {
    double length[2], depth[2]; /**< of a building, along and across the row */
    double gap[2], lane[2];     /**< between buildings, between rows */
    double skip;                /**< share of places left empty */
    double wobble;              /**< radians that a building may be turned by */
    double shift;               /**< metres that a building may stand out of the row */
    enum form form;
    double other; /**< share of buildings of the other form */
    enum form other_form;
    enum use use;
    int floors[2];
    uint32_t pair; /**< after so many rows a lane, else 0.4 m (back to back); 1: always */
} row_rule;

/** Fill a piece of land, rows along `angle`; at most `most` buildings. @return how many were built */
uint32_t pack_rows(town_map *t, wg_random *random, const area *land, uint32_t block, double angle, const row_rule *rule,
                   uint32_t most);
/** Houses side by side along the outline, facing it. */
uint32_t pack_edge(town_map *t, wg_random *random, const area *land, uint32_t block, const row_rule *rule,
                   uint32_t most);
/** Place one building if the land holds it and nothing of the block is in its way. */
bool pack_one(town_map *t, wg_random *random, const area *land, uint32_t block, vec centre, vec axis, double length,
              double depth, enum form form, enum use use, int floors);
int pack_floors(wg_random *random, const int range[2]);

#endif
