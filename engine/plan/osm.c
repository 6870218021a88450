#include "plan/osm.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crs/crs.h"
#include "io/read.h"
#include "model/number.h"
#include "model/wkb.h"
#include "plan/residence.h"

enum { TAG_BYTES = 256, DEFAULT_LEVEL = 8, MAX_LEVELS = 16, COMMUNITY_REF = 3 };
static const double usual_floors = 2.0;

/* ---------------------------------------------------------------- tags */

/** Columns of GDAL's OSM layers that matter here; UINT32_MAX: the layer has none of this name. */
typedef struct wg_tags {
    const wg_layer *batch;
    size_t row;
    uint32_t other;
} wg_tags;

/** A value of "key"=>"value","key"=>"value", with \" and \\ inside. */
static bool other_tag(const char *text, const char *key, char value[TAG_BYTES]) {
    const size_t length = strlen(key);
    for (const char *at = text; at != NULL && *at == '"';) {
        const char *name = at + 1;
        const char *end = name;
        while (*end != '\0' && (*end != '"' || end[-1] == '\\')) {
            end++;
        }
        const bool found = (size_t)(end - name) == length && strncmp(name, key, length) == 0;
        const char *from = strncmp(end, "\"=>\"", 4) == 0 ? end + 4 : NULL;
        size_t n = 0;
        while (from != NULL && *from != '\0' && *from != '"') {
            from += *from == '\\' && from[1] != '\0' ? 1 : 0;
            if (n + 1 < TAG_BYTES) {
                value[n++] = *from;
            }
            from++;
        }
        value[n] = '\0';
        if (found && from != NULL) {
            value[wg_utf8_cut(value, TAG_BYTES - 5)] = '\0';
            return true;
        }
        at = from == NULL ? NULL : strchr(from + (*from == '"' ? 1 : 0), '"');
    }
    return false;
}

/** A tag's value, from its own column or the rest. @return false for none */
static bool tag(const wg_tags *tags, const char *key, char value[TAG_BYTES]) {
    const uint32_t column = wg_layer_column(tags->batch, key);
    const char *text = column == UINT32_MAX ? NULL : wg_layer_text(tags->batch, tags->row, column);
    if (text != NULL) {
        (void)snprintf(value, TAG_BYTES, "%.*s", (int)wg_utf8_cut(text, TAG_BYTES - 5), text);
        return value[0] != '\0';
    }
    text = tags->other == UINT32_MAX ? NULL : wg_layer_text(tags->batch, tags->row, tags->other);
    return text != NULL && other_tag(text, key, value) && value[0] != '\0';
}

static bool tag_is(const wg_tags *tags, const char *key, const char *wanted) {
    char value[TAG_BYTES];
    return tag(tags, key, value) && strcmp(value, wanted) == 0;
}

static double tag_number(const wg_tags *tags, const char *key) {
    char value[TAG_BYTES];
    double number = NAN;
    if (!tag(tags, key, value) || wg_number_parse(value, &number) != WG_NUMBER_EXACT || number < 0.0) {
        return NAN;
    }
    return number;
}

/** "w123" of a way, "r123" of a relation. */
static void feature_id(const wg_tags *tags, char id[TAG_BYTES]) {
    char number[TAG_BYTES];
    if (tag(tags, "osm_way_id", number)) {
        (void)snprintf(id, TAG_BYTES, "w%.200s", number);
    } else {
        (void)snprintf(id, TAG_BYTES, "%s%.200s", wg_layer_column(tags->batch, "osm_way_id") == UINT32_MAX ? "w" : "r",
                       tag(tags, "osm_id", number) ? number : "");
    }
}

/** Under the ground, or not there (yet, any more). */
static bool is_absent(const wg_tags *tags) {
    char value[TAG_BYTES];
    return (tag(tags, "tunnel", value) && strcmp(value, "no") != 0) || tag_is(tags, "location", "underground");
}

/* ---------------------------------------------------------------- making the layers */

static wg_status new_layer(wg_context *ctx, const char *path, const char *name, const char *const *columns,
                           const wg_type *types, wg_layer **layer) {
    wg_buffer source = {0};
    char *label = wg_source_label(path);
    wg_status status = label == NULL ? wg_fail_memory(ctx) : wg_layer_new(ctx, name, WG_CRS_WGS84, layer);
    wg_buffer_printf(&source, "%s: %s", label == NULL ? "" : label, name);
    for (size_t i = 0; columns[i] != NULL && status == WG_OK; i++) {
        status = wg_layer_add_column(ctx, *layer, columns[i], types[i], NULL);
    }
    if (status == WG_OK) {
        status = source.failed ? wg_fail_memory(ctx) : wg_layer_set_source(ctx, *layer, source.data);
    }
    wg_buffer_release(&source);
    free(label);
    return status;
}

static wg_status add_row(wg_context *ctx, const wg_tags *tags, wg_layer *to, size_t *row) {
    size_t bytes = 0;
    const void *wkb = wg_layer_wkb(tags->batch, tags->row, &bytes);
    const wg_status status = wg_layer_add_row(ctx, to, wkb, bytes, row);
    if (status == WG_OK) {
        to->fid[*row] = tags->batch->fid[tags->row];
    }
    return status;
}

static wg_status set_tag(wg_context *ctx, const wg_tags *tags, const char *key, wg_layer *to, size_t row,
                         uint32_t column) {
    char value[TAG_BYTES];
    return tag(tags, key, value) ? wg_layer_set_text(ctx, to, row, column, value) : WG_OK;
}

static wg_status add_community(wg_context *ctx, const wg_tags *tags, wg_osm *osm) {
    char code[TAG_BYTES];
    size_t row = 0;
    const double population = tag_number(tags, "population");
    wg_status status = add_row(ctx, tags, osm->communities, &row);
    if (status != WG_OK) {
        return status;
    }
    if (!tag(tags, "osm_id", code)) {
        feature_id(tags, code); /* a boundary that is one closed way */
    }
    WG_TRY(wg_layer_set_text(ctx, osm->communities, row, 0, code));
    WG_TRY(set_tag(ctx, tags, "name", osm->communities, row, 1));
    if (!isnan(population)) {
        WG_TRY(wg_layer_set_integer(ctx, osm->communities, row, 2, (int64_t)population));
    }
    WG_TRY(set_tag(ctx, tags, "ref", osm->communities, row, COMMUNITY_REF));
done:
    return status;
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** Official codes (ref) are what a planner knows; relation ids stay where a boundary has none or two have the same. */
static wg_status use_refs(wg_context *ctx, wg_layer *communities) {
    wg_status status = WG_OK;
    bool distinct = true;
    const char **ref = wg_calloc(communities->n, sizeof *ref);
    if (ref == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < communities->n; row++) {
        ref[row] = wg_layer_text(communities, row, COMMUNITY_REF);
        distinct = distinct && ref[row] != NULL;
    }
    if (distinct) {
        qsort(ref, communities->n, sizeof *ref, compare_texts);
    }
    for (size_t i = 1; i < communities->n && distinct; i++) {
        distinct = strcmp(ref[i - 1], ref[i]) != 0;
    }
    for (size_t row = 0; row < communities->n && distinct; row++) {
        WG_TRY(wg_layer_set_text(ctx, communities, row, 0, wg_layer_text(communities, row, COMMUNITY_REF)));
    }
done:
    free(ref);
    return status;
}

static wg_status add_address(wg_context *ctx, const wg_tags *tags, wg_layer *to, size_t row, uint32_t column) {
    char street[TAG_BYTES] = "", number[TAG_BYTES] = "", address[2 * TAG_BYTES];
    if (tag(tags, "addr:full", street)) {
        return wg_layer_set_text(ctx, to, row, column, street);
    }
    const bool has_street = tag(tags, "addr:street", street), has_number = tag(tags, "addr:housenumber", number);
    (void)snprintf(address, sizeof address, "%s%s%s", street, street[0] != '\0' && number[0] != '\0' ? " " : "",
                   number);
    return has_street || has_number ? wg_layer_set_text(ctx, to, row, column, address) : WG_OK;
}

/** Metres squared of a footprint in degrees, on the sphere's tangent plane: good to a fraction of a per cent. */
static double footprint_m2(const void *wkb, size_t bytes) {
    double area = 0.0, length = 0.0, centre[2];
    const double degree_m = 111195.0;
    wg_wkb_measure(wkb, bytes, &area, &length);
    return wg_wkb_centroid(wkb, bytes, centre) ? area * degree_m * degree_m * cos(centre[1] * M_PI / 180.0) : 0.0;
}

static wg_status add_households(wg_context *ctx, const wg_tags *tags, const char *use, double floors, wg_osm *osm,
                                size_t row) {
    size_t bytes = 0;
    const void *wkb = wg_layer_wkb(osm->buildings, row, &bytes);
    const double flats = tag_number(tags, "building:flats");
    double households = flats;
    const char *from = "flats";
    if (isnan(flats)) {
        const double ground = footprint_m2(wkb, bytes);
        const double storeys = wg_residence_floors(floors, tag_number(tags, "height"), usual_floors);
        const double area = storeys >= 4.0 ? WG_OSM_FLAT_M2 : WG_OSM_HOUSE_M2;
        households = ground < WG_OSM_DWELLING_M2 ? 0.0 : round(ground * storeys * wg_residence_share(use) / area);
        from = households > 0.0 ? "estimate" : "none";
    }
    osm->flats += isnan(flats) ? 0 : 1;
    osm->estimated += strcmp(from, "estimate") == 0 ? 1 : 0;
    wg_status status = wg_layer_set_integer(ctx, osm->buildings, row, 5, (int64_t)households);
    return status == WG_OK ? wg_layer_set_text(ctx, osm->buildings, row, 6, from) : status;
}

static wg_status add_building(wg_context *ctx, const wg_tags *tags, const char *building, wg_osm *osm) {
    char value[TAG_BYTES];
    size_t row = 0;
    wg_layer *to = osm->buildings;
    wg_status status = add_row(ctx, tags, to, &row);
    if (status != WG_OK) {
        return status;
    }
    feature_id(tags, value);
    WG_TRY(wg_layer_set_text(ctx, to, row, 0, value));
    WG_TRY(set_tag(ctx, tags, "name", to, row, 1));
    WG_TRY(add_address(ctx, tags, to, row, 2));
    const bool vague = strcmp(building, "yes") == 0;
    const char *use = vague && (tag(tags, "amenity", value) || tag(tags, "shop", value) || tag(tags, "tourism", value))
                          ? "commercial"
                          : building;
    WG_TRY(wg_layer_set_text(ctx, to, row, 3, use));
    const double floors = tag_number(tags, "building:levels");
    if (!isnan(floors)) {
        WG_TRY(wg_layer_set_real(ctx, to, row, 4, floors));
    }
    status = add_households(ctx, tags, use, floors, osm, row);
done:
    return status;
}

static wg_status add_barrier(wg_context *ctx, const wg_tags *tags, const char *kind, const char *class, wg_osm *osm) {
    char id[TAG_BYTES];
    size_t row = 0;
    wg_layer *to = osm->barriers;
    wg_status status = add_row(ctx, tags, to, &row);
    if (status != WG_OK) {
        return status;
    }
    feature_id(tags, id);
    WG_TRY(wg_layer_set_text(ctx, to, row, 0, id));
    WG_TRY(wg_layer_set_text(ctx, to, row, 1, kind));
    WG_TRY(wg_layer_set_text(ctx, to, row, 2, class));
    WG_TRY(set_tag(ctx, tags, "name", to, row, 3));
done:
    return status;
}

static wg_status add_compound(wg_context *ctx, const wg_tags *tags, wg_osm *osm) {
    char id[TAG_BYTES];
    size_t row = 0;
    wg_status status = add_row(ctx, tags, osm->compounds, &row);
    if (status != WG_OK) {
        return status;
    }
    feature_id(tags, id);
    WG_TRY(wg_layer_set_text(ctx, osm->compounds, row, 0, id));
    status = set_tag(ctx, tags, "name", osm->compounds, row, 1);
done:
    return status;
}

/* ---------------------------------------------------------------- one feature */

/** Which levels the extract has, for the message where the wanted one is missing. */
typedef struct wg_levels {
    const char *wanted;
    unsigned seen[MAX_LEVELS];
} wg_levels;

static wg_status take_area(wg_context *ctx, const wg_tags *tags, wg_levels *levels, wg_osm *osm) {
    char value[TAG_BYTES], name[TAG_BYTES];
    if (tag_is(tags, "boundary", "administrative") && tag(tags, "admin_level", value)) {
        const unsigned level = (unsigned)strtoul(value, NULL, 10);
        levels->seen[level < MAX_LEVELS ? level : 0]++;
        if (strcmp(value, levels->wanted) == 0) {
            return add_community(ctx, tags, osm);
        }
    }
    if (tag(tags, "building", value) && strcmp(value, "no") != 0) {
        return add_building(ctx, tags, value, osm);
    }
    if (tag_is(tags, "natural", "water") && !is_absent(tags)) {
        return add_barrier(ctx, tags, "waterway", tag(tags, "water", value) ? value : "water", osm);
    }
    if (tag_is(tags, "landuse", "residential") && tag(tags, "name", name)) {
        return add_compound(ctx, tags, osm);
    }
    return WG_OK;
}

static bool is_planned(const char *class) {
    static const char *const words[] = {"proposed", "planned",  "construction", "abandoned", "razed",    "disused",
                                        "elevator", "platform", "corridor",     "rest_area", "services", "bus_stop",
                                        "dam",      "weir",     "lock_gate",    "subway",    "station",  NULL};
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(class, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static wg_status take_line(wg_context *ctx, const wg_tags *tags, wg_levels *levels, wg_osm *osm) {
    static const char *const kinds[] = {"highway", "railway", "waterway"};
    char class[TAG_BYTES];
    (void)levels;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (tag(tags, kinds[i], class)) {
            return is_planned(class) || is_absent(tags) ? WG_OK : add_barrier(ctx, tags, kinds[i], class, osm);
        }
    }
    return WG_OK;
}

/* ---------------------------------------------------------------- the extract */

typedef wg_status (*wg_take)(wg_context *, const wg_tags *, wg_levels *, wg_osm *);

static wg_status read_layer(wg_context *ctx, const char *path, const char *layer, wg_take take, wg_levels *levels,
                            wg_osm *osm) {
    wg_buffer source = {0};
    wg_reader *reader = NULL;
    wg_layer *batch = NULL;
    wg_buffer_printf(&source, "%s|layername=%s", path, layer);
    wg_status status = source.failed ? wg_fail_memory(ctx) : wg_reader_open(ctx, source.data, NULL, NULL, &reader);
    while (status == WG_OK) {
        WG_TRY(wg_reader_next(ctx, reader, &batch));
        if (batch == NULL) {
            break;
        }
        wg_tags tags = {.batch = batch, .other = wg_layer_column(batch, "other_tags")};
        for (tags.row = 0; tags.row < batch->n; tags.row++) {
            WG_TRY(take(ctx, &tags, levels, osm));
        }
        wg_layer_free(batch);
        batch = NULL;
    }
done:
    wg_layer_free(batch);
    wg_reader_close(reader);
    wg_buffer_release(&source);
    return status;
}

static wg_status no_boundary(wg_context *ctx, const char *path, const wg_levels *levels) {
    wg_buffer seen = {0};
    for (unsigned level = 1; level < MAX_LEVELS; level++) {
        if (levels->seen[level] > 0) {
            wg_buffer_printf(&seen, "%s%u (%u)", seen.length > 0 ? ", " : "", level, levels->seen[level]);
        }
    }
    const wg_status status =
        wg_fail(ctx, WG_EDATA, "%s: no complete boundary of admin_level %s (levels there: %s; use --level)", path,
                levels->wanted, seen.data == NULL ? "none" : seen.data);
    wg_buffer_release(&seen);
    return status;
}

wg_status wg_osm_read(wg_context *ctx, const char *path, uint32_t level, wg_osm *osm) {
    static const char
        *const community[] = {"code", "name", "population", "ref", NULL},
               *const building[] = {"id", "name", "address", "use", "floors", "households", "hh_from", NULL},
               *const barrier[] = {"id", "kind", "class", "name", NULL}, *const compound[] = {"id", "name", NULL};
    static const wg_type community_types[] = {WG_TEXT, WG_TEXT, WG_INTEGER, WG_TEXT},
                         building_types[] = {WG_TEXT, WG_TEXT, WG_TEXT, WG_TEXT, WG_REAL, WG_INTEGER, WG_TEXT},
                         text_types[] = {WG_TEXT, WG_TEXT, WG_TEXT, WG_TEXT};
    char wanted[12];
    wg_levels levels = {.wanted = wanted};
    wg_status status = WG_OK;
    *osm = (wg_osm){0};
    (void)snprintf(wanted, sizeof wanted, "%u", level == 0 ? DEFAULT_LEVEL : level);
    WG_TRY(new_layer(ctx, path, "communities", community, community_types, &osm->communities));
    WG_TRY(new_layer(ctx, path, "buildings", building, building_types, &osm->buildings));
    WG_TRY(new_layer(ctx, path, "barriers", barrier, text_types, &osm->barriers));
    WG_TRY(new_layer(ctx, path, "compounds", compound, text_types, &osm->compounds));
    WG_TRY(read_layer(ctx, path, "multipolygons", take_area, &levels, osm));
    WG_TRY(read_layer(ctx, path, "lines", take_line, &levels, osm));
    status = osm->communities->n == 0 ? no_boundary(ctx, path, &levels) : use_refs(ctx, osm->communities);
done:
    if (status != WG_OK) {
        wg_osm_release(osm);
    }
    return status;
}

void wg_osm_release(wg_osm *osm) {
    wg_layer_free(osm->communities);
    wg_layer_free(osm->buildings);
    wg_layer_free(osm->barriers);
    wg_layer_free(osm->compounds);
    *osm = (wg_osm){0};
}

wg_status wg_osm_fill(wg_context *ctx, const wg_partition_options *options, wg_osm *osm, wg_osm_inputs *filled) {
    const wg_status status = wg_osm_read(ctx, options->osm, options->osm_level, osm);
    filled->options = *options;
    if (status != WG_OK) {
        return status;
    }
    wg_partition_options *to = &filled->options;
    if (!wg_input_given(&to->communities)) {
        to->communities = (wg_input){.layer = osm->communities};
    }
    if (!wg_input_given(&to->buildings)) {
        to->buildings = (wg_input){.layer = osm->buildings};
        if (osm->estimated > 0) {
            wg_log(
                ctx, WG_LOG_WARNING,
                "%s: households of %llu buildings are estimated from their floor area (give --buildings with figures "
                "for better ones)",
                options->osm, (unsigned long long)osm->estimated);
        }
    }
    if (to->n_barriers == 0 && osm->barriers->n > 0) {
        filled->barriers = (wg_input){.layer = osm->barriers};
        to->barriers = &filled->barriers;
        to->n_barriers = 1;
    }
    if (!wg_input_given(&to->compounds) && osm->compounds->n > 0) {
        to->compounds = (wg_input){.layer = osm->compounds};
    }
    if (to->attribution == NULL) {
        to->attribution = WG_OSM_ATTRIBUTION;
    }
    return WG_OK;
}
