/** A random city for the tests of reports: cells on a lattice, communities, streets, buildings, workers, incidents. */
#ifndef WG_TESTS_REPORT_CITY_H
#define WG_TESTS_REPORT_CITY_H

#include <stdio.h>

#include "core/random.h"
#include "model/contract.h"
#include "shapes.h"

typedef struct report_city {
    wg_layer *cells, *communities, *levels, *buildings, *shares, *workers, *incidents;
} report_city;

static inline void city_text(wg_layer *layer, size_t row, const char *column, const char *value) {
    (void)wg_layer_set_text(NULL, layer, row, wg_layer_column(layer, column), value);
}
static inline void city_number(wg_layer *layer, size_t row, const char *column, double value) {
    const uint32_t index = wg_layer_column(layer, column);
    if (wg_layer_column_type(layer, index) == WG_INTEGER) {
        (void)wg_layer_set_integer(NULL, layer, row, index, (int64_t)value);
    } else {
        (void)wg_layer_set_real(NULL, layer, row, index, value);
    }
}
static inline wg_layer *city_layer(const char *name) {
    wg_layer *layer = NULL;
    if (wg_contract_new_layer(NULL, name, "EPSG:32650", &layer) != WG_OK) {
        abort();
    }
    return layer;
}

/** Text of a moment `seconds` after 2025-01-01 00:00. */
static inline void city_time(uint32_t seconds, char text[32]) {
    const uint32_t day = seconds / 86400;
    static const uint32_t months[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t month = 0;
    uint32_t rest = day;
    while (month < 11 && rest >= months[month]) {
        rest -= months[month++];
    }
    (void)snprintf(text, 32, "2025-%02u-%02u %02u:%02u:%02u", month + 1, rest + 1, seconds / 3600 % 24,
                   seconds / 60 % 60, seconds % 60);
}

static inline void city_levels(report_city *city, uint32_t communities, uint32_t streets) {
    char code[32];
    char parent[32];
    for (uint32_t s = 0; s < streets; s++) {
        const size_t row = shape_box_row(city->levels, s, -10, s + 1, -9);
        (void)snprintf(code, sizeof code, "S%u", s);
        city_text(city->levels, row, "code", code);
        city_text(city->levels, row, "level", "street");
    }
    for (uint32_t c = 0; c < communities; c++) {
        const size_t row = shape_box_row(city->levels, c, -20, c + 1, -19);
        (void)snprintf(code, sizeof code, "C%u", c);
        (void)snprintf(parent, sizeof parent, "S%u", c % streets);
        city_text(city->levels, row, "code", code);
        city_text(city->levels, row, "parent", parent);
        city_text(city->levels, row, "level", "community");
    }
}

/** Communities are columns of a lattice of 100 m cells, `high` cells each. */
static inline void city_land(report_city *city, uint32_t communities, uint32_t high) {
    static const char *const states[] = {"ok", "under", "over", "ok"};
    char code[32];
    for (uint32_t c = 0; c < communities; c++) {
        const size_t row = shape_box_row(city->communities, c * 100.0, 0, c * 100.0 + 100.0, high * 100.0);
        (void)snprintf(code, sizeof code, "C%u", c);
        city_text(city->communities, row, "code", code);
        city_number(city->communities, row, "area_m2", high * 10000.0);
        for (uint32_t k = 0; k < high; k++) {
            char cell[32];
            const size_t at = shape_box_row(city->cells, c * 100.0, k * 100.0, c * 100.0 + 100.0, k * 100.0 + 100.0);
            (void)snprintf(cell, sizeof cell, "C%u%03u", c, k + 1);
            city_text(city->cells, at, "code", cell);
            city_text(city->cells, at, "community", code);
            city_text(city->cells, at, "status", states[(c + k) % 4]);
            city_number(city->cells, at, "area_m2", 10000.0);
        }
    }
}

static inline void city_people(report_city *city, wg_random *random, uint32_t communities, uint32_t high,
                               uint32_t buildings) {
    char id[32];
    char code[32];
    char cell[32];
    for (uint32_t b = 0; b < buildings; b++) {
        const uint32_t c = wg_random_below(random, communities);
        const uint32_t k = wg_random_below(random, high);
        const double x = c * 100.0 + wg_random_below(random, 90);
        const double y = k * 100.0 + wg_random_below(random, 90);
        const size_t row = shape_box_row(city->buildings, x, y, x + 8.0, y + 8.0);
        (void)snprintf(id, sizeof id, "B%u", b);
        (void)snprintf(code, sizeof code, "C%u", c);
        (void)snprintf(cell, sizeof cell, "C%u%03u", c, k + 1);
        city_text(city->buildings, row, "id", id);
        const uint32_t kind = wg_random_below(random, 20);
        if (kind > 0) {
            city_text(city->buildings, row, "community", code); /* else outside all communities */
        }
        if (kind > 1) {
            city_text(city->buildings, row, "cell", cell); /* else in no cell */
        }
        if (wg_random_below(random, 10) > 0) {
            city_number(city->buildings, row, "households", wg_random_below(random, 60));
            city_number(city->buildings, row, "population", wg_random_below(random, 150));
        }
    }
    for (uint32_t w = 0; w < communities * high; w++) {
        const size_t row = shape_box_row(city->workers, 0, 0, 1, 1);
        (void)snprintf(id, sizeof id, "W%u", wg_random_below(random, communities * high)); /* some of them twice */
        (void)snprintf(cell, sizeof cell, "C%u%03u", wg_random_below(random, communities),
                       wg_random_below(random, high) + 1);
        city_text(city->workers, row, "id", id);
        city_text(city->workers, row, "role", w % 3 == 0 ? "lead" : "full");
        city_text(city->workers, row, "cell", cell);
        city_number(city->workers, row, "fte", 0.5 + 0.5 * wg_random_below(random, 2));
    }
}

static inline void city_events(report_city *city, wg_random *random, uint32_t communities, uint32_t high,
                               uint32_t incidents) {
    static const char *const kinds[] = {"noise", "waste", "dispute", ""};
    char text[32];
    char cell[32];
    for (uint32_t i = 0; i < incidents; i++) {
        size_t row;
        (void)wg_layer_add_row(NULL, city->incidents, NULL, 0, &row);
        const uint32_t opened = wg_random_below(random, 300 * 86400);
        if (wg_random_below(random, 30) > 0) {
            city_time(opened, text);
            city_text(city->incidents, row, "opened", text);
        }
        if (wg_random_below(random, 4) > 0) {
            city_time(opened + 86400 * wg_random_below(random, 6), text);
            city_text(city->incidents, row, "due", text);
        }
        const uint32_t closing = wg_random_below(random, 10);
        if (closing > 2) { /* one in ten before it was opened */
            city_time(closing == 3 && opened > 90000 ? opened - 90000 : opened + wg_random_below(random, 8 * 86400),
                      text);
            city_text(city->incidents, row, "closed", text);
        } else {
            city_text(city->incidents, row, "status", closing == 0 ? "closed" : closing == 1 ? "handled" : "open");
        }
        city_text(city->incidents, row, "category", kinds[wg_random_below(random, 4)]);
        if (wg_random_below(random, 12) > 0) {
            (void)snprintf(cell, sizeof cell, "C%u%03u", wg_random_below(random, communities),
                           wg_random_below(random, high) + 1);
            city_text(city->incidents, row, "cell", cell);
        }
    }
}

static inline void city_make(report_city *city, uint64_t seed, uint32_t communities, uint32_t high, uint32_t buildings,
                             uint32_t incidents) {
    wg_random random;
    wg_random_seed(&random, seed, "city");
    *city =
        (report_city){city_layer("cells"),  city_layer("communities"), city_layer("levels"),   city_layer("buildings"),
                      city_layer("shares"), city_layer("workers"),     city_layer("incidents")};
    city_levels(city, communities, communities > 2 ? 2 : 1);
    city_land(city, communities, high);
    city_people(city, &random, communities, high, buildings);
    city_events(city, &random, communities, high, incidents);
}

static inline void city_free(report_city *city) {
    wg_layer *layers[] = {city->cells,  city->communities, city->levels,   city->buildings,
                          city->shares, city->workers,     city->incidents};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        wg_layer_free(layers[i]);
    }
}

#endif
