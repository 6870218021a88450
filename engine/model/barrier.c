#include "model/barrier.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct name_rank {
    const char *name;
    uint8_t rank;
} name_rank;

/* Values of OSM's highway, waterway, railway and barrier keys (wiki.openstreetmap.org, Key pages) and words of other
 * maps. */
static const name_rank classes[] = {
    {"motorway", 1},      {"trunk", 1},          {"expressway", 1}, {"rail", 1},      {"railway", 1},
    {"river", 1},         {"riverbank", 1},      {"coastline", 1},  {"lake", 1},      {"reservoir", 1},
    {"bay", 1},           {"strait", 1},         {"primary", 2},    {"arterial", 2},  {"canal", 2},
    {"narrow_gauge", 2},  {"construction", 2},   {"busway", 3},     {"secondary", 3}, {"collector", 3},
    {"light_rail", 3},    {"monorail", 3},       {"subway", 3},     {"tram", 4},      {"tertiary", 4},
    {"dock", 4},          {"retaining_wall", 6}, {"dam", 5},        {"weir", 5},      {"stream", 5},
    {"tidal_channel", 5}, {"unclassified", 5},   {"road", 5},       {"local", 5},     {"city_wall", 5},
    {"residential", 6},   {"living_street", 6},  {"wall", 6},       {"pond", 6},      {"siding", 7},
    {"service", 7},       {"alley", 7},          {"ditch", 7},      {"drain", 7},     {"wadi", 7},
    {"fence", 7},         {"hedge", 8},          {"disused", 7},    {"abandoned", 8}, {"preserved", 7},
    {"miniature", 8},     {"funicular", 4},      {"pedestrian", 7}, {"track", 8},     {"bridleway", 9},
    {"cycleway", 9},      {"footway", 9},        {"path", 9},       {"steps", 9},     {"corridor", 9},
    {"via_ferrata", 9},   {"raceway", 7},        {"platform", 9},
};

/* Parts of Chinese names: road grades (GB 50220, GB/T 51328, JTG B01), water and rail. The first one that occurs
 * counts, so that a longer name stands before a shorter one that is part of it (次干路 holds 干路). */
static const name_rank chinese[] = {
    {"高速", 1},     {"快速", 1}, {"国道", 1},   {"高铁", 1},     {"铁路", 1},     {"铁道", 1},   {"次干", 3},
    {"主干", 2},     {"干线", 2}, {"省道", 2},   {"一级公路", 2}, {"二级公路", 3}, {"县道", 3},   {"三级公路", 4},
    {"四级公路", 5}, {"轻轨", 3}, {"地铁", 3},   {"有轨", 4},     {"乡道", 5},     {"村道", 6},   {"支路", 5},
    {"支线", 5},     {"街坊", 6}, {"居住区", 6}, {"小区路", 7},   {"内部", 7},     {"匝道", 2},   {"辅路", 4},
    {"人行", 9},     {"步行", 9}, {"步道", 9},   {"绿道", 9},     {"自行车", 9},   {"非机动", 9}, {"台阶", 9},
    {"机耕", 8},     {"田间", 8}, {"便道", 8},   {"小路", 9},     {"巷", 7},       {"弄", 7},     {"胡同", 7},
    {"围墙", 6},     {"城墙", 5}, {"栅栏", 7},   {"运河", 2},     {"江", 1},       {"湖", 1},     {"水库", 1},
    {"沟", 7},       {"渠", 5},   {"溪", 5},     {"河", 1},       {"水系", 3},     {"水域", 2},   {"大道", 2},
    {"大街", 3},     {"街", 5},   {"路", 5},
};

/* What a kind says where the class says nothing. */
static const name_rank kinds[] = {
    {"railway", 1}, {"waterway", 3}, {"highway", 6}, {"natural", 3},
    {"water", 2},   {"barrier", 7},  {"road", 5},    {"cells", 5},
};

static bool same_word(const char *text, size_t length, const char *word) {
    for (size_t i = 0; i < length; i++) {
        if (tolower((unsigned char)text[i]) != word[i]) {
            return false;
        }
    }
    return word[length] == '\0';
}

static uint8_t find_word(const char *text, const name_rank *list, size_t n) {
    if (text == NULL) {
        return 0;
    }
    while (isspace((unsigned char)*text)) {
        text++;
    }
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1])) {
        length--;
    }
    if (length > 5 && same_word(text + length - 5, 5, "_link")) {
        length -= 5;
    }
    for (size_t i = 0; length > 0 && i < n; i++) {
        if (strlen(list[i].name) == length && same_word(text, length, list[i].name)) {
            return list[i].rank;
        }
    }
    return 0;
}

static uint8_t find_part(const char *text) {
    for (size_t i = 0; text != NULL && i < sizeof chinese / sizeof *chinese; i++) {
        if (strstr(text, chinese[i].name) != NULL) {
            return chinese[i].rank;
        }
    }
    return 0;
}

uint8_t wg_barrier_rank(const char *kind, const char *class_name) {
    uint8_t rank = find_word(class_name, classes, sizeof classes / sizeof *classes);
    if (rank == 0) {
        rank = find_part(class_name);
    }
    if (rank == 0) {
        rank = find_word(kind, kinds, sizeof kinds / sizeof *kinds);
    }
    if (rank == 0) {
        rank = find_word(kind, classes, sizeof classes / sizeof *classes);
    }
    rank = rank != 0 ? rank : find_part(kind);
    return rank != 0 ? rank : WG_RANK_MINOR;
}
