#include "geo/map.h"
wg_status wg_atoms_weave(wg_context *ctx, wg_reference *reference, wg_atoms *const *atoms) {
    (void)ctx; (void)reference; (void)atoms;
    return WG_OK;
}
