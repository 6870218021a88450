/**
 * Streets as streamlines of the field, the main roads first, each keeping its distance from like ones (Jobard & Lefer,
 * Creating evenly-spaced streamlines, 1997). An end that finds no road to meet goes back to its last crossing.
 */
#include "citygen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

#define STEP_M 15.0
enum { MOST_STEPS = 900 };

/** Lines in the grids: numbers of roads, then these. */
enum { LINE_NO_OUTLINE = 0x40000000, LINE_NO_RAIL, LINE_NO_RIVER };

typedef struct join {
    uint32_t road;
    vec at;
} join;

typedef struct tracer {
    town_map *t;
    wg_random random;
    grid segments; /**< of every line */
    grid points;   /**< places and directions, for the distance between like roads */
    join *joins;
    uint32_t n_joins;
    size_t joins_capacity;
    int level;    /**< LINE_TRUNK .. LINE_BRANCH */
    bool country; /**< branch roads between villages: far apart, anywhere */
    bool may_bridge;
} tracer;

/** Half of a street: from its seed one way. */
typedef struct half {
    path line;
    uint32_t met;         /**< road joined at the end; NONE: open end */
    uint32_t first, last; /**< points up to and with the first and the last crossing; 0 for none */
    uint32_t crossings;
    bool blocked; /**< by water or rails */
} half;

static double separation(const tracer *tr, vec p) {
    const double urban = field_urban(tr->t, p);
    switch (tr->level) {
    case LINE_TRUNK:
        return 1500 - 450 * urban;
    case LINE_SECONDARY:
        return 430 + 480 * (1 - urban);
    default:
        return tr->country ? 560 - 250 * urban : 150 + 150 * (1 - urban);
    }
}

uint32_t town_add_road(town_map *t, path line, enum line_class class, uint32_t name) {
    if (!WG_RESERVE(t->roads, t->roads_capacity, (size_t)t->n_roads + 1)) {
        need(NULL);
    }
    t->roads[t->n_roads] = (town_road){.line = line, .class = class, .name = name};
    return t->n_roads++;
}

static void index_points(tracer *tr, const path *line, uint32_t number) {
    const double length = path_length(line);
    for (double at = 0; at <= length; at += STEP_M) {
        vec along;
        const vec p = path_at(line, at, &along);
        grid_add_point(&tr->points, p, along, number, 0);
    }
}

static void index_segments(tracer *tr, const path *line, uint32_t number) {
    for (uint32_t i = 0; i + 1 < line->n; i++) {
        grid_add_segment(&tr->segments, line->at[i], line->at[i + 1], number, i);
    }
}

static bool too_near(const tracer *tr, vec p, vec along, double distance) {
    const grid *g = &tr->points;
    int32_t low[2], high[2];
    grid_cell(g, (vec){p.x - distance, p.y - distance}, &low[0], &low[1]);
    grid_cell(g, (vec){p.x + distance, p.y + distance}, &high[0], &high[1]);
    for (int32_t row = low[1]; row <= high[1]; row++) {
        for (int32_t column = low[0]; column <= high[0]; column++) {
            for (int32_t e = grid_first(g, column, row); e >= 0; e = g->entries[e].next) {
                const grid_entry *entry = &g->entries[e];
                const vec off = vec_sub(entry->a, p);
                if (vec_dot(off, off) < distance * distance && fabs(vec_dot(along, entry->b)) > 0.75) {
                    return true;
                }
            }
        }
    }
    return false;
}

static vec heading_at(const tracer *tr, vec p, int family, vec before) {
    const vec along = vec_of_angle(field_angle(tr->t, p) + (family == 1 ? M_PI_2 : 0));
    return vec_dot(along, before) < 0 ? vec_scale(along, -1) : along;
}

/** What a step does at a line that it meets. */
enum meeting { PASS, STOP, JOIN };

static enum meeting meet(tracer *tr, const grid_entry *entry, vec heading) {
    const double across = fabs(vec_cross(vec_unit(vec_sub(entry->b, entry->a)), heading));
    const bool branch = tr->level == LINE_BRANCH;
    switch (entry->line) {
    case LINE_NO_OUTLINE:
        return JOIN;
    case LINE_NO_RAIL:
        return branch || across < 0.5 ? STOP : PASS;
    case LINE_NO_RIVER:
        return tr->may_bridge && across > 0.5 ? PASS : STOP;
    default:
        break;
    }
    if (across < 0.42) {
        return JOIN;
    }
    const bool higher = (int)tr->t->roads[entry->line].class < tr->level;
    const double stop = branch ? (higher ? 0.36 : 0.17) : tr->level == LINE_SECONDARY ? (higher ? 0.16 : 0.10) : 0.12;
    return random_chance(&tr->random, stop) ? JOIN : PASS;
}

static bool loops_back(const half *h, vec p) {
    for (uint32_t i = 0; i + 24 < h->line.n; i++) {
        if (vec_distance(h->line.at[i], p) < 60) {
            return true;
        }
    }
    return false;
}

static bool no_road(const grid_entry *entry, const void *user) {
    (void)user;
    return entry->line == LINE_NO_RAIL || entry->line == LINE_NO_RIVER;
}

/** Where a road ends at a line: at a vertex of the town's outline, anywhere on others. */
static vec end_at(const grid_entry *entry, vec p) {
    if (entry->line != LINE_NO_OUTLINE) {
        return p;
    }
    return vec_distance(p, entry->a) < vec_distance(p, entry->b) ? entry->a : entry->b;
}

/** Look ahead from an open end for a road to end at; else go back to the last crossing. */
static void finish_half(tracer *tr, half *h, vec heading) {
    const vec end = h->line.at[h->line.n - 1];
    const double reach = fmin(0.9 * separation(tr, end), 420);
    double t, wet;
    const vec ahead = vec_add(end, vec_scale(heading, reach));
    const grid_entry *entry = grid_hit(&tr->segments, end, ahead, no_road, NULL, &t);
    const grid_entry *any = grid_hit(&tr->segments, end, ahead, NULL, NULL, &wet);
    if (entry != NULL && any == entry) {
        path_push(&h->line, end_at(entry, vec_lerp(end, ahead, t)));
        h->met = entry->line;
        return;
    }
    double stub = 0;
    for (uint32_t i = h->last > 0 ? h->last : 1; i < h->line.n; i++) {
        stub += vec_distance(h->line.at[i - 1], h->line.at[i]);
    }
    if (h->blocked || tr->level < LINE_BRANCH || stub > 170 || stub < 50 || random_chance(&tr->random, 0.6)) {
        h->line.n = h->last > 0 ? h->last : 1; /* a crossing is a point of the line */
    }
}

static half trace_half(tracer *tr, vec seed, int family, double sign) {
    half h = {.met = NONE};
    path_push(&h.line, seed);
    vec p = seed;
    vec heading = vec_scale(vec_of_angle(field_angle(tr->t, p) + (family == 1 ? M_PI_2 : 0)), sign);
    for (uint32_t step = 0; step < MOST_STEPS; step++) {
        const vec first = heading_at(tr, p, family, heading);
        heading = heading_at(tr, vec_add(p, vec_scale(first, STEP_M / 2)), family, first);
        const vec next = vec_add(p, vec_scale(heading, STEP_M));
        double t = 1;
        const grid_entry *entry = grid_hit(&tr->segments, p, next, NULL, NULL, &t);
        if (entry != NULL && (t > 1e-6 || step > 0)) {
            const enum meeting what = meet(tr, entry, heading);
            const vec at = vec_lerp(p, next, t);
            if (what == STOP) {
                h.blocked = true;
                break;
            }
            path_push(&h.line, what == JOIN ? end_at(entry, at) : at);
            if (entry->line != LINE_NO_RAIL && entry->line != LINE_NO_RIVER) {
                h.last = h.line.n;
                h.first = h.first > 0 ? h.first : h.last;
                h.crossings++;
            }
            if (what == JOIN) {
                h.met = entry->line;
                return h;
            }
        }
        if (too_near(tr, next, heading, 0.55 * separation(tr, next)) || loops_back(&h, next) ||
            (tr->level == LINE_BRANCH && !tr->country && field_urban(tr->t, next) < 0.22)) {
            break;
        }
        path_push(&h.line, next);
        p = next;
    }
    finish_half(tr, &h, heading);
    return h;
}

static void note_join(tracer *tr, const half *h) {
    if (h->met < LINE_NO_OUTLINE && h->line.n > 0) {
        if (!WG_RESERVE(tr->joins, tr->joins_capacity, (size_t)tr->n_joins + 1)) {
            need(NULL);
        }
        tr->joins[tr->n_joins++] = (join){h->met, h->line.at[h->line.n - 1]};
    }
}

/** Drop a few metres left over beyond a crossing just before the end of a half. */
static void trim_stub(half *h) {
    if (h->last > 1 && h->last < h->line.n) {
        double stub = 0;
        for (uint32_t i = h->last; i < h->line.n; i++) {
            stub += vec_distance(h->line.at[i - 1], h->line.at[i]);
        }
        if (stub < 30) {
            h->line.n = h->last;
            h->met = NONE;
        }
    }
}

/** Where one half came to nothing, its seed would be a loose end: the other half begins at its first crossing. */
static void trim_start(half *gone, half *h) {
    if (gone->line.n == 1 && gone->met == NONE && h->line.n > 0) {
        const uint32_t drop = h->first > 0 ? h->first - 1 : h->line.n - 1;
        memmove(h->line.at, h->line.at + drop, (h->line.n - drop) * sizeof *h->line.at);
        h->line.n -= drop;
        gone->line.n = 0;
    }
}

static void trace(tracer *tr, vec seed, int family, double least, uint32_t *names) {
    const vec along = vec_of_angle(field_angle(tr->t, seed) + (family == 1 ? M_PI_2 : 0));
    if (too_near(tr, seed, along, separation(tr, seed))) {
        return;
    }
    tr->may_bridge = tr->level == LINE_TRUNK || (tr->level == LINE_SECONDARY && random_chance(&tr->random, 0.4));
    half back = trace_half(tr, seed, family, -1), on = trace_half(tr, seed, family, 1);
    trim_stub(&back);
    trim_stub(&on);
    trim_start(&back, &on);
    trim_start(&on, &back);
    const bool held = back.crossings + on.crossings > 0 || back.met != NONE || on.met != NONE;
    if (held && path_length(&back.line) + path_length(&on.line) >= least) {
        note_join(tr, &back);
        note_join(tr, &on);
        path line = path_copy(&back.line);
        path_reverse(&line);
        path_append(&line, &on.line, back.line.n > 0);
        path_simplify(&line, 0.5);
        const uint32_t number = town_add_road(tr->t, line, (enum line_class)tr->level, (*names)++);
        tr->t->roads[number].dual = tr->level == LINE_TRUNK && random_chance(&tr->random, 0.45);
        index_points(tr, &line, number);
        index_segments(tr, &line, number);
    }
    path_free(&back.line);
    path_free(&on.line);
}

static void trace_level(tracer *tr, enum line_class class, uint32_t *names) {
    static const double least[] = {0, 900, 380, 110}, tries_per_km2[] = {0, 22, 60, 420};
    tr->level = (int)class;
    const double km2 = area_size(&tr->t->shape) / 1e6;
    const uint32_t tries = 40 + (uint32_t)(tries_per_km2[class] * km2);
    const double side = sqrt(km2) * 1000;
    for (uint32_t i = 0; i < tries; i++) {
        const vec seed = random_in(&tr->random, tr->t->low, tr->t->high);
        const bool dense = class != LINE_BRANCH || tr->country || field_urban(tr->t, seed) > 0.27;
        if (dense && area_contains(&tr->t->shape, seed)) {
            trace(tr, seed, (int)(i & 1), fmin(least[class], 0.4 * side), names);
        }
    }
}

static void add_line_road(tracer *tr, path line, enum line_class class, uint32_t name) {
    path_simplify(&line, 0.5);
    const uint32_t number = town_add_road(tr->t, line, class, name);
    index_points(tr, &line, number);
    index_segments(tr, &line, number);
}

/** Roads along the banks, clipped to the town. */
static void add_riverside(tracer *tr, uint32_t *names) {
    town_map *t = tr->t;
    for (int side = -1; side <= 1 && t->river.n > 0; side += 2) {
        path line = {0};
        for (uint32_t i = 0; i + 1 < t->river.n; i++) {
            const vec along = vec_unit(vec_sub(t->river.at[i + 1], t->river.at[i]));
            const double off =
                river_width(t->where, t->river.at[i]) / 2 + 24 + 26 * noise(t->where, 41, t->river.at[i], 700);
            path_push(&line, vec_place(t->river.at[i], along, 0, side * off));
        }
        path_smooth(&line, 1);
        uint32_t n;
        path *parts = shape_clip_line(t, &line, &t->shape, &n);
        for (uint32_t i = 0; i < n; i++) {
            if (path_length(&parts[i]) > 300) {
                add_line_road(tr, parts[i], LINE_SECONDARY, *names);
            } else {
                path_free(&parts[i]);
            }
        }
        (*names)++;
        free(parts);
        path_free(&line);
    }
}

/** Roads along the town's own sides; one between two towns is written by the eastern or northern. */
static void add_sides(tracer *tr, uint32_t *names) {
    town_map *t = tr->t;
    const city_plan *where = t->where;
    const uint32_t column = t->number % where->columns;
    const bool shared[4] = {false, column + 1 < where->columns && t->number + 1 < where->towns,
                            t->number + where->columns < where->towns, false};
    for (uint8_t side = 0; side < 4; side++) {
        if (shared[side] || !town_edge_is_road(where, t->number, side)) {
            continue;
        }
        path line = {0};
        for (uint32_t i = 0; i < t->outline.n; i++) {
            if (t->outline_edge[i] == side) {
                path_push(&line, t->outline.at[i]);
                if (i + 1 == t->outline.n || t->outline_edge[i + 1] != side) {
                    path_push(&line, t->outline.at[(i + 1) % t->outline.n]);
                }
            }
        }
        town_add_road(t, line, LINE_SECONDARY, (*names)++);
    }
}

/** A road that ends at another shares a vertex with it. */
static void insert_joins(tracer *tr) {
    for (uint32_t i = 0; i < tr->n_joins; i++) {
        path *line = &tr->t->roads[tr->joins[i].road].line;
        uint32_t segment = 0;
        vec foot;
        const double off = path_nearest(line, tr->joins[i].at, &segment, &foot);
        if (off < 0.01 && vec_distance(tr->joins[i].at, line->at[segment]) > 0.01 &&
            vec_distance(tr->joins[i].at, line->at[segment + 1]) > 0.01) {
            path_insert(line, segment + 1, tr->joins[i].at);
        }
    }
}

void streets_make(town_map *t) {
    tracer tr = {.t = t, .random = town_random(t, "streets")};
    const vec margin = {500, 500};
    grid_init(&tr.segments, vec_sub(t->low, margin), vec_add(t->high, margin), 60);
    grid_init(&tr.points, vec_sub(t->low, margin), vec_add(t->high, margin), 120);
    path outline = path_copy(&t->outline);
    path_push(&outline, outline.at[0]);
    index_segments(&tr, &outline, LINE_NO_OUTLINE);
    index_points(&tr, &outline, LINE_NO_OUTLINE);
    path_free(&outline);
    index_segments(&tr, &t->railway, LINE_NO_RAIL);
    index_points(&tr, &t->railway, LINE_NO_RAIL);
    path banks[2];
    town_banks(t, banks);
    for (int i = 0; i < 2; i++) {
        index_segments(&tr, &banks[i], LINE_NO_RIVER);
        path_free(&banks[i]);
    }
    uint32_t names[4] = {0};
    add_riverside(&tr, &names[LINE_SECONDARY]);
    trace_level(&tr, LINE_TRUNK, &names[LINE_TRUNK]);
    trace_level(&tr, LINE_SECONDARY, &names[LINE_SECONDARY]);
    trace_level(&tr, LINE_BRANCH, &names[LINE_BRANCH]);
    tr.country = true;
    trace_level(&tr, LINE_BRANCH, &names[LINE_BRANCH]);
    add_sides(&tr, &names[LINE_SECONDARY]);
    insert_joins(&tr);
    grid_release(&tr.segments);
    grid_release(&tr.points);
    free(tr.joins);
}

static bool same_road(const grid_entry *entry, const void *user) {
    return entry->line == *(const uint32_t *)user || entry->line == NONE;
}

static bool open_ground(const town_map *t, vec middle, double reach) {
    for (uint32_t i = 0; i < t->n_corners; i++) {
        if (vec_distance(t->corners[i], middle) < reach) {
            return false;
        }
    }
    return true;
}

/** A ring around some crossing of two wide roads where no building is in the way. */
void streets_roundabout(town_map *t) {
    const double radius = 18;
    for (uint32_t i = 0; i < t->n_roads; i++) {
        const town_road *r = &t->roads[i];
        for (uint32_t k = 2; k + 3 < r->line.n && r->class == LINE_SECONDARY; k++) {
            double at;
            const grid_entry *entry = grid_hit(&t->lines, r->line.at[k], r->line.at[k + 1], same_road, &i, &at);
            if (entry == NULL || entry->index > LINE_SECONDARY || at <= 0 || at >= 1) {
                continue;
            }
            const vec middle = vec_lerp(r->line.at[k], r->line.at[k + 1], at);
            if (!t->roads[entry->line].dual && open_ground(t, middle, radius + 4)) {
                path ring = {0};
                for (int a = 0; a <= 24; a++) {
                    path_push(&ring, vec_add(middle, vec_scale(vec_of_angle((a % 24) * M_PI / 12), radius)));
                }
                town_add_road(t, ring, LINE_SECONDARY, NONE);
                return;
            }
        }
    }
}
