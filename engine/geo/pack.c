/* Atoms as bytes and back. One list of members serves both ways, so that they cannot differ. */
#include <string.h>

#include "geo/map.h"
#include "geo/shelf.h"

/** Writing, where `out` is set, or reading from `at`. */
typedef struct packer {
    wg_context *ctx;
    wg_buffer *out;
    const char *at;
    wg_status status;
} packer;

static void raw(packer *p, void *bytes, size_t length) {
    if (p->out != NULL) {
        wg_buffer_append(p->out, bytes, length);
    } else if (length > 0) {
        memcpy(bytes, p->at, length);
        p->at += length;
    }
}

/** An array of `n` items; NULL stays NULL. */
static void array(packer *p, void **items, size_t n, size_t size) {
    uint8_t there = *items != NULL;
    if (p->status != WG_OK) {
        return;
    }
    raw(p, &there, 1);
    if (p->out == NULL && there) {
        *items = wg_malloc(n, size);
        if (*items == NULL) {
            p->status = wg_fail_memory(p->ctx);
            return;
        }
    }
    if (there) {
        raw(p, *items, n * size);
    }
}

#define ARRAY(p, items, n) array(p, (void **)&(items), n, sizeof *(items))

static void text(packer *p, char **value) {
    size_t length = *value == NULL ? 0 : strlen(*value) + 1;
    if (p->status != WG_OK) {
        return;
    }
    raw(p, &length, sizeof length);
    if (p->out == NULL && length > 0) {
        *value = wg_strdup(p->at);
        p->status = *value == NULL ? wg_fail_memory(p->ctx) : WG_OK;
        p->at += length;
    } else if (p->out != NULL) {
        wg_buffer_append(p->out, *value, length);
    }
}

/** A layer that has geometry alone. */
static void layer(packer *p, wg_layer **of) {
    uint8_t there = *of != NULL;
    size_t n = 0, length = 0;
    char *name = NULL, *crs = NULL;
    if (p->status != WG_OK) {
        return;
    }
    raw(p, &there, 1);
    if (!there) {
        return;
    }
    if (p->out != NULL) {
        n = (*of)->n;
        length = (*of)->wkb_length;
        text(p, &(*of)->name);
        text(p, &(*of)->crs);
    } else {
        text(p, &name);
        text(p, &crs);
        p->status = p->status == WG_OK ? wg_layer_new(p->ctx, name, crs, of) : p->status;
        free(name);
        free(crs);
    }
    raw(p, &n, sizeof n);
    raw(p, &length, sizeof length);
    for (size_t row = 0; row < n && p->status == WG_OK && p->out == NULL; row++) {
        p->status = wg_layer_add_row(p->ctx, *of, NULL, 0, NULL);
    }
    if (p->status != WG_OK) {
        return;
    }
    raw(p, (*of)->fid, n * sizeof *(*of)->fid);
    uint8_t *wkb = (*of)->wkb;
    size_t *offset = (*of)->wkb_offset;
    if (p->out == NULL) {
        wkb = NULL;
        offset = NULL;
    }
    ARRAY(p, wkb, length);
    ARRAY(p, offset, n + 1);
    if (p->out == NULL && p->status == WG_OK) {
        wg_layer_take_wkb(*of, wkb, length, offset);
    } else if (p->out == NULL) {
        free(wkb);
        free(offset);
    }
}

static void plane(packer *p, wg_plane *of) {
    raw(p, &of->n_points, sizeof of->n_points);
    raw(p, &of->n_edges, sizeof of->n_edges);
    raw(p, &of->n_faces, sizeof of->n_faces);
    const size_t halves = 2 * (size_t)of->n_edges;
    ARRAY(p, of->point, of->n_points);
    ARRAY(p, of->end, halves);
    ARRAY(p, of->tag_first, (size_t)of->n_edges + 1);
    ARRAY(p, of->tag, of->tag_first == NULL ? 0 : of->tag_first[of->n_edges]);
    ARRAY(p, of->next, halves);
    ARRAY(p, of->face, halves);
    ARRAY(p, of->area, of->n_faces);
}

static void map(packer *p, struct wg_atoms_map *of) {
    raw(p, &of->lattice, sizeof of->lattice);
    text(p, &of->crs);
    plane(p, &of->plane);
    ARRAY(p, of->unit, of->plane.n_faces);
    ARRAY(p, of->rank, of->plane.n_edges);
    ARRAY(p, of->hard, of->plane.n_edges);
    ARRAY(p, of->border, of->plane.n_edges);
    raw(p, &of->n_bridges, sizeof of->n_bridges);
    ARRAY(p, of->bridge, of->n_bridges);
    ARRAY(p, of->span, of->n_bridges);
}

static void atoms_members(packer *p, wg_atoms *a) {
    raw(p, &a->community, sizeof a->community);
    raw(p, &a->n_units, sizeof a->n_units);
    raw(p, &a->n_edges, sizeof a->n_edges);
    raw(p, &a->n_buildings, sizeof a->n_buildings);
    raw(p, &a->led_around, sizeof a->led_around);
    layer(p, &a->units);
    ARRAY(p, a->kind, a->n_units);
    ARRAY(p, a->compound, a->n_units);
    ARRAY(p, a->dedicated, a->n_units);
    ARRAY(p, a->block, a->n_units);
    ARRAY(p, a->area_m2, a->n_units);
    ARRAY(p, a->outer_m, a->n_units);
    ARRAY(p, a->x, a->n_units);
    ARRAY(p, a->y, a->n_units);
    ARRAY(p, a->barrier_surface, a->n_units);
    ARRAY(p, a->edges, a->n_edges);
    ARRAY(p, a->edge_street_m, a->n_edges);
    layer(p, &a->edge_lines);
    ARRAY(p, a->building_unit, a->n_buildings);
    uint8_t mapped = a->map != NULL;
    raw(p, &mapped, 1);
    if (p->status == WG_OK && p->out == NULL && mapped) {
        a->map = wg_calloc(1, sizeof *a->map);
        p->status = a->map == NULL ? wg_fail_memory(p->ctx) : WG_OK;
    }
    if (p->status == WG_OK && mapped) {
        map(p, a->map);
    }
}

void wg_atoms_pack(const wg_atoms *atoms, wg_buffer *out) {
    packer p = {.out = out};
    atoms_members(&p, (wg_atoms *)atoms); /* writing changes nothing */
}

wg_status wg_atoms_unpack(wg_context *ctx, const void *bytes, size_t length, wg_atoms **atoms) {
    packer p = {.ctx = ctx, .at = bytes};
    wg_atoms *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    atoms_members(&p, made);
    if (p.status == WG_OK && p.at != (const char *)bytes + length) {
        p.status = wg_fail(ctx, WG_EIO, "atoms that were kept on disk are not what was kept");
    }
    if (p.status != WG_OK) {
        wg_atoms_free(made);
        return p.status;
    }
    *atoms = made;
    return WG_OK;
}
