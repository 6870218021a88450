#include "citygen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"

double random_between(wg_random *random, double low, double high) {
    return low + (high - low) * wg_random_unit(random);
}

bool random_chance(wg_random *random, double share) {
    return wg_random_unit(random) < share;
}

double random_normal(wg_random *random) {
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        sum += wg_random_unit(random);
    }
    return sum;
}

vec random_in(wg_random *random, vec low, vec high) {
    const double x = random_between(random, low.x, high.x);
    return (vec){x, random_between(random, low.y, high.y)};
}

vec random_near(wg_random *random, vec p, double deviation) {
    const double x = p.x + deviation * random_normal(random);
    return (vec){x, p.y + deviation * random_normal(random)};
}

static double hash_unit(const city_plan *where, uint32_t what, int64_t x, int64_t y) {
    uint64_t h = wg_hash_u64(where->options->seed + UINT64_C(0x9e3779b97f4a7c15) * (what + 1));
    h = wg_hash_u64(h ^ (uint64_t)x * UINT64_C(0xd6e8feb86659fd93));
    h = wg_hash_u64(h ^ (uint64_t)y * UINT64_C(0xa0761d6478bd642f));
    return (double)(h >> 11) * 0x1.0p-53;
}

double noise(const city_plan *where, uint32_t what, vec p, double wave) {
    const double x = p.x / wave, y = p.y / wave;
    const double left = floor(x), low = floor(y);
    const double u = x - left, v = y - low;
    const double su = u * u * (3 - 2 * u), sv = v * v * (3 - 2 * v);
    const int64_t i = (int64_t)left, j = (int64_t)low;
    const double a = hash_unit(where, what, i, j), b = hash_unit(where, what, i + 1, j);
    const double c = hash_unit(where, what, i, j + 1), d = hash_unit(where, what, i + 1, j + 1);
    return (a + (b - a) * su) * (1 - sv) + (c + (d - c) * su) * sv;
}

static vec corner(const city_plan *where, uint32_t column, uint32_t row) {
    const double dx = hash_unit(where, 1, column, row) - 0.5, dy = hash_unit(where, 2, column, row) - 0.5;
    return (vec){((double)column - where->columns / 2.0 + dx * 0.22) * where->side,
                 ((double)row - where->rows / 2.0 + dy * 0.22) * where->side};
}

/**
 * A side of a town between two corners: four times the middle moved, then smoothed. It has a vertex every 25 m for the
 * roads of either town to end at, so that neither puts one where the other does not know of it.
 */
static path side_line(const city_plan *where, vec a, vec b, uint32_t what, int64_t x, int64_t y) {
    path line = {0};
    path_push(&line, a);
    path_push(&line, b);
    double reach = 0.24 * vec_distance(a, b);
    for (int level = 0; level < 4; level++, reach *= 0.52) {
        for (uint32_t i = line.n - 1; i >= 1; i--) {
            const double move = (hash_unit(where, what * 8 + (uint32_t)level, x * 64 + i, y) - 0.5) * reach;
            const vec along = vec_unit(vec_sub(line.at[i], line.at[i - 1]));
            path_insert(&line, i, vec_place(vec_lerp(line.at[i - 1], line.at[i], 0.5), along, 0, move));
        }
    }
    path_smooth(&line, 2);
    path_simplify(&line, 0.8);
    path dense = {0};
    for (uint32_t i = 0; i + 1 < line.n; i++) {
        const uint32_t parts = 1 + (uint32_t)(vec_distance(line.at[i], line.at[i + 1]) / 25);
        for (uint32_t k = 0; k < parts; k++) {
            path_push(&dense, vec_lerp(line.at[i], line.at[i + 1], (double)k / parts));
        }
    }
    path_push(&dense, line.at[line.n - 1]);
    path_free(&line);
    return dense;
}

static path side_of(const city_plan *where, uint32_t column, uint32_t row, int edge) {
    switch (edge) {
    case 0:
        return side_line(where, corner(where, column, row), corner(where, column + 1, row), 3, column, row);
    case 1:
        return side_line(where, corner(where, column + 1, row), corner(where, column + 1, row + 1), 4, column + 1, row);
    case 2:
        return side_line(where, corner(where, column, row + 1), corner(where, column + 1, row + 1), 3, column, row + 1);
    default:
        return side_line(where, corner(where, column, row), corner(where, column, row + 1), 4, column, row);
    }
}

path town_outline(const city_plan *where, uint32_t town, uint8_t **edge) {
    const uint32_t column = town % where->columns, row = town / where->columns;
    path ring = {0};
    uint32_t ends[4];
    for (int side = 0; side < 4; side++) {
        path line = side_of(where, column, row, side);
        if (side >= 2) {
            path_reverse(&line);
        }
        path_append(&ring, &line, ring.n > 0);
        ends[side] = ring.n - 1;
        path_free(&line);
    }
    ring.n--; /* back at the first corner */
    if (edge != NULL) {
        *edge = need(wg_malloc(ring.n, 1));
        for (uint32_t i = 0; i < ring.n; i++) {
            (*edge)[i] = (uint8_t)(i < ends[0] ? 0 : i < ends[1] ? 1 : i < ends[2] ? 2 : 3);
        }
    }
    return ring;
}

bool town_edge_is_road(const city_plan *where, uint32_t town, int edge) {
    const uint32_t column = town % where->columns, row = town / where->columns;
    if (edge == 0 || edge == 2) {
        return hash_unit(where, 5, column, row + (edge == 2)) < 0.5;
    }
    return hash_unit(where, 6, column + (edge == 1), row) < 0.5;
}

void place_init(city_plan *where, const options *choice) {
    *where = (city_plan){.options = choice};
    const double share = (double)choice->buildings / TOWN_BUILDINGS;
    where->towns = share < 1.5 ? 1 : (uint32_t)lround(share);
    where->columns = (uint32_t)ceil(sqrt(where->towns));
    where->rows = (where->towns + where->columns - 1) / where->columns;
    const double size = TOWN_AREA_M2 * share * (choice->buildings < HAMLET_BUILDINGS ? 0.6 : 1);
    where->side = sqrt(size / where->towns);
    double total = 0;
    for (uint32_t town = 0; town < where->towns; town++) {
        path ring = town_outline(where, town, NULL);
        total += ring_area(ring.at, ring.n);
        path_free(&ring);
    }
    where->side *= sqrt(size / total);
}

/** A slow wave of the given amplitude around a straight middle, a function of the place alone. */
static double wave_line(const city_plan *where, uint32_t what, uint32_t number, double along) {
    const double s = where->side, z = (double)number * 7919.0;
    const double slow = noise(where, what, (vec){along, z}, 0.52 * s) - 0.5;
    const double fast = noise(where, what + 1, (vec){along, z}, 0.19 * s) - 0.5;
    return s * (0.34 * slow + 0.09 * fast);
}

path town_river(const city_plan *where, uint32_t town) {
    const uint32_t column = town % where->columns, row = town / where->columns;
    path line = {0};
    if (row % 2 == 1 || where->side < 2500) {
        return line;
    }
    const double middle = ((double)row - where->rows / 2.0 + 0.36) * where->side;
    const double from = ((double)column - where->columns / 2.0 - 0.5) * where->side;
    for (double x = 30 * floor(from / 30); x < from + 2 * where->side; x += 30) {
        path_push(&line, (vec){x, middle + wave_line(where, 10, row, x)});
    }
    return line;
}

double river_width(const city_plan *where, vec p) {
    return 90 + 90 * noise(where, 14, p, 1400);
}

path town_railway(const city_plan *where, uint32_t town) {
    const uint32_t column = town % where->columns, row = town / where->columns;
    path line = {0};
    if (column % 3 != 0 || where->side < 2500) {
        return line;
    }
    const double middle = ((double)column - where->columns / 2.0 + 0.72) * where->side;
    const double from = ((double)row - where->rows / 2.0 - 0.5) * where->side;
    for (double y = 60 * floor(from / 60); y < from + 2 * where->side; y += 60) {
        path_push(&line, (vec){middle + 0.8 * wave_line(where, 12, column, y), y});
    }
    path_smooth(&line, 2);
    return line;
}
