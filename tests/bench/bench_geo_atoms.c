/**
 * Atoms against GEOS, in one run each:
 *
 *   bench_geo_atoms tiles [BUILDINGS (4000)]     enclosed tessellation at 1 m and 0.5 m against GEOS Voronoi + union +
 * clip bench_geo_atoms blocks [FACES (10777)]       noding and polygonizing dirty streets against GEOSNode +
 * GEOSPolygonize bench_geo_atoms dissolve [UNITS (200000)]    units into 2 000 cells against GEOSCoverageUnion
 *   bench_geo_atoms city BUILDINGS [COMMUNITIES (BUILDINGS / 100)] [THREADS]   index, atoms, graph, weaving
 *
 * Comparisons run on one thread and are CPU seconds, the least of several rounds; peers run once where one run takes
 * seconds.
 */
#include <geos_c.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "../support/geo_town.h"
#include "geo/tiles.h"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/** CPU seconds of all threads: what is left of a measurement on a busy machine. */
static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double peak_mb(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static void must(wg_status status, wg_context *ctx) {
    if (status != WG_OK) {
        (void)fprintf(stderr, "bench: %s\n", wg_context_error(ctx));
        exit(1);
    }
}

static void silent(const char *message, void *user) {
    (void)message;
    (void)user;
}

static GEOSContextHandle_t open_geos(void) {
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSContext_setErrorMessageHandler_r(geos, silent, NULL);
    GEOSContext_setNoticeMessageHandler_r(geos, silent, NULL);
    return geos;
}

/* ------------------------------------------------------------------ tessellation */

enum { BLOCK_SIDE = 14 }; /* buildings along a block's side */

/** One block: footprints (4 corners each) and its outline. */
typedef struct block {
    wg_ipt footprint[BLOCK_SIDE * BLOCK_SIDE][4];
    wg_ipt outline[4];
} block;

static void make_block(uint64_t seed, block *b) {
    wg_random random;
    wg_random_seed(&random, seed, "block");
    for (int k = 0; k < BLOCK_SIDE * BLOCK_SIDE; k++) {
        double xy[8];
        town_footprint(&random, 15 + 24.0 * (k % BLOCK_SIDE), 15 + 24.0 * (k / BLOCK_SIDE), xy);
        for (int i = 0; i < 4; i++) {
            b->footprint[k][i] = (wg_ipt){llrint(1000 * xy[2 * i]), llrint(1000 * xy[2 * i + 1])};
        }
    }
    const int64_t side = 1000 * (24 * BLOCK_SIDE + 6);
    const wg_ipt outline[4] = {{0, 0}, {side, 0}, {side, side}, {0, side}};
    memcpy(b->outline, outline, sizeof outline);
}

/** Every footprint's piece as a polygon; returns bytes of WKB so that nothing is left out. */
static size_t tile_block(wg_context *ctx, const block *b, double spacing_m) {
    wg_tiling t = {.ctx = ctx, .n_labels = BLOCK_SIDE * BLOCK_SIDE};
    wg_segments lines = {0};
    wg_plane plane = {0};
    wg_regions regions = {0};
    wg_buffer wkb = {0};
    for (uint32_t k = 0; k < t.n_labels; k++) {
        for (int i = 0; i < 4; i++) {
            must(wg_tiling_add_line(&t, b->footprint[k][i], b->footprint[k][(i + 1) % 4], 1000 * spacing_m, k), ctx);
        }
    }
    for (int i = 0; i < 4; i++) {
        must(wg_tiling_add_line(&t, b->outline[i], b->outline[(i + 1) % 4], 1000 * spacing_m, t.n_labels), ctx);
        wg_segments_add(&lines, b->outline[i], b->outline[(i + 1) % 4], 0);
    }
    must(wg_tiling_triangulate(&t), ctx);
    must(wg_tiling_lines(&t, 0.2, 1, &lines), ctx);
    must(wg_plane_node(ctx, lines.item, lines.n, &plane), ctx);
    must(wg_plane_trace(ctx, &plane), ctx);
    uint32_t *label = wg_malloc(plane.n_faces, sizeof *label);
    for (uint32_t f = 0; f < plane.n_faces; f++) {
        label[f] = f == 0 ? WG_NONE : f;
    }
    must(wg_regions_of(ctx, &plane, label, &regions), ctx);
    if (regions.n != t.n_labels) {
        (void)fprintf(stderr, "bench: %u pieces for %u footprints\n", regions.n, t.n_labels);
    }
    for (uint32_t r = 0; r < regions.n; r++) {
        wg_regions_put(&wkb, &regions, r, &plane, wg_lattice_of(0.001), NULL);
    }
    const size_t bytes = wkb.length;
    free(label);
    wg_buffer_release(&wkb);
    wg_regions_release(&regions);
    wg_plane_release(&plane);
    free(lines.item);
    wg_tiling_release(&t);
    return bytes;
}

/** The plain way: Voronoi cells of all sites, joined a building, cut by the block. */
static double tile_block_geos(GEOSContextHandle_t geos, wg_context *ctx, const block *b, double spacing_m) {
    const uint32_t n = BLOCK_SIDE * BLOCK_SIDE;
    wg_tiling t = {.ctx = ctx, .n_labels = n};
    for (uint32_t k = 0; k < n; k++) {
        for (int i = 0; i < 4; i++) {
            must(wg_tiling_add_line(&t, b->footprint[k][i], b->footprint[k][(i + 1) % 4], 1000 * spacing_m, k), ctx);
        }
    }
    const double start = cpu();
    GEOSCoordSequence *sites = GEOSCoordSeq_create_r(geos, (unsigned)t.n_sites, 2);
    for (size_t s = 0; s < t.n_sites; s++) {
        GEOSCoordSeq_setXY_r(geos, sites, (unsigned)s, (double)t.site[s].at.x / 1000, (double)t.site[s].at.y / 1000);
    }
    GEOSCoordSequence *ring = GEOSCoordSeq_create_r(geos, 5, 2);
    for (unsigned i = 0; i < 5; i++) {
        GEOSCoordSeq_setXY_r(geos, ring, i, (double)b->outline[i % 4].x / 1000, (double)b->outline[i % 4].y / 1000);
    }
    GEOSGeometry *outline = GEOSGeom_createPolygon_r(geos, GEOSGeom_createLinearRing_r(geos, ring), NULL, 0);
    GEOSGeometry *line = GEOSGeom_createLineString_r(geos, sites);
    GEOSGeometry *cells = GEOSVoronoiDiagram_r(geos, line, outline, 0, 0);
    /* Which site a cell belongs to is found through a tree of the sites. */
    GEOSSTRtree *tree = GEOSSTRtree_create_r(geos, 10);
    GEOSGeometry **point = malloc(t.n_sites * sizeof *point);
    for (size_t s = 0; s < t.n_sites; s++) {
        point[s] = GEOSGeom_createPointFromXY_r(geos, (double)t.site[s].at.x / 1000, (double)t.site[s].at.y / 1000);
        GEOSGeom_setUserData_r(geos, point[s], &t.site[s]);
        GEOSSTRtree_insert_r(geos, tree, point[s], point[s]);
    }
    GEOSGeometry ***part = calloc(n, sizeof *part);
    unsigned *n_part = calloc(n, sizeof *n_part);
    for (int c = 0; c < GEOSGetNumGeometries_r(geos, cells); c++) {
        const GEOSGeometry *cell = GEOSGetGeometryN_r(geos, cells, c);
        GEOSGeometry *middle = GEOSGetCentroid_r(geos, cell);
        const GEOSGeometry *nearest = GEOSSTRtree_nearest_r(geos, tree, middle);
        GEOSGeom_destroy_r(geos, middle);
        const uint32_t k = ((const wg_site *)GEOSGeom_getUserData_r(geos, nearest))->label;
        part[k] = realloc(part[k], (n_part[k] + 1) * sizeof *part[k]);
        part[k][n_part[k]++] = GEOSGeom_clone_r(geos, cell);
    }
    for (uint32_t k = 0; k < n; k++) {
        GEOSGeometry *all = GEOSGeom_createCollection_r(geos, GEOS_MULTIPOLYGON, part[k], n_part[k]);
        GEOSGeometry *joined = GEOSUnaryUnion_r(geos, all);
        GEOSGeometry *cut = joined != NULL ? GEOSIntersection_r(geos, joined, outline) : NULL;
        GEOSGeom_destroy_r(geos, cut);
        GEOSGeom_destroy_r(geos, joined);
        GEOSGeom_destroy_r(geos, all);
        free(part[k]);
    }
    const double seconds = cpu() - start;
    for (size_t s = 0; s < t.n_sites; s++) {
        GEOSGeom_destroy_r(geos, point[s]);
    }
    free(point);
    free(part);
    free(n_part);
    GEOSSTRtree_destroy_r(geos, tree);
    GEOSGeom_destroy_r(geos, cells);
    GEOSGeom_destroy_r(geos, line);
    GEOSGeom_destroy_r(geos, outline);
    wg_tiling_release(&t);
    return seconds;
}

static void bench_tiles(wg_context *ctx, size_t buildings) {
    const size_t n_blocks = buildings / (BLOCK_SIDE * BLOCK_SIDE) + 1;
    block *blocks = malloc(n_blocks * sizeof *blocks);
    GEOSContextHandle_t geos = open_geos();
    for (size_t i = 0; i < n_blocks; i++) {
        make_block(i, &blocks[i]);
    }
    const double n = (double)n_blocks * BLOCK_SIDE * BLOCK_SIDE;
    for (int s = 0; s < 2; s++) {
        const double spacing = s == 0 ? 1 : 0.5;
        double best = INFINITY;
        for (int round = 0; round < 7; round++) {
            const double start = cpu();
            for (size_t i = 0; i < n_blocks; i++) {
                (void)tile_block(ctx, &blocks[i], spacing);
            }
            best = fmin(best, cpu() - start);
        }
        const double peer = tile_block_geos(geos, ctx, &blocks[0], spacing) / (BLOCK_SIDE * BLOCK_SIDE);
        printf("tessellation, %.0f buildings, %.1f m: wangge %.1f us a building, GEOS Voronoi + union + clip %.0f us: "
               "%.0f times\n",
               n, spacing, best / n * 1e6, peer * 1e6, peer / (best / n));
    }
    GEOS_finish_r(geos);
    free(blocks);
}

/* ------------------------------------------------------------------ blocks */

/** Streets of a jittered lattice that do not stop at the crossings, some twice, some dangling. */
static void make_streets(uint32_t side, wg_segments *out) {
    wg_random random;
    wg_random_seed(&random, 7, "streets");
    wg_ipt *corner = wg_malloc((size_t)(side + 1) * (side + 1), sizeof *corner);
    for (uint32_t k = 0; k < (side + 1) * (side + 1); k++) {
        corner[k] = (wg_ipt){100000 * (k % (side + 1)) + wg_random_below(&random, 40000),
                             100000 * (k / (side + 1)) + wg_random_below(&random, 40000)};
    }
    for (uint32_t i = 0; i <= side; i++) {
        for (uint32_t j = 0; j < side; j++) {
            const wg_ipt a = corner[i * (side + 1) + j], b = corner[i * (side + 1) + j + 1];
            const wg_ipt c = corner[j * (side + 1) + i], d = corner[(j + 1) * (side + 1) + i];
            wg_segments_add(out, a, b, 0);
            wg_segments_add(out, c, d, 0);
            if (wg_random_below(&random, 10) == 0) { /* a dead end across its neighbour */
                wg_segments_add(out, a, (wg_ipt){a.x + 30000, a.y + 130000}, 0);
            }
            if (wg_random_below(&random, 20) == 0) {
                wg_segments_add(out, b, a, 0);
            }
        }
    }
    free(corner);
}

static void bench_blocks(wg_context *ctx, size_t faces) {
    wg_segments streets = {0};
    make_streets((uint32_t)ceil(sqrt((double)faces)), &streets);
    double best = INFINITY;
    uint32_t found = 0;
    for (int round = 0; round < 9; round++) {
        wg_plane plane;
        wg_buffer wkb = {0};
        wg_regions regions;
        const double start = cpu();
        must(wg_plane_node(ctx, streets.item, streets.n, &plane), ctx);
        bool *keep = wg_malloc(plane.n_edges, sizeof *keep);
        memset(keep, true, plane.n_edges * sizeof *keep);
        must(wg_plane_trim(ctx, &plane, keep), ctx);
        must(wg_plane_filter(ctx, &plane, keep), ctx);
        must(wg_plane_trace(ctx, &plane), ctx);
        uint32_t *label = wg_malloc(plane.n_faces, sizeof *label);
        for (uint32_t f = 0; f < plane.n_faces; f++) {
            label[f] = f == 0 ? WG_NONE : f;
        }
        must(wg_regions_of(ctx, &plane, label, &regions), ctx);
        for (uint32_t r = 0; r < regions.n; r++) {
            wg_regions_put(&wkb, &regions, r, &plane, wg_lattice_of(0.001), NULL);
        }
        best = fmin(best, cpu() - start);
        found = regions.n;
        free(keep);
        free(label);
        wg_buffer_release(&wkb);
        wg_regions_release(&regions);
        wg_plane_release(&plane);
    }
    GEOSContextHandle_t geos = open_geos();
    GEOSGeometry **line = malloc(streets.n * sizeof *line);
    for (size_t i = 0; i < streets.n; i++) {
        const wg_segment s = streets.item[i];
        GEOSCoordSequence *ends = GEOSCoordSeq_create_r(geos, 2, 2);
        GEOSCoordSeq_setXY_r(geos, ends, 0, (double)s.a.x / 1000, (double)s.a.y / 1000);
        GEOSCoordSeq_setXY_r(geos, ends, 1, (double)s.b.x / 1000, (double)s.b.y / 1000);
        line[i] = GEOSGeom_createLineString_r(geos, ends);
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(geos, GEOS_MULTILINESTRING, line, (unsigned)streets.n);
    double peer = INFINITY;
    int n_peer = 0;
    for (int round = 0; round < 3; round++) {
        const double start = cpu();
        GEOSGeometry *noded = GEOSNode_r(geos, all);
        const GEOSGeometry *const one[1] = {noded};
        GEOSGeometry *polygons = GEOSPolygonize_r(geos, one, 1);
        peer = fmin(peer, cpu() - start);
        n_peer = GEOSGetNumGeometries_r(geos, polygons);
        GEOSGeom_destroy_r(geos, polygons);
        GEOSGeom_destroy_r(geos, noded);
    }
    printf("blocks, %u faces (GEOS %d): wangge %.3f s, GEOSNode + GEOSPolygonize %.3f s: %.1f times\n", found, n_peer,
           best, peer, peer / best);
    GEOSGeom_destroy_r(geos, all);
    GEOS_finish_r(geos);
    free(line);
    free(streets.item);
}

/* ------------------------------------------------------------------ dissolve */

static void bench_dissolve(wg_context *ctx, size_t units) {
    town t;
    town_lattice(&t, (uint32_t)ceil(sqrt((double)units)));
    must(town_build(ctx, &t), ctx);
    const wg_atoms *atoms = t.atoms[0];
    const uint32_t n_cells = 2000, columns = 50;
    uint32_t *label = malloc(atoms->n_units * sizeof *label);
    const double side = t.size;
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        const uint32_t x = (uint32_t)fmin(columns - 1, fmax(0, atoms->x[u] / side * columns));
        const uint32_t y = (uint32_t)fmin(n_cells / columns - 1, fmax(0, atoms->y[u] / side * (n_cells / columns)));
        label[u] = y * columns + x;
    }
    double best = INFINITY;
    for (int round = 0; round < 7; round++) {
        wg_layer *cells;
        const double start = cpu();
        must(wg_atoms_dissolve(ctx, atoms, label, n_cells, &cells), ctx);
        best = fmin(best, cpu() - start);
        wg_layer_free(cells);
    }
    GEOSContextHandle_t geos = open_geos();
    GEOSWKBReader *reader = GEOSWKBReader_create_r(geos);
    GEOSGeometry ***part = calloc(n_cells, sizeof *part);
    unsigned *n = calloc(n_cells, sizeof *n);
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(atoms->units, u, &bytes);
        part[label[u]] = realloc(part[label[u]], (n[label[u]] + 1) * sizeof **part);
        part[label[u]][n[label[u]]++] = GEOSWKBReader_read_r(geos, reader, wkb, bytes);
    }
    double peer = 0;
    for (uint32_t c = 0; c < n_cells; c++) {
        GEOSGeometry *all = GEOSGeom_createCollection_r(geos, GEOS_MULTIPOLYGON, part[c], n[c]);
        const double start = cpu();
        GEOSGeometry *joined = GEOSCoverageUnion_r(geos, all);
        peer += cpu() - start;
        GEOSGeom_destroy_r(geos, joined);
        GEOSGeom_destroy_r(geos, all);
        free(part[c]);
    }
    printf("dissolve, %u units into %u cells: wangge %.3f s, GEOSCoverageUnion %.3f s: %.1f times\n", atoms->n_units,
           n_cells, best, peer, peer / best);
    GEOSWKBReader_destroy_r(geos, reader);
    GEOS_finish_r(geos);
    free(part);
    free(n);
    free(label);
    town_free(&t);
}

/* ------------------------------------------------------------------ a city */

static void bench_city(wg_context *ctx, size_t buildings, size_t communities, uint32_t threads) {
    town t;
    wg_context_set_threads(ctx, threads);
    town_make(&t, (uint32_t)communities, (uint32_t)(buildings / communities));
    const double before = peak_mb();
    const double start = now(), cpu_start = cpu();
    must(town_build(ctx, &t), ctx);
    const double seconds = now() - start, cpu_seconds = cpu() - cpu_start;
    size_t units = 0, edges = 0;
    for (size_t c = 0; c < t.communities->n; c++) {
        units += t.atoms[c]->n_units;
        edges += t.atoms[c]->n_edges;
    }
    printf("city, %zu buildings, %zu communities, %u threads: %.2f s (reference and placing %.2f, atoms %.2f, weaving "
           "%.2f), "
           "CPU %.2f s, %zu units, %zu edges; %.1f us a building; peak %.0f MB, of it input %.0f MB\n",
           t.buildings->n, t.communities->n, threads, seconds, t.seconds[0], t.seconds[1], t.seconds[2], cpu_seconds,
           units, edges, cpu_seconds / (double)t.buildings->n * 1e6, peak_mb(), before);
    town_free(&t);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    const size_t n = argc > 2 ? (size_t)strtoull(argv[2], NULL, 10) : 0;
    wg_context *ctx = wg_context_new();
    if (strcmp(what, "tiles") == 0) {
        bench_tiles(ctx, n > 0 ? n : 4000);
    } else if (strcmp(what, "blocks") == 0) {
        bench_blocks(ctx, n > 0 ? n : 10777);
    } else if (strcmp(what, "dissolve") == 0) {
        bench_dissolve(ctx, n > 0 ? n : 200000);
    } else if (strcmp(what, "city") == 0 && n > 0) {
        const size_t communities = argc > 3 ? (size_t)strtoull(argv[3], NULL, 10) : (n + 99) / 100;
        bench_city(ctx, n, communities, argc > 4 ? (uint32_t)atoi(argv[4]) : 2);
    } else {
        (void)fprintf(stderr,
                      "usage: bench_geo_atoms tiles|blocks|dissolve [N] | city BUILDINGS [COMMUNITIES] [THREADS]\n");
        return 2;
    }
    wg_context_free(ctx);
    return 0;
}
