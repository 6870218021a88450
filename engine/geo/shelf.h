/** Atoms as bytes: a city has more of them than need be in memory at once. */
#ifndef WG_GEO_SHELF_H
#define WG_GEO_SHELF_H

#include "core/memory.h"
#include "geo/atoms.h"

/** Append everything but the exceptions. `out->failed` tells of memory. */
void wg_atoms_pack(const wg_atoms *atoms, wg_buffer *out);
/** The same atoms again. The bytes must be wg_atoms_pack's, by this program. @return WG_OK or WG_ENOMEM */
wg_status wg_atoms_unpack(wg_context *ctx, const void *bytes, size_t length, wg_atoms **atoms);

/** Where the atoms of all communities are. Any thread calls it, for one community at a time. */
typedef struct wg_shelf {
    /** Hand out a community's atoms until `put`; NULL: it has none. */
    wg_status (*take)(wg_context *ctx, size_t community, wg_atoms **atoms, void *user);
    /** Take them back. @param changed  they are other ones now */
    wg_status (*put)(wg_context *ctx, size_t community, wg_atoms *atoms, bool changed, void *user);
    void *user;
} wg_shelf;

/** wg_atoms_weave for atoms on a shelf: as many are in memory as there are threads. */
wg_status wg_atoms_weave_shelf(wg_context *ctx, wg_reference *reference, const wg_shelf *shelf);

#endif
