/** How much people live in a building, by what is known of it: the weights of dasymetric estimates. Internal to
 * engine/plan. */
#ifndef WG_PLAN_RESIDENCE_H
#define WG_PLAN_RESIDENCE_H

/** How a use is lived in: 1 dwellings, 0 not at all, between for mixed use. NULL and unknown words: dwellings. */
double wg_residence_share(const char *use);
/** Storeys assumed where none are given: by height (3 m each) if that is known, else 1 for sheds and the like, else
 * `usual`. */
double wg_residence_floors(double floors, double height_m, double usual);

#endif
