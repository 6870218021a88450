/* Totals of communities or census cells, as polygons or as a table by community, met exactly. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crs/crs.h"
#include "io/keys.h"
#include "io/read.h"
#include "plan/apportion.h"
#include "plan/populate.h"

typedef struct wg_zones {
    wg_layer *layer;
    wg_fields fields;
    double *total[WG_FIGURES]; /**< NULL: no field */
    size_t *order;             /**< buildings sorted by zone, then row */
    size_t *first;             /**< first[z] .. first[z + 1] of `order` */
} wg_zones;

static const wg_role zone_roles[] = {WG_ROLE_CODE,       WG_ROLE_NAME,       WG_ROLE_COMMUNITY, WG_ROLE_HOUSEHOLDS,
                                     WG_ROLE_POPULATION, WG_ROLE_REGISTERED, WG_ROLE_FLOATING};

static const char *zone_label(const wg_zones *zones, size_t zone, char buffer[32]) {
    const uint32_t code = zones->fields.column[WG_ROLE_CODE], name = zones->fields.column[WG_ROLE_NAME];
    const uint32_t column = code != UINT32_MAX ? code : name;
    const char *text = column == UINT32_MAX ? NULL : wg_fields_text(zones->layer, zone, column, buffer);
    if (text == NULL) {
        (void)snprintf(buffer, 32, "%lld", (long long)zones->layer->fid[zone]);
        text = buffer;
    }
    return text;
}

/* ---------------------------------------------------------------- reading and placing */

static wg_status read_zones(wg_context *ctx, wg_spread *p, wg_zones *zones) {
    const wg_populate_options *options = p->options;
    bool any = false;
    wg_status status = wg_read(ctx, &options->totals, "totals", &zones->layer);
    if (status != WG_OK) {
        return status;
    }
    WG_TRY(wg_fields_match(ctx, zones->layer, "totals", zone_roles, sizeof zone_roles / sizeof zone_roles[0],
                           options->fields, options->n_fields, NULL, &zones->fields));
    /* In a list of communities "community" is what they are called, or their code. */
    uint32_t *column_of = zones->fields.column;
    const uint32_t community = column_of[WG_ROLE_COMMUNITY];
    column_of[WG_ROLE_NAME] = column_of[WG_ROLE_NAME] != UINT32_MAX ? column_of[WG_ROLE_NAME] : community;
    column_of[WG_ROLE_CODE] = column_of[WG_ROLE_CODE] != UINT32_MAX ? column_of[WG_ROLE_CODE] : community;
    for (int f = 0; f < WG_FIGURES; f++) {
        const uint32_t column = zones->fields.column[wg_figure_role[f]];
        if (column != UINT32_MAX) {
            WG_TRY(wg_fields_numbers(ctx, zones->layer, column, true, &p->exceptions, NULL, &zones->total[f]));
            any = true;
        }
    }
    if (!any) {
        status = wg_fields_need(ctx, zones->layer, &zones->fields, WG_ROLE_POPULATION);
    }
    p->totals_label = wg_strdup(wg_layer_source(zones->layer));
    p->zones = zones->layer->n;
    status = status == WG_OK && p->totals_label == NULL ? wg_fail_memory(ctx) : status;
done:
    return status;
}

/** Polygons: the zone that a building's middle lies in. */
static wg_status place_by_land(wg_context *ctx, wg_spread *p, wg_zones *zones) {
    wg_locator *locator = NULL;
    wg_status status = wg_crs_transform(ctx, zones->layer, p->crs);
    if (status == WG_OK) {
        status = wg_locator_new(ctx, zones->layer, &locator);
    }
    if (status == WG_OK) {
        status = wg_locator_find(ctx, locator, p->xy, p->source->n, p->zone);
    }
    wg_locator_free(locator);
    return status;
}

/** A table: the row that has the building's community as its code or name. */
static wg_status place_by_key(wg_context *ctx, wg_spread *p, wg_zones *zones) {
    wg_keys codes = {0}, names = {0};
    wg_status status = wg_fields_need(ctx, p->source, &p->fields, WG_ROLE_COMMUNITY);
    if (status != WG_OK) {
        return status;
    }
    if (zones->fields.column[WG_ROLE_CODE] != UINT32_MAX) {
        WG_TRY(wg_keys_build(ctx, zones->layer, zones->fields.column[WG_ROLE_CODE], WG_KEY_CODE, &codes));
    }
    if (zones->fields.column[WG_ROLE_NAME] != UINT32_MAX) {
        WG_TRY(wg_keys_build(ctx, zones->layer, zones->fields.column[WG_ROLE_NAME], WG_KEY_NAME, &names));
    }
    for (size_t row = 0; row < p->source->n; row++) {
        char buffer[32];
        size_t zone = 0, found = 0;
        const char *text = wg_fields_text(p->source, row, p->fields.column[WG_ROLE_COMMUNITY], buffer);
        WG_TRY(wg_keys_find(ctx, &codes, text, &found, &zone));
        if (found != 1) {
            WG_TRY(wg_keys_find(ctx, &names, text, &found, &zone));
        }
        if (found == 1) {
            p->zone[row] = (uint32_t)zone;
        }
    }
done:
    wg_keys_release(&codes);
    wg_keys_release(&names);
    return status;
}

static bool has_geometry(const wg_layer *layer) {
    return layer->wkb_length > 0;
}

/** Counting sort of the buildings by zone. */
static wg_status group(wg_context *ctx, wg_spread *p, wg_zones *zones) {
    const size_t n_zones = zones->layer->n;
    zones->first = wg_calloc(n_zones + 2, sizeof *zones->first);
    zones->order = wg_calloc(p->source->n, sizeof *zones->order);
    if (zones->first == NULL || zones->order == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < p->source->n; row++) {
        if (p->zone[row] != WG_UNASSIGNED) {
            zones->first[p->zone[row] + 2]++;
        } else {
            p->outside++;
        }
    }
    for (size_t z = 2; z < n_zones + 2; z++) {
        zones->first[z] += zones->first[z - 1];
    }
    for (size_t row = 0; row < p->source->n; row++) {
        if (p->zone[row] != WG_UNASSIGNED) {
            zones->order[zones->first[p->zone[row] + 1]++] = row;
        }
    }
    return WG_OK;
}

/* ---------------------------------------------------------------- spreading */

static wg_status unmet(wg_context *ctx, wg_spread *p, const char *zone, const char *problem, const char *advice,
                       int figure, double total, double placed) {
    p->unmet++;
    return wg_exceptions_add(ctx, &p->exceptions, "totals", zone, problem, NAN, NAN, advice,
                             "%s: %s: %s %.0f, its buildings have %.0f", p->totals_label, zone,
                             wg_role_name(wg_figure_role[figure]), total, placed);
}

/** The first to say stays: a building's own figure, then the fallback. */
static void set_from(wg_spread *p, size_t row, wg_figure_from from) {
    if (p->from[row] != WG_FROM_GIVEN && p->from[row] != WG_FROM_FALLBACK) {
        p->from[row] = (uint8_t)from;
    }
}

/** Weights of the buildings without a figure of their own; where nobody lives anywhere, all floor area counts. */
static bool weights_of(wg_spread *p, int figure, const size_t *rows, size_t n, double *weight) {
    double lived = 0.0;
    bool open = false;
    for (int pass = 0; pass < 2 && !(lived > 0.0); pass++) {
        for (size_t i = 0; i < n; i++) {
            const bool own = p->known[figure] != NULL && !isnan(p->known[figure][rows[i]]);
            weight[i] = own ? 0.0 : pass == 0 ? p->weight[rows[i]] : p->floor_area[rows[i]];
            open = open || !own;
            lived += weight[i];
        }
        if (pass == 1 && lived > 0.0) {
            for (size_t i = 0; i < n; i++) {
                if (weight[i] > 0.0) {
                    set_from(p, rows[i], WG_FROM_FALLBACK);
                }
            }
            p->fallback_zones++;
        }
    }
    return open && lived > 0.0;
}

wg_status wg_populate_spread(wg_context *ctx, wg_spread *p, int figure, double total, const size_t *rows, size_t n,
                             const char *zone) {
    double *weight = wg_calloc(n, sizeof *weight);
    int64_t *share = wg_calloc(n, sizeof *share);
    wg_status status = weight == NULL || share == NULL ? wg_fail_memory(ctx) : WG_OK;
    double own = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double known = p->known[figure] == NULL ? NAN : p->known[figure][rows[i]];
        own += isnan(known) ? 0.0 : round(known);
    }
    const int64_t rest = (int64_t)llround(total - own);
    p->total[figure] += round(total);
    p->placed[figure] += own;
    if (status == WG_OK && n > 0 && rest >= 0 && weights_of(p, figure, rows, n, weight)) {
        WG_TRY(wg_apportion(ctx, rest, weight, n, share));
        for (size_t i = 0; i < n; i++) {
            if (p->figure[figure][rows[i]] < 0) {
                p->figure[figure][rows[i]] = share[i];
                set_from(p, rows[i], weight[i] > 0.0 ? WG_FROM_ZONE : WG_FROM_EXCLUDED);
            }
        }
        p->placed[figure] += (double)rest;
    } else if (status == WG_OK) {
        for (size_t i = 0; i < n; i++) {
            p->figure[figure][rows[i]] = p->figure[figure][rows[i]] < 0 ? 0 : p->figure[figure][rows[i]];
        }
        if (rest != 0) {
            status = n == 0     ? unmet(ctx, p, zone, "no_building",
                                        "add its buildings, or take its figures out of the totals", figure, total, own)
                     : rest < 0 ? unmet(ctx, p, zone, "total_below_buildings",
                                        "correct the total or the buildings' own figures", figure, total, own)
                                : unmet(ctx, p, zone, "all_known", "correct the total or the buildings' own figures",
                                        figure, total, own);
        }
    }
done:
    free(weight);
    free(share);
    return status;
}

/** What the model gives to buildings that have their own figure, against that figure. */
static wg_status compare(wg_context *ctx, wg_spread *p, int figure, double total, const size_t *rows, size_t n) {
    double *weight = wg_calloc(n, sizeof *weight);
    double sum = 0.0;
    if (weight == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < n; i++) {
        sum += p->weight[rows[i]];
    }
    for (size_t i = 0; i < n && sum > 0.0; i++) {
        const double known = p->known[figure] == NULL ? NAN : p->known[figure][rows[i]];
        if (!isnan(known)) {
            p->compared++;
            p->compare_sum += known;
            p->compare_abs += fabs(total * p->weight[rows[i]] / sum - known);
        }
    }
    free(weight);
    return WG_OK;
}

/** A total, or what follows from the other one; NAN where nothing is known. */
static double total_of(const wg_spread *p, const wg_zones *zones, int figure, size_t zone) {
    const double own = zones->total[figure] == NULL ? NAN : zones->total[figure][zone];
    if (!isnan(own) || figure > 1) {
        return own;
    }
    const double registered = zones->total[2] == NULL ? NAN : zones->total[2][zone];
    const double floating = zones->total[3] == NULL ? NAN : zones->total[3][zone];
    const bool parts = !isnan(registered) || !isnan(floating);
    const double people = !isnan(zones->total[1] == NULL ? NAN : zones->total[1][zone]) ? zones->total[1][zone]
                          : parts ? (isnan(registered) ? 0.0 : registered) + (isnan(floating) ? 0.0 : floating)
                                  : NAN;
    if (figure == 1 && !isnan(people)) {
        return people;
    }
    const double households = zones->total[0] == NULL ? NAN : zones->total[0][zone];
    return figure == 0 ? round(people / p->people_per_household) : round(households * p->people_per_household);
}

static wg_status check_parts(wg_context *ctx, wg_spread *p, const wg_zones *zones, size_t zone, const char *label) {
    if (zones->total[1] == NULL || zones->total[2] == NULL || zones->total[3] == NULL) {
        return WG_OK;
    }
    const double people = zones->total[1][zone], parts = zones->total[2][zone] + zones->total[3][zone];
    if (isnan(people) || isnan(parts) || people == parts) {
        return WG_OK;
    }
    p->unmet++;
    return wg_exceptions_add(ctx, &p->exceptions, "totals", label, "population_disagrees", NAN, NAN,
                             "correct one of the three",
                             "%s: %s: population %.0f is not registered %.0f + floating %.0f", p->totals_label, label,
                             people, zones->total[2][zone], zones->total[3][zone]);
}

/** People are the sum of registered and floating where these are all that is known: building by building. */
static void add_people(wg_spread *p, const size_t *rows, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const int64_t registered = p->figure[2] == NULL ? 0 : p->figure[2][rows[i]];
        const int64_t floating = p->figure[3] == NULL ? 0 : p->figure[3][rows[i]];
        if (p->figure[1][rows[i]] < 0) {
            p->figure[1][rows[i]] = (registered > 0 ? registered : 0) + (floating > 0 ? floating : 0);
        }
        p->placed[1] += (double)p->figure[1][rows[i]];
        p->total[1] += (double)p->figure[1][rows[i]];
    }
}

static wg_status spread_zone(wg_context *ctx, wg_spread *p, const wg_zones *zones, size_t zone) {
    static const int order[WG_FIGURES] = {0, 2, 3, 1}; /* people last: they may be the sum of the two before */
    char buffer[32];
    const char *label = zone_label(zones, zone, buffer);
    const size_t *rows = zones->order + zones->first[zone];
    const size_t n = zones->first[zone + 1] - zones->first[zone];
    wg_status status = check_parts(ctx, p, zones, zone, label);
    for (int k = 0; k < WG_FIGURES && status == WG_OK; k++) {
        const int f = order[k];
        const double total = total_of(p, zones, f, zone);
        const bool own_people = zones->total[1] != NULL && !isnan(zones->total[1][zone]);
        if (isnan(total) || p->figure[f] == NULL) {
            continue;
        }
        if (f == 1 && !own_people && (p->figure[2] != NULL || p->figure[3] != NULL)) {
            add_people(p, rows, n);
            continue;
        }
        status = wg_populate_spread(ctx, p, f, total, rows, n, label);
        if (status == WG_OK && f == (zones->total[0] != NULL ? 0 : 1)) {
            status = compare(ctx, p, f, total, rows, n);
        }
    }
    return status;
}

static void release(wg_zones *zones) {
    wg_layer_free(zones->layer);
    for (int f = 0; f < WG_FIGURES; f++) {
        free(zones->total[f]);
    }
    free(zones->order);
    free(zones->first);
}

static wg_status zone_names(wg_context *ctx, const wg_zones *zones, char ***names) {
    char **made = wg_calloc(zones->layer->n, sizeof *made);
    for (size_t z = 0; made != NULL && z < zones->layer->n; z++) {
        char buffer[32];
        made[z] = wg_strdup(zone_label(zones, z, buffer));
    }
    *names = made;
    return made == NULL ? wg_fail_memory(ctx) : WG_OK;
}

wg_status wg_populate_zones(wg_context *ctx, wg_spread *p) {
    wg_zones zones = {0};
    char **names = NULL;
    wg_status status = WG_OK;
    WG_TRY(read_zones(ctx, p, &zones));
    WG_TRY(has_geometry(zones.layer) ? place_by_land(ctx, p, &zones) : place_by_key(ctx, p, &zones));
    WG_TRY(group(ctx, p, &zones));
    WG_TRY(wg_populate_make(ctx, p, 0));
    WG_TRY(wg_populate_make(ctx, p, 1));
    for (int f = 2; f < WG_FIGURES; f++) {
        if (zones.total[f] != NULL) {
            WG_TRY(wg_populate_make(ctx, p, f));
        }
    }
    for (size_t z = 0; z < zones.layer->n; z++) {
        WG_TRY(spread_zone(ctx, p, &zones, z));
    }
    WG_TRY(zone_names(ctx, &zones, &names));
    status = wg_populate_write(ctx, p, (const char *const *)names);
done:
    for (size_t z = 0; names != NULL && z < zones.layer->n; z++) {
        free(names[z]);
    }
    free(names);
    release(&zones);
    return status;
}
