#include "zoning/instance.h"
wg_status wg_solve_maxp(wg_search *search, const wg_instance *in, uint32_t count_min, uint32_t count_max,
                        wg_outcome *out) {
    (void)count_min, (void)count_max;
    return wg_solve_instance(search, in, 1, NULL, out);
}
