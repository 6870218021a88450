/** Plane geometry for the generator: paths, areas, grids of segments and points. Metres, x east, y north. */
#ifndef CITYGEN_GEOM_H
#define CITYGEN_GEOM_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct vec {
    double x, y;
} vec;

/** A growing run of points: a line, or a ring whose last point is not repeated. All zero is an empty one. */
typedef struct path {
    vec *at;
    uint32_t n;
    size_t capacity;
} path;

/** A polygon: ring 0 is the outer one, the others are holes. All zero is an empty one. */
typedef struct area {
    path *rings;
    uint32_t n;
} area;

static inline vec vec_add(vec a, vec b) {
    return (vec){a.x + b.x, a.y + b.y};
}
static inline vec vec_sub(vec a, vec b) {
    return (vec){a.x - b.x, a.y - b.y};
}
static inline vec vec_scale(vec a, double k) {
    return (vec){a.x * k, a.y * k};
}
static inline double vec_cross(vec a, vec b) {
    return a.x * b.y - a.y * b.x;
}
static inline double vec_dot(vec a, vec b) {
    return a.x * b.x + a.y * b.y;
}
static inline double vec_length(vec a) {
    return sqrt(a.x * a.x + a.y * a.y);
}
static inline double vec_distance(vec a, vec b) {
    return vec_length(vec_sub(a, b));
}
vec vec_unit(vec a);        /**< (1, 0) for the zero vector */
vec vec_of_angle(double a); /**< radians, counter-clockwise from east */
static inline vec vec_lerp(vec a, vec b, double t) {
    return (vec){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t};
}
/** `p` (given in a frame turned by `axis`, a unit vector) in the plane, from `origin`. */
vec vec_place(vec origin, vec axis, double along, double across);

void *need(void *block); /**< the block, or the end of the program with "out of memory" */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

void path_push(path *line, vec p);
void path_insert(path *line, uint32_t before, vec p);
void path_reverse(path *line);
void path_append(path *line, const path *more, bool skip_first);
path path_copy(const path *line);
void path_free(path *line);
double path_length(const path *line);
/** Point `distance` metres along the line (clamped to its ends); the direction there where `direction` is given. */
vec path_at(const path *line, double distance, vec *direction);
/** Douglas–Peucker (1973), ends kept. O(n log n) for the lines met here. */
void path_simplify(path *line, double tolerance);
/** Chaikin corner cutting (1974) of an open line, ends kept. */
void path_smooth(path *line, int rounds);
/** The line moved to its left by `distance` (metres, negative: right); no care for loops. */
path path_offset(const path *line, double distance);
/** Nearest point of a line: its distance, the segment's number and the point. */
double path_nearest(const path *line, vec p, uint32_t *segment, vec *foot);

double ring_area(const vec *at, uint32_t n); /**< positive: counter-clockwise */
area area_copy(const area *shape);
void area_free(area *shape);
double area_size(const area *shape); /**< m², holes taken away */
bool area_contains(const area *shape, vec p);
/** True where a simple ring lies inside, no edge of the shape crossing it and no hole within it. */
bool area_holds(const area *shape, const vec *ring, uint32_t n);
void area_bounds(const area *shape, vec *low, vec *high);
vec area_centroid(const area *shape);
/** A point well inside: the middle of the widest of a few scan lines. */
vec area_inside(const area *shape);
/** Where the line through `p` along the unit vector `axis` lies inside: pairs of places along it, ascending; their
 * number. */
uint32_t area_scan(const area *shape, vec p, vec axis, double *places, uint32_t most);
/** Angle of the longest side of the least bounding rectangle of ring 0 in [-pi/2, pi/2). */
double area_angle(const area *shape);

/** Do a-b and c-d cross? `t` is the place on a-b, 0..1. Touching counts, parallel does not. */
bool segments_cross(vec a, vec b, vec c, vec d, double *t);

/** Squares of a fixed size over a rectangle with the entries that touch each. */
typedef struct grid_entry {
    vec a, b;      /**< segment; b is the direction where the grid holds points */
    uint32_t line; /**< number of the line */
    uint32_t index;
    int32_t next;
} grid_entry;

typedef struct grid {
    vec low;
    double side;
    int32_t columns, rows;
    int32_t *first;
    grid_entry *entries;
    uint32_t n;
    size_t capacity;
} grid;

void grid_init(grid *g, vec low, vec high, double side);
void grid_release(grid *g);
void grid_add_segment(grid *g, vec a, vec b, uint32_t line, uint32_t index);
void grid_add_point(grid *g, vec p, vec direction, uint32_t line, uint32_t index);
/** First entry of the square at column, row; -1 outside or empty. Follow `next`. */
int32_t grid_first(const grid *g, int32_t column, int32_t row);
void grid_cell(const grid *g, vec p, int32_t *column, int32_t *row);
/** First crossing of a-b with a segment of the grid that `skip` does not refuse; entry, or NULL. */
typedef bool (*grid_skip)(const grid_entry *entry, const void *user);
const grid_entry *grid_hit(const grid *g, vec a, vec b, grid_skip skip, const void *user, double *t);
/** Nearest segment within `reach` metres that `skip` does not refuse; NULL for none. */
const grid_entry *grid_nearest(const grid *g, vec p, double reach, grid_skip skip, const void *user, double *distance);

/** Distance of a point from a segment; the nearest point of it where `foot` is given. */
static inline double segment_distance(vec p, vec a, vec b, vec *foot) {
    const vec d = vec_sub(b, a);
    const double square = vec_dot(d, d);
    const double along = vec_dot(vec_sub(p, a), d);
    const double t = along <= 0 || square == 0 ? 0 : along >= square ? 1 : along / square;
    const vec at = vec_lerp(a, b, t);
    if (foot != NULL) {
        *foot = at;
    }
    return vec_distance(p, at);
}

#endif
