#include "output.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal.h>
#include <math.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/memory.h"

/* The made-up place lies in Foshan's plain; working coordinates are CGCS2000 / 3-degree Gauss-Kruger CM 114E. */
enum { PLANE_EPSG = 4547, DEGREES_EPSG = 4490 };
static const vec origin = {418000, 2556000};

typedef struct column {
    const char *name;
    OGRFieldType type;
} column;

typedef struct layer_plan {
    const char *name;
    OGRwkbGeometryType geometry;
    column columns[10];
} layer_plan;

static const layer_plan plans[LAYERS] = {
    [LAYER_COMMUNITIES] = {"communities",
                           wkbMultiPolygon,
                           {{"code", OFTString},
                            {"name", OFTString},
                            {"grp", OFTString},
                            {"street", OFTString},
                            {"registered", OFTInteger},
                            {"floating", OFTInteger}}},
    [LAYER_BUILDINGS] = {"buildings",
                         wkbPolygon,
                         {{"id", OFTString},
                          {"use", OFTString},
                          {"floors", OFTInteger},
                          {"households", OFTInteger},
                          {"registered", OFTInteger},
                          {"floating", OFTInteger},
                          {"name", OFTString},
                          {"addr", OFTString}}},
    [LAYER_ROADS] = {"roads", wkbLineString, {{"kind", OFTString}, {"class", OFTString}, {"name", OFTString}}},
    [LAYER_RIVER] = {"river", wkbPolygon, {{"kind", OFTString}, {"class", OFTString}, {"name", OFTString}}},
    [LAYER_RAILWAY] = {"railway", wkbLineString, {{"kind", OFTString}, {"class", OFTString}, {"name", OFTString}}},
    [LAYER_COMPOUNDS] = {"compounds", wkbPolygon, {{"id", OFTString}, {"name", OFTString}}},
    [LAYER_DEDICATED] = {"dedicated", wkbPolygon, {{"id", OFTString}, {"name", OFTString}, {"kind", OFTString}}},
    [LAYER_CELLS] = {"cells_present",
                     wkbMultiPolygon,
                     {{"code", OFTString},
                      {"name", OFTString},
                      {"community", OFTString},
                      {"grp", OFTString},
                      {"households", OFTInteger}}},
    [LAYER_STAIRS] = {"stairs",
                      wkbPoint,
                      {{"id", OFTString},
                       {"building", OFTString},
                       {"name", OFTString},
                       {"households", OFTInteger},
                       {"registered", OFTInteger},
                       {"floating", OFTInteger}}},
    [LAYER_FACILITIES] = {"facilities", wkbPoint, {{"id", OFTString}, {"name", OFTString}, {"kind", OFTString}}},
};

struct output {
    const options *choice;
    OGRCoordinateTransformationH to_degrees;
    struct {
        GDALDatasetH file;
        OGRLayerH layer;
        OGRFeatureDefnH shape;
    } layers[LAYERS];
    uint32_t buildings, compounds, dedicated, stairs, facilities; /**< numbers given so far */
    uint32_t first_building;                                      /**< of the town in hand */
};

static OGRSpatialReferenceH reference(int epsg) {
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    if (OSRImportFromEPSG(srs, epsg) != OGRERR_NONE) {
        die("PROJ does not know EPSG:%d", epsg);
    }
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    return srs;
}

void output_degrees(output *out, vec *points, uint32_t n) {
    double x[256], y[256];
    for (uint32_t from = 0; from < n; from += 256) {
        const uint32_t count = n - from < 256 ? n - from : 256;
        for (uint32_t i = 0; i < count; i++) {
            x[i] = points[from + i].x + origin.x;
            y[i] = points[from + i].y + origin.y;
        }
        if (!OCTTransform(out->to_degrees, (int)count, x, y, NULL)) {
            die("coordinates cannot be turned into degrees");
        }
        for (uint32_t i = 0; i < count; i++) {
            points[from + i] = (vec){round(x[i] * 1e7) / 1e7, round(y[i] * 1e7) / 1e7};
        }
    }
}

static void open_layer(output *out, enum layer_kind kind, GDALDriverH driver, const char *extension,
                       OGRSpatialReferenceH srs) {
    char file[4096];
    snprintf(file, sizeof file, "%s/%s.%s", out->choice->directory, plans[kind].name, extension);
    VSIStatBufL there;
    if (VSIStatL(file, &there) == 0) {
        GDALDeleteDataset(driver, file);
    }
    GDALDatasetH dataset = GDALCreate(driver, file, 0, 0, 0, GDT_Unknown, NULL);
    if (dataset == NULL) {
        die("%s cannot be created: %s", file, CPLGetLastErrorMsg());
    }
    char **choices = NULL;
    if (strcmp(extension, "geojson") == 0) {
        choices = CSLSetNameValue(choices, "RFC7946", "YES");
        choices = CSLSetNameValue(choices, "COORDINATE_PRECISION", "7");
    } else if (strcmp(extension, "shp") == 0) {
        choices = CSLSetNameValue(choices, "ENCODING", "UTF-8");
        choices = CSLSetNameValue(choices, "DBF_DATE_LAST_UPDATE", "2026-01-01");
    }
    OGRLayerH layer = GDALDatasetCreateLayer(dataset, plans[kind].name, srs, plans[kind].geometry, choices);
    CSLDestroy(choices);
    if (layer == NULL) {
        die("%s: the layer cannot be created: %s", file, CPLGetLastErrorMsg());
    }
    for (const column *c = plans[kind].columns; c->name != NULL; c++) {
        OGRFieldDefnH field = OGR_Fld_Create(c->name, c->type);
        if (OGR_L_CreateField(layer, field, 1) != OGRERR_NONE) {
            die("%s: field %s cannot be created", file, c->name);
        }
        OGR_Fld_Destroy(field);
    }
    out->layers[kind].file = dataset;
    out->layers[kind].layer = layer;
    out->layers[kind].shape = OGR_L_GetLayerDefn(layer);
}

output *output_open(const options *choice) {
    static const struct {
        const char *name, *driver;
    } formats[] = {{"gpkg", "GPKG"}, {"geojson", "GeoJSON"}, {"shp", "ESRI Shapefile"}, {"fgb", "FlatGeobuf"}};
    GDALAllRegister();
    CPLSetConfigOption("OGR_CURRENT_DATE", "2026-01-01T00:00:00.000Z"); /* the same bytes on any day */
    CPLSetConfigOption("OGR_SQLITE_SYNCHRONOUS", "OFF");
    if (mkdir(choice->directory, 0777) != 0) {
        struct stat there;
        if (stat(choice->directory, &there) != 0 || !S_ISDIR(there.st_mode)) {
            die("%s: not a directory that can be made", choice->directory);
        }
    }
    output *out = need(wg_calloc(1, sizeof *out));
    out->choice = choice;
    OGRSpatialReferenceH plane = reference(PLANE_EPSG), degrees = reference(DEGREES_EPSG), wgs84 = reference(4326);
    out->to_degrees = OCTNewCoordinateTransformation(plane, degrees);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i].name, choice->format) == 0) {
            const bool geojson = strcmp(choice->format, "geojson") == 0;
            for (int kind = 0; kind < LAYERS; kind++) {
                open_layer(out, (enum layer_kind)kind, GDALGetDriverByName(formats[i].driver), formats[i].name,
                           geojson ? wgs84 : degrees);
            }
        }
    }
    OSRDestroySpatialReference(plane);
    OSRDestroySpatialReference(degrees);
    OSRDestroySpatialReference(wgs84);
    return out;
}

void output_close(output *out) {
    for (int kind = 0; kind < LAYERS; kind++) {
        GDALClose(out->layers[kind].file);
    }
    OCTDestroyCoordinateTransformation(out->to_degrees);
    free(out);
}

/* ---- geometries and features ---- */

static OGRGeometryH line_of(output *out, const vec *at, uint32_t n, bool ring) {
    const uint32_t total = n + (ring ? 1 : 0);
    vec *points = need(wg_malloc(total, sizeof *points));
    for (uint32_t i = 0; i < total; i++) {
        points[i] = at[i % n];
    }
    output_degrees(out, points, total);
    OGRGeometryH made = OGR_G_CreateGeometry(ring ? wkbLinearRing : wkbLineString);
    OGR_G_SetPoints(made, (int)total, &points[0].x, sizeof *points, &points[0].y, sizeof *points, NULL, 0);
    free(points);
    return made;
}

static OGRGeometryH polygon_of(output *out, const area *shape) {
    OGRGeometryH made = OGR_G_CreateGeometry(wkbPolygon);
    for (uint32_t i = 0; i < shape->n; i++) {
        OGR_G_AddGeometryDirectly(made, line_of(out, shape->rings[i].at, shape->rings[i].n, true));
    }
    return made;
}

static OGRGeometryH polygons_of(output *out, const area *shapes, uint32_t n) {
    OGRGeometryH made = OGR_G_CreateGeometry(wkbMultiPolygon);
    for (uint32_t i = 0; i < n; i++) {
        OGR_G_AddGeometryDirectly(made, polygon_of(out, &shapes[i]));
    }
    return made;
}

static OGRGeometryH point_of(output *out, vec p) {
    output_degrees(out, &p, 1);
    OGRGeometryH made = OGR_G_CreateGeometry(wkbPoint);
    OGR_G_SetPoint_2D(made, 0, p.x, p.y);
    return made;
}

static OGRFeatureH feature(const output *out, enum layer_kind kind) {
    return OGR_F_Create(out->layers[kind].shape);
}

static void text(OGRFeatureH f, int field, const char *value) {
    if (value[0] != '\0') {
        OGR_F_SetFieldString(f, field, value);
    } else {
        OGR_F_SetFieldNull(f, field);
    }
}

/** A count; negative: not known. */
static void count(OGRFeatureH f, int field, int64_t value) {
    if (value >= 0) {
        OGR_F_SetFieldInteger(f, field, (int)value);
    } else {
        OGR_F_SetFieldNull(f, field);
    }
}

static void put(output *out, enum layer_kind kind, OGRFeatureH f, OGRGeometryH geometry, census *all) {
    OGR_F_SetGeometryDirectly(f, geometry);
    if (OGR_L_CreateFeature(out->layers[kind].layer, f) != OGRERR_NONE) {
        die("%s: a feature cannot be written: %s", plans[kind].name, CPLGetLastErrorMsg());
    }
    OGR_F_Destroy(f);
    all->counts[kind]++;
}

/* ---- one town ---- */

static void put_zones(output *out, const town_map *t, census *all, bool cells) {
    char street[64], group[64];
    name_town(t->where, t->number, street, sizeof street);
    const uint32_t n_zones = cells ? t->n_cells : t->n_communities;
    for (uint32_t i = 0; i < n_zones; i++) {
        const town_zone *z = cells ? &t->cells[i] : &t->communities[i];
        uint32_t n;
        area *shapes = zone_shape(t, i, cells, &n);
        if (!out->choice->clean) {
            dirt_outline(t, shapes, n, i, cells);
        }
        const enum layer_kind kind = cells ? LAYER_CELLS : LAYER_COMMUNITIES;
        OGRFeatureH f = feature(out, kind);
        text(f, 0, z->code);
        text(f, 1, z->name);
        name_group(t, cells ? t->communities[z->group].group : z->group, group, sizeof group);
        text(f, 2, cells ? t->communities[z->group].code : group);
        text(f, 3, cells ? group : street);
        count(f, 4, cells ? z->households : z->registered);
        if (!cells) {
            count(f, 5, z->floating);
        }
        put(out, kind, f, polygons_of(out, shapes, n), all);
        areas_free(shapes, n);
    }
}

static void put_road(output *out, const town_map *t, const town_road *r, const path *line, census *all) {
    char name[96];
    name_road(t, r, name, sizeof name);
    OGRFeatureH f = feature(out, LAYER_ROADS);
    text(f, 0, "road");
    text(f, 1, class_names[r->class]);
    text(f, 2, name);
    put(out, LAYER_ROADS, f, line_of(out, line->at, line->n, false), all);
}

static void put_roads(output *out, const town_map *t, census *all) {
    wg_random random = town_random(t, "road dirt");
    for (uint32_t i = 0; i < t->n_roads; i++) {
        const town_road *r = &t->roads[i];
        path line = path_copy(&r->line);
        if (!out->choice->clean && (r->class == LINE_BRANCH || r->class == LINE_SECONDARY) &&
            random_chance(&random, 0.05)) {
            const vec back = vec_sub(line.at[line.n - 2], line.at[line.n - 1]);
            const double gap = random_between(&random, 0.8, 6); /* it does not quite meet the road that it ends at */
            if (vec_length(back) > 2 * gap) {
                line.at[line.n - 1] = vec_add(line.at[line.n - 1], vec_scale(vec_unit(back), gap));
            }
        }
        if (r->dual) {
            for (int side = -1; side <= 1; side += 2) {
                path way = path_offset(&line, side * 9.0);
                path_simplify(&way, 0.5);
                put_road(out, t, r, &way, all);
                path_free(&way);
            }
        } else {
            put_road(out, t, r, &line, all);
        }
        path_free(&line);
    }
}

static void put_water_and_rail(output *out, const town_map *t, census *all) {
    uint32_t n;
    if (t->river.n > 0) {
        area water = town_water(t);
        area *parts = shape_clip(t, &water, &t->shape, &n);
        for (uint32_t i = 0; i < n; i++) {
            OGRFeatureH f = feature(out, LAYER_RIVER);
            text(f, 0, "water");
            text(f, 1, class_names[LINE_RIVER]);
            text(f, 2, "云溪河");
            put(out, LAYER_RIVER, f, polygon_of(out, &parts[i]), all);
        }
        areas_free(parts, n);
        area_free(&water);
    }
    if (t->railway.n > 0) {
        path *parts = shape_clip_line(t, &t->railway, &t->shape, &n);
        for (uint32_t i = 0; i < n; i++) {
            OGRFeatureH f = feature(out, LAYER_RAILWAY);
            text(f, 0, "railway");
            text(f, 1, class_names[LINE_RAIL]);
            text(f, 2, "云石货运线");
            put(out, LAYER_RAILWAY, f, line_of(out, parts[i].at, parts[i].n, false), all);
            path_free(&parts[i]);
        }
        free(parts);
    }
}

static void put_compounds(output *out, const town_map *t, census *all) {
    for (uint32_t i = 0; i < t->n_compounds; i++) {
        char id[16], name[64];
        snprintf(id, sizeof id, "X%05u", out->compounds + i + 1);
        name_compound(t, i, t->blocks[t->compounds[i].block].land, name, sizeof name);
        OGRFeatureH f = feature(out, LAYER_COMPOUNDS);
        text(f, 0, id);
        text(f, 1, name);
        put(out, LAYER_COMPOUNDS, f, polygon_of(out, &t->compounds[i].shape), all);
    }
    out->compounds += t->n_compounds;
}

static const char *dedicated_kind(enum land land, const char **zh) {
    switch (land) {
    case LAND_CAMPUS:
        *zh = "职业技术学院";
        return "campus";
    case LAND_MARKET:
        *zh = "农贸批发市场";
        return "market";
    case LAND_HOSPITAL:
        *zh = "人民医院";
        return "hospital";
    case LAND_PARK:
        *zh = "公园";
        return "park";
    default:
        return NULL;
    }
}

static void put_dedicated(output *out, const town_map *t, census *all) {
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        const char *zh = NULL, *kind = dedicated_kind(t->blocks[i].land, &zh);
        if (kind == NULL) {
            continue;
        }
        char id[16], name[96], words[64];
        uint32_t n;
        snprintf(id, sizeof id, "D%04u", ++out->dedicated);
        name_compound(t, 400 + i, LAND_PARK, words, sizeof words);
        snprintf(name, sizeof name, "%.6s%s", words, zh);
        area *parts = shape_inset(t, &t->blocks[i].shape, 7, &n);
        for (uint32_t k = 0; k < n && k < 1; k++) {
            OGRFeatureH f = feature(out, LAYER_DEDICATED);
            text(f, 0, id);
            text(f, 1, name);
            text(f, 2, kind);
            put(out, LAYER_DEDICATED, f, polygon_of(out, &parts[k]), all);
        }
        areas_free(parts, n);
    }
}

static void put_stairs(output *out, const town_map *t, const building *b, const char *id, census *all) {
    const vec *ring = t->corners + b->first;
    const bool along = vec_distance(ring[0], ring[1]) > vec_distance(ring[1], ring[2]);
    const vec from = along ? ring[0] : ring[1], to = along ? ring[1] : ring[2];
    for (uint32_t k = 0; k < b->stairs; k++) {
        char number[32], name[64], stair[16];
        name_number(k + 1, number, sizeof number);
        snprintf(name, sizeof name, "%s单元", number);
        snprintf(stair, sizeof stair, "S%05u", ++out->stairs);
        OGRFeatureH f = feature(out, LAYER_STAIRS);
        text(f, 0, stair);
        text(f, 1, id);
        text(f, 2, name);
        const int32_t totals[3] = {b->households, b->registered, b->floating};
        for (int c = 0; c < 3; c++) {
            const int32_t all_of_it = totals[c], n = (int32_t)b->stairs, i = (int32_t)k;
            count(f, 3 + c, all_of_it < 0 ? -1 : all_of_it * (i + 1) / n - all_of_it * i / n);
        }
        const vec door = vec_lerp(from, to, (k + 0.5) / b->stairs);
        const vec inward = vec_unit(vec_sub(building_middle(t, b), vec_lerp(from, to, 0.5)));
        put(out, LAYER_STAIRS, f, point_of(out, vec_add(door, vec_scale(inward, 2))), all);
    }
}

static void building_names(const town_map *t, const building *b, char *name, size_t name_bytes, char *addr,
                           size_t addr_bytes) {
    char words[96];
    const street_block *bl = &t->blocks[b->block];
    name[0] = addr[0] = '\0';
    if (b->compound != NONE) {
        name_compound(t, b->compound, bl->land, words, sizeof words);
        snprintf(name, name_bytes, "%s%u栋", words, b->number);
    }
    if (bl->road != NONE && b->house > 0) {
        name_road(t, &t->roads[bl->road], words, sizeof words);
        snprintf(addr, addr_bytes, "%s%u号", words, b->house);
    }
}

static void note_spot(census *all, const town_map *t, const building *b, uint32_t id, uint32_t first_cell) {
    if (!WG_RESERVE(all->spots, all->capacity, all->n_spots + 1)) {
        need(NULL);
    }
    const int32_t people = (b->registered > 0 ? b->registered : 0) + (b->floating > 0 ? b->floating : 0);
    const vec p = building_middle(t, b);
    const double hot = 0.35 + 2.4 * pow(noise(t->where, 95, p, 450), 3);
    const double busy = b->use == USE_COMMERCIAL ? 9 : b->use == USE_MARKET ? 60 : b->use == USE_INDUSTRIAL ? 7 : 1.5;
    all->spots[all->n_spots++] = (spot){.at = p,
                                        .weight = (float)((people + busy) * hot),
                                        .id = id,
                                        .cell = first_cell + b->cell,
                                        .use = b->use,
                                        .land = (uint8_t)t->blocks[b->block].land};
}

static void put_buildings(output *out, const town_map *t, census *all, uint32_t first_cell) {
    for (uint32_t i = 0; i < t->n_buildings; i++) {
        const building *b = &t->buildings[i];
        char id[16], name[128], addr[128];
        snprintf(id, sizeof id, "B%06u", out->buildings + i + 1);
        building_names(t, b, name, sizeof name, addr, sizeof addr);
        OGRFeatureH f = feature(out, LAYER_BUILDINGS);
        text(f, 0, id);
        text(f, 1, use_names[b->use]);
        count(f, 2, b->floors);
        count(f, 3, b->households);
        count(f, 4, b->registered);
        count(f, 5, b->floating);
        text(f, 6, name);
        text(f, 7, addr);
        path ring = {.at = t->corners + b->first, .n = b->n};
        put(out, LAYER_BUILDINGS, f, polygon_of(out, &(area){.rings = &ring, .n = 1}), all);
        if (b->stairs > 0) {
            put_stairs(out, t, b, id, all);
        }
        note_spot(all, t, b, out->buildings + i + 1, first_cell);
    }
    out->buildings += t->n_buildings;
}

static void put_facilities(output *out, const town_map *t, census *all) {
    static const char *const kinds[] = {"党群服务中心", "警务室", "卫生服务站", "养老服务站", "网格工作站"};
    wg_random random = town_random(t, "facilities");
    for (uint32_t i = 0; i < t->n_buildings * 3 / 2; i++) {
        if (t->n_buildings == 0) {
            break;
        }
        const uint32_t which = wg_random_below(&random, t->n_buildings);
        const building *b = &t->buildings[which];
        const town_zone *z = &t->communities[t->blocks[b->block].community];
        const double share = 5.0 * t->n_communities / (t->n_buildings * 1.5);
        if (!random_chance(&random, share)) {
            continue;
        }
        const char *kind = kinds[wg_random_below(&random, 5)];
        char id[16], name[160];
        snprintf(id, sizeof id, "F%04u", ++out->facilities);
        snprintf(name, sizeof name, "%s%s", z->name, kind);
        OGRFeatureH f = feature(out, LAYER_FACILITIES);
        text(f, 0, id);
        text(f, 1, name);
        text(f, 2, kind);
        put(out, LAYER_FACILITIES, f, point_of(out, building_middle(t, b)), all);
    }
}

static void note_cells(census *all, const town_map *t) {
    if (!WG_RESERVE(all->cells, all->cells_capacity, all->n_cells + t->n_cells) ||
        !WG_RESERVE(all->cell_households, all->households_capacity, all->n_cells + t->n_cells)) {
        need(NULL);
    }
    for (uint32_t i = 0; i < t->n_cells; i++) {
        memcpy(all->cells[all->n_cells], t->cells[i].code, 16);
        all->cell_households[all->n_cells++] = t->cells[i].households;
    }
    for (uint32_t i = 0; i < t->n_communities; i++) {
        all->households += t->communities[i].households;
        all->registered += t->communities[i].registered;
        all->floating += t->communities[i].floating;
    }
    all->area_m2 += area_size(&t->shape);
}

void output_town(output *out, const town_map *t, census *all) {
    for (int kind = 0; kind < LAYERS; kind++) {
        GDALDatasetStartTransaction(out->layers[kind].file, 0);
    }
    const uint32_t first_cell = (uint32_t)all->n_cells;
    note_cells(all, t);
    put_zones(out, t, all, false);
    put_zones(out, t, all, true);
    put_roads(out, t, all);
    put_water_and_rail(out, t, all);
    put_compounds(out, t, all);
    put_dedicated(out, t, all);
    put_buildings(out, t, all, first_cell);
    put_facilities(out, t, all);
    for (int kind = 0; kind < LAYERS; kind++) {
        GDALDatasetCommitTransaction(out->layers[kind].file);
    }
}
