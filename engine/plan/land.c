/* The land of a city as atoms: what divides it, and when a block or a compound is too heavy to stay whole. */
#include "core/parallel.h"
#include "plan/city.h"

struct wg_plan_land {
    wg_city city;
    wg_city divided; /**< the same, with compounds divided like blocks */
    wg_city_index *index;
    const double **weight;
    double *block, *compound;
    uint32_t n;
};

void wg_plan_land_free(struct wg_plan_land *land) {
    if (land != NULL) {
        wg_city_index_free(land->index);
        free((void *)land->weight);
        free(land->block);
        free(land->compound);
        free(land);
    }
}

/** A share of each maximum. Area is no weight: a large empty block needs no dividing. NAN stays NAN: never heavy. */
static wg_status weigh(wg_context *ctx, const wg_plan_city *city, struct wg_plan_land *land) {
    const double share = city->options->split_share > 0 ? city->options->split_share : 0.1;
    land->weight = wg_calloc(city->n_measures + 1u, sizeof *land->weight);
    land->block = wg_calloc(city->n_measures + 1u, sizeof *land->block);
    land->compound = wg_calloc(city->n_measures + 1u, sizeof *land->compound);
    if (land->weight == NULL || land->block == NULL || land->compound == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t m = 0; m < city->n_measures; m++) {
        if (!city->measures[m].is_area) {
            land->weight[land->n] = city->measures[m].value;
            land->block[land->n] = share * city->measures[m].limit.max;
            land->compound[land->n++] = city->measures[m].limit.max;
        }
    }
    if (city->options->micro_max > 0) {
        land->weight[land->n] = city->figures.households;
        land->block[land->n] = 0.5 * city->options->micro_max;
        land->compound[land->n++] = 0.5 * city->options->micro_max;
    }
    return WG_OK;
}

wg_status wg_plan_land_new(wg_context *ctx, wg_plan_city *city) {
    wg_status status = WG_OK;
    const wg_partition_options *options = city->options;
    struct wg_plan_land *land = wg_calloc(1, sizeof *land);
    if (land == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(weigh(ctx, city, land));
    land->city = (wg_city){.reference = city->reference,
                           .buildings = city->buildings,
                           .placement = &city->placement,
                           .building_id = city->row_id,
                           .barriers = {.layer = city->barriers, .rank = city->rank, .hard = city->hard},
                           .compounds = city->compounds,
                           .dedicated = city->dedicated,
                           .given = city->given,
                           .bridges = city->bridges,
                           .weight = land->weight,
                           .heavy = land->block,
                           .compound_heavy = land->compound,
                           .compound_open = city->compound_open,
                           .n_weights = land->n,
                           .options = {.grid_m = options->grid_m,
                                       .snap_m = options->snap_m,
                                       .sliver_m2 = options->sliver_m2,
                                       .bridge_gap_m = options->bridge_gap_m}};
    land->divided = land->city;
    land->divided.compound_heavy = land->block;
    WG_TRY(wg_city_index_new(ctx, &land->city, &land->index));
    city->land = land;
    land = NULL;
done:
    wg_plan_land_free(land);
    return status;
}

wg_status wg_plan_community_atoms(wg_context *ctx, const wg_plan_city *city, uint32_t community, bool divide,
                                  wg_atoms **atoms) {
    const struct wg_plan_land *land = city->land;
    return wg_atoms_build(ctx, divide ? &land->divided : &land->city, land->index, community, atoms);
}

typedef struct build_state {
    const wg_plan_city *city;
    wg_atoms **atoms;
    bool divide;
} build_state;

static wg_status build_one(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    const build_state *state = user;
    return wg_plan_community_atoms(ctx, state->city, (uint32_t)index, state->divide, &state->atoms[index]);
}

void wg_plan_atoms_free(wg_atoms **atoms, size_t n) {
    for (size_t c = 0; c < n && atoms != NULL; c++) {
        wg_atoms_free(atoms[c]);
    }
    free(atoms);
}

wg_status wg_plan_atoms(wg_context *ctx, wg_plan_city *city, bool divide, wg_atoms ***made) {
    wg_status status = WG_OK;
    const size_t n = city->communities->n;
    wg_atoms **atoms = wg_calloc(n, sizeof *atoms);
    if (atoms == NULL) {
        return wg_fail_memory(ctx);
    }
    if (city->land == NULL) {
        WG_TRY(wg_plan_land_new(ctx, city));
    }
    build_state state = {.city = city, .atoms = atoms, .divide = divide};
    WG_TRY(wg_parallel(ctx, n, "atoms", build_one, &state));
    *made = atoms;
    atoms = NULL;
done:
    wg_plan_atoms_free(atoms, n);
    return status;
}
