/** The made-up city: its plan, one town (街道) after the other, and what is written of it. */
#ifndef CITYGEN_H
#define CITYGEN_H

#include "core/random.h"
#include "geom.h"

enum {
    HAMLET_BUILDINGS = 400, /**< a place with fewer is one small community with more people a building */
    TOWN_BUILDINGS = 9000,  /**< of one town: "Y street" of the domain's figures */
    TOWN_COMMUNITIES = 27,
    TOWN_CELLS = 119,
    TOWN_GROUPS = 13,
    TOWN_INCIDENTS = 60000,
    TOWN_HOUSEHOLDS = 31000, /**< registered ones */
    TOWN_REGISTERED = 80000,
    TOWN_FLOATING = 150000
};
#define TOWN_AREA_M2 50.3e6

typedef struct options {
    uint64_t seed;
    uint32_t buildings, communities, incidents;
    bool clean;
    const char *directory, *format;
} options;

/* ---- the whole place (place.c) ---- */

typedef struct city_plan {
    const options *options;
    uint32_t towns, columns, rows;
    double side; /**< metres between the corners of towns before they are moved */
} city_plan;

void place_init(city_plan *where, const options *choice);
/** Outline of a town, counter-clockwise, shared to the last bit with its neighbours; `edge[i]` its side 0..3 of segment
 * i. */
path town_outline(const city_plan *where, uint32_t town, uint8_t **edge);
/** True where a road runs along that side of the town. */
bool town_edge_is_road(const city_plan *where, uint32_t town, int edge);
/** Middle lines that pass through the town's row or column, from beyond one side to beyond the other; empty for none.
 */
path town_river(const city_plan *where, uint32_t town);
path town_railway(const city_plan *where, uint32_t town);
double river_width(const city_plan *where, vec p);
/** Smooth noise, 0..1, of the given wave length in metres; the same everywhere for one seed and `what`. */
double noise(const city_plan *where, uint32_t what, vec p, double wave);

double random_between(wg_random *random, double low, double high);
bool random_chance(wg_random *random, double share);
double random_normal(wg_random *random); /**< mean 0, deviation 1 */
/** Points: x is drawn before y, where two draws in one initializer would come in the compiler's order. */
vec random_in(wg_random *random, vec low, vec high);
vec random_near(wg_random *random, vec p, double deviation);

/* ---- one town ---- */

enum line_class {
    LINE_TRUNK = 1, /* 主干路 */
    LINE_SECONDARY, /* 次干路 */
    LINE_BRANCH,    /* 支路 */
    LINE_LANE,      /* 小路: in blocks, no edge of one */
    LINE_RAIL,
    LINE_BANK,
    LINE_RIVER, /* the middle, where communities meet */
    LINE_BORDER,
    LINE_GAP /**< between houses, where a block is cut up for cells */
};

typedef struct town_road {
    path line;
    enum line_class class;
    uint32_t name; /**< number of its name within the class; roads that go on have the same */
    bool dual;     /**< written as two carriageways */
} town_road;

/** Which direction streets take, and how much of a town there is, at each point. */
typedef struct street_field {
    struct {
        vec at;
        double angle, reach;
    } grain[12];
    uint32_t n_grains;
    struct {
        vec at;
        double reach, weight;
    } centre[4];
    uint32_t n_centres;
} street_field;

enum land {
    LAND_OPEN, /* fields and hills */
    LAND_WATER,
    LAND_TOWERS, /* 高层小区 */
    LAND_SLABS,  /* 多层小区 */
    LAND_VILLAS,
    LAND_OLD_TOWN,
    LAND_URBAN_VILLAGE, /* 城中村 */
    LAND_VILLAGE,
    LAND_SHOPS,
    LAND_OFFICES,
    LAND_FACTORY,
    LAND_SCHOOL,
    LAND_HOSPITAL,
    LAND_CAMPUS,
    LAND_MARKET,
    LAND_PARK
};

typedef struct street_block {
    area shape;
    vec centre;
    double size;  /**< m² */
    double urban; /**< 0..1 */
    double angle; /**< of its longer side */
    enum land land;
    double margin; /**< metres that wide roads around it take beyond the usual */
    uint32_t road; /**< that addresses are named after; NONE where there is none */
    uint32_t community, compound;
    uint32_t cell; /**< of a piece */
    uint32_t first_building, n_buildings;
    uint32_t households, people;
} street_block;

/** Two blocks with a common line. */
typedef struct block_border {
    uint32_t a, b;
    double length;
    enum line_class class; /**< of most of it */
} block_border;

enum use {
    USE_RESIDENTIAL,
    USE_COMMERCIAL,
    USE_OFFICE,
    USE_INDUSTRIAL,
    USE_SCHOOL,
    USE_HOSPITAL,
    USE_PUBLIC,
    USE_MARKET,
    USE_DORMITORY,
    USE_UNKNOWN
};

typedef struct building {
    uint32_t first, n; /**< corners in the town's pool */
    uint32_t block, compound, cell;
    uint32_t number;                          /**< in its compound (栋) */
    uint32_t house;                           /**< on the road of its block (号) */
    int32_t households, registered, floating; /**< -1: not known */
    int16_t floors;                           /**< -1: not known */
    uint8_t use, stairs;
    bool copied; /**< dirt: the same building once more */
} building;

typedef struct compound {
    area shape;
    uint32_t block, name;
} compound;

typedef struct town_zone {
    char code[16], name[64];
    uint32_t group;
    uint32_t households, registered, floating; /**< true totals */
    uint32_t n_blocks;
    bool village;
} town_zone;

#define NONE UINT32_MAX

typedef struct town_map {
    const city_plan *where;
    uint32_t number;
    uint32_t target_buildings, target_communities, target_cells, target_groups;
    double share; /**< of the people of a full town */
    path outline;
    uint8_t *outline_edge;
    area shape;
    vec low, high;
    path river, railway;
    street_field flow;
    town_road *roads;
    uint32_t n_roads;
    size_t roads_capacity;
    street_block *blocks;
    uint32_t n_blocks;
    street_block *pieces; /**< blocks cut up for the cells of today */
    uint32_t n_pieces;
    grid lines; /**< segments of the roads between blocks, of river and railway */
    block_border *borders;
    uint32_t n_borders;
    building *buildings;
    uint32_t n_buildings;
    size_t buildings_capacity;
    vec *corners;
    uint32_t n_corners;
    size_t corners_capacity;
    compound *compounds;
    uint32_t n_compounds;
    size_t compounds_capacity;
    town_zone *communities, *cells;
    uint32_t n_communities, n_cells, n_groups;
    void *geos; /**< GEOS handle */
} town_map;

void town_make(town_map *t, const city_plan *where, uint32_t number);
void town_release(town_map *t);
wg_random town_random(const town_map *t, const char *what);

/* field.c */
void field_make(town_map *t);
double field_angle(const town_map *t, vec p);
double field_urban(const town_map *t, vec p);
/* streets.c */
void streets_make(town_map *t);
/** After the buildings, so that it finds room; the blocks are those of the plain crossing. */
void streets_roundabout(town_map *t);
uint32_t town_add_road(town_map *t, path line, enum line_class class, uint32_t name);
/* blocks.c */
void blocks_make(town_map *t);
/** Find which blocks meet; `inside` is the class of a common line that is neither road, railway nor river. */
void blocks_meet(town_map *t, enum line_class inside);
/** The river's banks, left and right, not clipped to the town; empty for no river. Free with path_free. */
void town_banks(const town_map *t, path banks[2]);
/** The river between its banks, not clipped to the town; empty for none. */
area town_water(const town_map *t);
/* shapes.c: what GEOS does for one town */
area *shape_inset(const town_map *t, const area *shape, double metres, uint32_t *n);
area *shape_split(const town_map *t, const area *shape, vec at, double angle, uint32_t *n);
area *shape_polygonize(const town_map *t, const path *lines, uint32_t n_lines, uint32_t *n);
area *shape_union(const town_map *t, const area *const *shapes, uint32_t n_shapes, uint32_t *n);
area *shape_clip(const town_map *t, const area *shape, const area *by, uint32_t *n);
path *shape_clip_line(const town_map *t, const path *line, const area *by, uint32_t *n);
bool shape_valid(const town_map *t, const area *shapes, uint32_t n);
void areas_free(area *shapes, uint32_t n);
/* land.c */
void land_make(town_map *t);
/* pack.c, buildings.c */
void buildings_make(town_map *t);
uint32_t town_add_building(town_map *t, const vec *ring, uint32_t n, uint32_t block, enum use use, int floors);
vec building_middle(const town_map *t, const building *b);
uint32_t town_add_compound(town_map *t, area shape, uint32_t block);
/* people.c */
void people_make(town_map *t);
/** Integers in proportion to the weights with exactly the given sum (largest remainder). */
void apportion(const double *weight, uint32_t n, uint32_t total, int32_t *out);
/* dirt.c */
void dirt_make(town_map *t);
/** The hand-drawn outline of a present cell, or a community's with its sliver, in place of the true one. */
void dirt_outline(const town_map *t, area *shapes, uint32_t n, uint32_t zone, bool cell);
/* zones.c */
void zones_make(town_map *t);
/** Parts of a community or a cell. Free with areas_free. */
area *zone_shape(const town_map *t, uint32_t zone, bool cell, uint32_t *n);
/**
 * Cut n blocks into k connected parts of like weight.
 * @param even  what unevenness costs beside long boundaries
 * @param[out] label  of all blocks: the part of each member
 * @return cost of the parts: less is better
 */
double zones_partition(const town_map *t, const uint32_t *members, uint32_t n, const double *weight, uint32_t k,
                       wg_random *random, double even, uint32_t *label);
/* cells.c */
void cells_make(town_map *t);
/* names.c */
void name_town(const city_plan *where, uint32_t town, char *out, size_t bytes);
void name_road(const town_map *t, const town_road *r, char *out, size_t bytes);
void name_compound(const town_map *t, uint32_t number, enum land land, char *out, size_t bytes);
void name_community(const town_map *t, uint32_t number, bool village, char *out, size_t bytes);
void name_number(uint32_t n, char *out, size_t bytes); /**< 十二 */
void name_group(const town_map *t, uint32_t group, char *out, size_t bytes);
void code_town(const city_plan *where, uint32_t town, char out[10]);
extern const char *const use_names[];
extern const char *const class_names[];

#endif
