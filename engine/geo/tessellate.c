#include "geo/work.h"

wg_status wg_work_tessellate(wg_work *w, wg_segments *tiles) {
    (void)w;
    (void)tiles;
    return WG_OK;
}
