/** Shared inside this module. */
#ifndef WG_CRS_CRS_INTERNAL_H
#define WG_CRS_CRS_INTERNAL_H

#include <proj.h>

#include "crs/crs.h"

/** The spellings people use ("4326", "wgs84", "GCJ-02", "cgcs2000") made one. @param text  at least 32 bytes, used for
 * short forms */
const char *wg_crs_canonical(const char *crs, char text[32]);
bool wg_crs_is_offset(const char *canonical);

/** A PROJ context that prints nothing and asks no network. NULL when memory is out. */
PJ_CONTEXT *wg_proj_context(void);
/** The CRS itself: bound and compound ones reduced to their horizontal part. NULL where it is not understood. */
PJ *wg_proj_crs(PJ_CONTEXT *proj, const char *canonical);

#endif
