#include "geom.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("wangge-citygen: error: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

void *need(void *block) {
    if (block == NULL) {
        die("out of memory");
    }
    return block;
}

vec vec_unit(vec a) {
    const double length = vec_length(a);
    return length > 0 ? vec_scale(a, 1 / length) : (vec){1, 0};
}

vec vec_of_angle(double a) {
    return (vec){cos(a), sin(a)};
}

vec vec_place(vec origin, vec axis, double along, double across) {
    return (vec){origin.x + axis.x * along - axis.y * across, origin.y + axis.y * along + axis.x * across};
}

void path_push(path *line, vec p) {
    if (!WG_RESERVE(line->at, line->capacity, (size_t)line->n + 1)) {
        need(NULL);
    }
    line->at[line->n++] = p;
}

void path_insert(path *line, uint32_t before, vec p) {
    path_push(line, p);
    memmove(line->at + before + 1, line->at + before, (line->n - 1 - before) * sizeof *line->at);
    line->at[before] = p;
}

void path_reverse(path *line) {
    for (uint32_t i = 0; i < line->n / 2; i++) {
        const vec swap = line->at[i];
        line->at[i] = line->at[line->n - 1 - i];
        line->at[line->n - 1 - i] = swap;
    }
}

void path_append(path *line, const path *more, bool skip_first) {
    for (uint32_t i = skip_first ? 1 : 0; i < more->n; i++) {
        path_push(line, more->at[i]);
    }
}

path path_copy(const path *line) {
    path copy = {0};
    path_append(&copy, line, false);
    return copy;
}

void path_free(path *line) {
    free(line->at);
    *line = (path){0};
}

double path_length(const path *line) {
    double length = 0;
    for (uint32_t i = 1; i < line->n; i++) {
        length += vec_distance(line->at[i - 1], line->at[i]);
    }
    return length;
}

vec path_at(const path *line, double distance, vec *direction) {
    for (uint32_t i = 1; i < line->n; i++) {
        const double length = vec_distance(line->at[i - 1], line->at[i]);
        if (distance <= length || i + 1 == line->n) {
            if (direction != NULL) {
                *direction = vec_unit(vec_sub(line->at[i], line->at[i - 1]));
            }
            const double t = length > 0 ? fmin(fmax(distance / length, 0), 1) : 0;
            return vec_lerp(line->at[i - 1], line->at[i], t);
        }
        distance -= length;
    }
    if (direction != NULL) {
        *direction = (vec){0, 1}; /* a path of one point: north, so that it is a unit vector always */
    }
    return line->n > 0 ? line->at[0] : (vec){0, 0};
}

double path_nearest(const path *line, vec p, uint32_t *segment, vec *foot) {
    double best = HUGE_VAL;
    for (uint32_t i = 1; i < line->n; i++) {
        vec at;
        const double distance = segment_distance(p, line->at[i - 1], line->at[i], &at);
        if (distance < best) {
            best = distance;
            *segment = i - 1;
            *foot = at;
        }
    }
    return best;
}

static void mark_kept(const path *line, uint32_t from, uint32_t to, double tolerance, bool *keep) {
    double worst = tolerance;
    uint32_t at = 0;
    for (uint32_t i = from + 1; i < to; i++) {
        const double off = segment_distance(line->at[i], line->at[from], line->at[to], NULL);
        if (off > worst) {
            worst = off;
            at = i;
        }
    }
    if (at != 0) {
        keep[at] = true;
        mark_kept(line, from, at, tolerance, keep);
        mark_kept(line, at, to, tolerance, keep);
    }
}

void path_simplify(path *line, double tolerance) {
    if (line->n < 3) {
        return;
    }
    bool *keep = need(wg_calloc(line->n, sizeof *keep));
    keep[0] = keep[line->n - 1] = true;
    mark_kept(line, 0, line->n - 1, tolerance, keep);
    uint32_t n = 0;
    for (uint32_t i = 0; i < line->n; i++) {
        if (keep[i]) {
            line->at[n++] = line->at[i];
        }
    }
    line->n = n;
    free(keep);
}

void path_smooth(path *line, int rounds) {
    for (int round = 0; round < rounds && line->n > 2; round++) {
        path cut = {0};
        path_push(&cut, line->at[0]);
        for (uint32_t i = 0; i + 1 < line->n; i++) {
            if (i > 0) {
                path_push(&cut, vec_lerp(line->at[i], line->at[i + 1], 0.25));
            }
            if (i + 2 < line->n) {
                path_push(&cut, vec_lerp(line->at[i], line->at[i + 1], 0.75));
            }
        }
        path_push(&cut, line->at[line->n - 1]);
        path_free(line);
        *line = cut;
    }
}

path path_offset(const path *line, double distance) {
    path moved = {0};
    for (uint32_t i = 0; i < line->n; i++) {
        const vec before = vec_unit(vec_sub(line->at[i], line->at[i > 0 ? i - 1 : 0]));
        const vec after = vec_unit(vec_sub(line->at[i + 1 < line->n ? i + 1 : i], line->at[i]));
        const vec along = i == 0 ? after : i + 1 == line->n ? before : vec_unit(vec_add(before, after));
        path_push(&moved, vec_place(line->at[i], along, 0, distance));
    }
    return moved;
}

double ring_area(const vec *at, uint32_t n) {
    double twice = 0;
    for (uint32_t i = 0; i < n; i++) {
        const vec a = vec_sub(at[i], at[0]);
        const vec b = vec_sub(at[(i + 1) % n], at[0]);
        twice += vec_cross(a, b);
    }
    return twice / 2;
}

area area_copy(const area *shape) {
    area copy = {.rings = need(wg_calloc(shape->n, sizeof *copy.rings)), .n = shape->n};
    for (uint32_t i = 0; i < shape->n; i++) {
        copy.rings[i] = path_copy(&shape->rings[i]);
    }
    return copy;
}

void area_free(area *shape) {
    for (uint32_t i = 0; i < shape->n; i++) {
        path_free(&shape->rings[i]);
    }
    free(shape->rings);
    *shape = (area){0};
}

double area_size(const area *shape) {
    double size = 0;
    for (uint32_t i = 0; i < shape->n; i++) {
        const double ring = fabs(ring_area(shape->rings[i].at, shape->rings[i].n));
        size += i == 0 ? ring : -ring;
    }
    return size;
}

bool area_contains(const area *shape, vec p) {
    bool inside = false;
    for (uint32_t r = 0; r < shape->n; r++) {
        const path *ring = &shape->rings[r];
        for (uint32_t i = 0, j = ring->n - 1; i < ring->n; j = i++) {
            const vec a = ring->at[i], b = ring->at[j];
            if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) {
                inside = !inside;
            }
        }
    }
    return inside;
}

bool segments_cross(vec a, vec b, vec c, vec d, double *t) {
    const vec ab = vec_sub(b, a), cd = vec_sub(d, c), ac = vec_sub(c, a);
    const double cross = vec_cross(ab, cd);
    if (cross == 0) {
        return false;
    }
    const double at = vec_cross(ac, cd) / cross;
    const double other = vec_cross(ac, ab) / cross;
    if (at < 0 || at > 1 || other < 0 || other > 1) {
        return false;
    }
    *t = at;
    return true;
}

bool area_holds(const area *shape, const vec *ring, uint32_t n) {
    if (!area_contains(shape, ring[0])) {
        return false;
    }
    vec low = ring[0], high = ring[0];
    for (uint32_t k = 1; k < n; k++) {
        low = (vec){fmin(low.x, ring[k].x), fmin(low.y, ring[k].y)};
        high = (vec){fmax(high.x, ring[k].x), fmax(high.y, ring[k].y)};
    }
    for (uint32_t r = 0; r < shape->n; r++) {
        const path *edge = &shape->rings[r];
        for (uint32_t i = 0, j = edge->n - 1; i < edge->n; j = i++) {
            const vec a = edge->at[j], b = edge->at[i];
            if (fmax(a.x, b.x) < low.x || fmin(a.x, b.x) > high.x || fmax(a.y, b.y) < low.y ||
                fmin(a.y, b.y) > high.y) {
                continue;
            }
            for (uint32_t k = 0; k < n; k++) {
                double t;
                if (segments_cross(a, b, ring[k], ring[(k + 1) % n], &t)) {
                    return false;
                }
            }
            if (r > 0) { /* a hole that lies wholly within the ring */
                const area probe = {.rings = &(path){.at = (vec *)ring, .n = n}, .n = 1};
                if (area_contains(&probe, a)) {
                    return false;
                }
            }
        }
    }
    return true;
}

void area_bounds(const area *shape, vec *low, vec *high) {
    *low = (vec){HUGE_VAL, HUGE_VAL};
    *high = (vec){-HUGE_VAL, -HUGE_VAL};
    for (uint32_t i = 0; i < shape->rings[0].n; i++) {
        const vec p = shape->rings[0].at[i];
        *low = (vec){fmin(low->x, p.x), fmin(low->y, p.y)};
        *high = (vec){fmax(high->x, p.x), fmax(high->y, p.y)};
    }
}

vec area_centroid(const area *shape) {
    const path *ring = &shape->rings[0];
    const vec origin = ring->at[0];
    double twice = 0;
    vec sum = {0, 0};
    for (uint32_t i = 0; i < ring->n; i++) {
        const vec a = vec_sub(ring->at[i], origin), b = vec_sub(ring->at[(i + 1) % ring->n], origin);
        const double cross = vec_cross(a, b);
        twice += cross;
        sum = vec_add(sum, vec_scale(vec_add(a, b), cross));
    }
    return twice == 0 ? origin : vec_add(origin, vec_scale(sum, 1 / (3 * twice)));
}

double area_angle(const area *shape) {
    const path *ring = &shape->rings[0];
    double best = HUGE_VAL, angle = 0;
    for (uint32_t i = 0; i < ring->n; i++) {
        const vec axis = vec_unit(vec_sub(ring->at[(i + 1) % ring->n], ring->at[i]));
        double low[2] = {HUGE_VAL, HUGE_VAL}, high[2] = {-HUGE_VAL, -HUGE_VAL};
        for (uint32_t k = 0; k < ring->n; k++) {
            const double turned[2] = {vec_dot(ring->at[k], axis), vec_cross(axis, ring->at[k])};
            for (int c = 0; c < 2; c++) {
                low[c] = fmin(low[c], turned[c]);
                high[c] = fmax(high[c], turned[c]);
            }
        }
        const double wide = high[0] - low[0], tall = high[1] - low[1];
        if (wide * tall < best - 1e-6) {
            best = wide * tall;
            angle = atan2(axis.y, axis.x) + (tall > wide ? M_PI_2 : 0);
        }
    }
    while (angle >= M_PI_2) {
        angle -= M_PI;
    }
    while (angle < -M_PI_2) {
        angle += M_PI;
    }
    return angle;
}

uint32_t area_scan(const area *shape, vec p, vec axis, double *places, uint32_t most) {
    uint32_t n = 0;
    for (uint32_t r = 0; r < shape->n; r++) {
        const path *ring = &shape->rings[r];
        for (uint32_t i = 0, j = ring->n - 1; i < ring->n; j = i++) {
            const vec a = vec_sub(ring->at[j], p), b = vec_sub(ring->at[i], p);
            const double above = vec_cross(axis, a), below = vec_cross(axis, b);
            if ((above > 0) == (below > 0) || n == most) {
                continue;
            }
            const double place = vec_dot(axis, vec_lerp(a, b, above / (above - below)));
            uint32_t at = n++;
            for (; at > 0 && places[at - 1] > place; at--) {
                places[at] = places[at - 1];
            }
            places[at] = place;
        }
    }
    return n & ~1u;
}

vec area_inside(const area *shape) {
    vec low, high, best;
    area_bounds(shape, &low, &high);
    best = area_centroid(shape);
    double widest = 0;
    for (int i = 1; i < 8; i++) {
        const vec p = {low.x, low.y + (high.y - low.y) * (i + 0.013) / 8};
        double places[64];
        const uint32_t n = area_scan(shape, p, (vec){1, 0}, places, 64);
        for (uint32_t k = 0; k < n; k += 2) {
            if (places[k + 1] - places[k] > widest) {
                widest = places[k + 1] - places[k];
                best = (vec){p.x + (places[k] + places[k + 1]) / 2, p.y};
            }
        }
    }
    return best;
}
