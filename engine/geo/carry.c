#include "geo/map.h"
#include "geo/work.h"

typedef struct carrier {
    const wg_plane *from, *to;
    const uint32_t *from_label;
    uint32_t kind, *label;
} carrier;

/** Label beyond an edge, from `label` on its near side. */
static uint32_t beyond(const carrier *c, uint32_t edge, uint32_t label) {
    const uint32_t first = c->to->tag_first[edge], end = c->to->tag_first[edge + 1];
    uint64_t used = 0; /* more than 64 lines in one grid step are taken as the first 64 */
    bool moved = true;
    while (moved) {
        moved = false;
        for (uint32_t t = first; t < end && t - first < 64; t++) {
            if (wg_line_kind(c->to->tag[t]) != c->kind || (used >> (t - first) & 1) != 0) {
                continue;
            }
            const uint32_t e = wg_line_number(c->to->tag[t]);
            const uint32_t left = c->from_label[c->from->face[2 * e]], right = c->from_label[c->from->face[2 * e + 1]];
            if (left == label || right == label) {
                label = left == label ? right : left;
                used |= UINT64_C(1) << (t - first);
                moved = true;
            }
        }
    }
    return label;
}

static void step_face(uint32_t face, uint32_t edge, bool back, void *user) {
    carrier *c = user;
    if (back) {
        return;
    }
    if (edge == WG_NONE) {
        c->label[face] = c->from_label[0];
        return;
    }
    const uint32_t left = c->to->face[2 * edge], right = c->to->face[2 * edge + 1];
    c->label[face] = beyond(c, edge, c->label[left == face ? right : left]);
}

wg_status wg_carry_labels(wg_context *ctx, const wg_plane *from, const uint32_t *from_label, const wg_plane *to,
                          uint32_t kind, uint32_t *label) {
    carrier c = {from, to, from_label, kind, label};
    return wg_plane_walk(ctx, to, step_face, &c);
}
