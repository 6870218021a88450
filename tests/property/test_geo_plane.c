/* Noding, faces, finding and triangulating against the plain definitions, on random lines with many coincidences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/random.h"
#include "geo/delaunay.h"
#include "geo/finder.h"
#include "geo/regions.h"

/** Random segments on a small grid: shared ends, overlaps and near misses are common. */
static size_t random_lines(wg_random *random, wg_segment *lines, size_t most) {
    const uint32_t extent = 4 + wg_random_below(random, 400);
    const size_t n = 1 + wg_random_below(random, (uint32_t)most);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        wg_ipt p[2];
        for (int k = 0; k < 2; k++) {
            p[k] = (wg_ipt){wg_random_below(random, extent), wg_random_below(random, extent)};
            if (kept > 0 && wg_random_below(random, 3) == 0) {
                p[k] = lines[wg_random_below(random, (uint32_t)kept)].a;
            }
        }
        if (!wg_ipt_equal(p[0], p[1])) {
            lines[kept] = (wg_segment){p[0], p[1], (uint32_t)kept};
            kept++;
        }
    }
    return kept;
}

/** Edges meet in ends only, and no point lies on an edge without being its end. */
static void check_noded(const wg_plane *plane) {
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        const wg_ipt a = plane->point[plane->end[2 * e]], b = plane->point[plane->end[2 * e + 1]];
        assert_true(plane->end[2 * e] < plane->end[2 * e + 1]);
        assert_true(plane->tag_first[e] < plane->tag_first[e + 1]);
        for (uint32_t f = e + 1; f < plane->n_edges; f++) {
            const wg_ipt c = plane->point[plane->end[2 * f]], d = plane->point[plane->end[2 * f + 1]];
            wg_ipt at;
            assert_false(wg_segments_cross(a, b, c, d, &at));
            assert_false(plane->end[2 * e] == plane->end[2 * f] && plane->end[2 * e + 1] == plane->end[2 * f + 1]);
        }
        for (uint32_t p = 0; p < plane->n_points; p++) {
            const bool is_end = p == plane->end[2 * e] || p == plane->end[2 * e + 1];
            assert_true(is_end || wg_turn(a, b, plane->point[p]) != 0 || !wg_segment_hits_pixel(a, b, plane->point[p]));
        }
    }
}

/** Every line is still there: a path of its tag from end to end, never farther than a pixel from it. */
static void check_lines(const wg_plane *plane, const wg_segment *lines, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double length = 0;
        for (uint32_t e = 0; e < plane->n_edges; e++) {
            for (uint32_t t = plane->tag_first[e]; t < plane->tag_first[e + 1]; t++) {
                if (plane->tag[t] != lines[i].tag) {
                    continue;
                }
                for (int k = 0; k < 2; k++) {
                    double distance;
                    (void)wg_segment_nearest(lines[i].a, lines[i].b, plane->point[plane->end[2 * e + (uint32_t)k]],
                                             &distance);
                    assert_true(distance <= 0.7072);
                }
                length += wg_plane_length(plane, e);
            }
        }
        const double whole = hypot((double)(lines[i].b.x - lines[i].a.x), (double)(lines[i].b.y - lines[i].a.y));
        assert_true(length >= whole - 1e-9);
    }
}

/** Euler: V - E + F = 1 + C, with F counting the unbounded face; areas of bounded faces are positive. */
static void check_faces(const wg_plane *plane) {
    uint32_t *set = malloc((plane->n_points + 1) * sizeof *set);
    bool *used = calloc(plane->n_points + 1, sizeof *used);
    int64_t vertices = 0, parts = 0;
    for (uint32_t p = 0; p < plane->n_points; p++) {
        set[p] = p;
    }
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        wg_sets_join(set, plane->end[2 * e], plane->end[2 * e + 1]);
        used[plane->end[2 * e]] = used[plane->end[2 * e + 1]] = true;
    }
    for (uint32_t p = 0; p < plane->n_points; p++) {
        vertices += used[p];
        parts += used[p] && wg_sets_find(set, p) == p;
    }
    assert_int_equal(vertices - (int64_t)plane->n_edges + (int64_t)plane->n_faces, 1 + parts);
    for (uint32_t f = 1; f < plane->n_faces; f++) {
        assert_true(plane->area[f] > 0);
    }
    free(set);
    free(used);
}

/** Face of a point that no edge passes, the plain way: the nearest edge straight below over all edges, by exact halves.
 */
static uint32_t face_of(const wg_plane *plane, wg_ipt p) {
    uint32_t best = 0;
    double best_y = -1e300;
    bool found = false;
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        const wg_ipt a = plane->point[plane->end[2 * e]], b = plane->point[plane->end[2 * e + 1]];
        const wg_ipt l = a.x < b.x ? a : b, r = a.x < b.x ? b : a;
        if (!(l.x <= p.x && p.x < r.x)) {
            continue;
        }
        const double y = (double)l.y + (double)(r.y - l.y) * ((double)p.x + 1e-7 - (double)l.x) / (double)(r.x - l.x);
        if (y < (double)p.y && y > best_y) {
            best_y = y;
            best = plane->face[a.x < b.x ? 2 * e : 2 * e + 1];
            found = true;
        }
    }
    return found ? best : 0;
}

static void check_finder(const wg_plane *plane, wg_random *random) {
    wg_finder finder;
    assert_int_equal(wg_finder_init(NULL, plane, &finder), WG_OK);
    for (int k = 0; k < 60; k++) {
        const wg_ipt p = {(int64_t)wg_random_below(random, 420) - 10, (int64_t)wg_random_below(random, 420) - 10};
        bool free_spot = true;
        for (uint32_t e = 0; e < plane->n_edges && free_spot; e++) {
            free_spot = !wg_segment_hits_pixel(plane->point[plane->end[2 * e]], plane->point[plane->end[2 * e + 1]], p);
        }
        if (free_spot) {
            const uint32_t half = wg_finder_find(&finder, p);
            assert_int_equal(half == WG_NONE ? 0 : plane->face[half], face_of(plane, p));
        }
    }
    wg_finder_release(&finder);
}

static void test_random_lines(void **state) {
    (void)state;
    enum { MOST = 60 };
    wg_segment lines[MOST];
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        wg_random random;
        wg_plane plane;
        wg_random_seed(&random, seed, "lines");
        const size_t n = random_lines(&random, lines, MOST);
        assert_int_equal(wg_plane_node(NULL, lines, n, &plane), WG_OK);
        check_noded(&plane);
        check_lines(&plane, lines, n);
        assert_int_equal(wg_plane_trace(NULL, &plane), WG_OK);
        check_faces(&plane);
        check_finder(&plane, &random);
        wg_plane_release(&plane);
    }
}

/** Trimming leaves no loose end, and takes nothing that bounds two different faces. */
static void test_trimming(void **state) {
    (void)state;
    enum { MOST = 50 };
    wg_segment lines[MOST];
    for (uint64_t seed = 1; seed <= 500; seed++) {
        wg_random random;
        wg_plane plane;
        wg_random_seed(&random, seed, "trim");
        const size_t n = random_lines(&random, lines, MOST);
        assert_int_equal(wg_plane_node(NULL, lines, n, &plane), WG_OK);
        assert_int_equal(wg_plane_trace(NULL, &plane), WG_OK);
        const uint32_t faces = plane.n_faces;
        bool *keep = malloc(plane.n_edges + 1);
        uint32_t *degree = calloc(plane.n_points + 1, sizeof *degree);
        memset(keep, true, plane.n_edges + 1);
        assert_int_equal(wg_plane_trim(NULL, &plane, keep), WG_OK);
        for (uint32_t e = 0; e < plane.n_edges; e++) {
            assert_true(keep[e] || plane.face[2 * e] == plane.face[2 * e + 1]);
        }
        assert_int_equal(wg_plane_filter(NULL, &plane, keep), WG_OK);
        assert_int_equal(wg_plane_trace(NULL, &plane), WG_OK);
        assert_int_equal(plane.n_faces, faces);
        for (uint32_t h = 0; h < 2 * plane.n_edges; h++) {
            degree[plane.end[h]]++;
        }
        for (uint32_t p = 0; p < plane.n_points; p++) {
            assert_int_not_equal(degree[p], 1);
        }
        free(keep);
        free(degree);
        wg_plane_release(&plane);
    }
}

/** Noding again and again comes to rest: then no edge passes a pixel of a point that is not its end. */
static void test_noding_again(void **state) {
    (void)state;
    enum { MOST = 50 };
    wg_segment lines[MOST];
    for (uint64_t seed = 1; seed <= 300; seed++) {
        wg_random random;
        wg_plane plane;
        wg_random_seed(&random, seed, "again");
        const size_t n = random_lines(&random, lines, MOST);
        assert_int_equal(wg_plane_node(NULL, lines, n, &plane), WG_OK);
        for (int round = 0; round < 12; round++) {
            wg_segment *again = malloc((plane.n_edges + 1) * sizeof *again);
            const uint32_t edges = plane.n_edges;
            for (uint32_t e = 0; e < edges; e++) {
                again[e] = (wg_segment){plane.point[plane.end[2 * e]], plane.point[plane.end[2 * e + 1]], e};
            }
            wg_plane_release(&plane);
            assert_int_equal(wg_plane_node(NULL, again, edges, &plane), WG_OK);
            check_noded(&plane);
            free(again);
        }
        for (uint32_t e = 0; e < plane.n_edges; e++) {
            for (uint32_t p = 0; p < plane.n_points; p++) {
                assert_true(p == plane.end[2 * e] || p == plane.end[2 * e + 1] ||
                            !wg_segment_hits_pixel(plane.point[plane.end[2 * e]], plane.point[plane.end[2 * e + 1]],
                                                   plane.point[p]));
            }
        }
        wg_plane_release(&plane);
    }
}

static wg_int128 in_circle(wg_ipt a, wg_ipt b, wg_ipt c, wg_ipt p) {
    const wg_int128 ax = a.x - p.x, ay = a.y - p.y, bx = b.x - p.x, by = b.y - p.y, cx = c.x - p.x, cy = c.y - p.y;
    return (ax * ax + ay * ay) * (bx * cy - by * cx) + (bx * bx + by * by) * (cx * ay - cy * ax) +
           (cx * cx + cy * cy) * (ax * by - ay * bx);
}

/** Every triangle's circle is empty, and the triangles fill the convex hull. */
static void check_delaunay(const wg_delaunay *d, const wg_site *sites) {
    wg_int128 filled = 0;
    uint32_t n_edges = 0;
    for (uint32_t h = 0; h < d->n_half; h++) {
        if (d->org[h] == WG_SITE_NONE) {
            continue;
        }
        n_edges++;
        if (!wg_delaunay_is_triangle(d, h)) {
            continue;
        }
        const uint32_t f = wg_delaunay_left(d, h), g = wg_delaunay_left(d, f);
        const wg_ipt a = sites[d->org[h]].at, b = sites[d->org[f]].at, c = sites[d->org[g]].at;
        filled += wg_cross(a, b, c);
        for (uint32_t p = 0; p < d->n; p++) {
            assert_true(in_circle(a, b, c, sites[p].at) <= 0);
        }
    }
    /* The outside is what the half-edges that bound no triangle go around, clockwise. */
    wg_int128 outside = 0;
    for (uint32_t h = 0; h < d->n_half; h++) {
        if (d->org[h] != WG_SITE_NONE && !wg_delaunay_is_triangle(d, h)) {
            const wg_ipt zero = {0, 0};
            outside += wg_cross(zero, sites[d->org[h]].at, sites[d->org[h ^ 1]].at);
        }
    }
    assert_true(filled / 3 == -outside);
    assert_true(d->n < 2 || n_edges / 2 >= d->n - 1);
}

static void test_delaunay(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        wg_random random;
        wg_site sites[120];
        wg_delaunay d;
        wg_random_seed(&random, seed, "sites");
        const uint32_t extents[] = {3, 6, 12, 1000, 30000000};
        const uint32_t extent = extents[wg_random_below(&random, 5)], n = wg_random_below(&random, 120);
        for (uint32_t i = 0; i < n; i++) {
            sites[i] = (wg_site){{wg_random_below(&random, extent), wg_random_below(&random, extent)}, i};
        }
        assert_int_equal(wg_delaunay_build(NULL, sites, n, &d), WG_OK);
        for (uint32_t i = 1; i < d.n; i++) {
            assert_true(wg_ipt_compare(sites[i - 1].at, sites[i].at) < 0);
        }
        check_delaunay(&d, sites);
        wg_delaunay_release(&d);
    }
}

/** Regions of random labels: rings are simple, areas are those of the faces. */
static void test_regions(void **state) {
    (void)state;
    enum { MOST = 60 };
    wg_segment lines[MOST];
    for (uint64_t seed = 1; seed <= 600; seed++) {
        wg_random random;
        wg_plane plane;
        wg_regions regions;
        wg_random_seed(&random, seed, "regions");
        const size_t n = random_lines(&random, lines, MOST);
        assert_int_equal(wg_plane_node(NULL, lines, n, &plane), WG_OK);
        assert_int_equal(wg_plane_trace(NULL, &plane), WG_OK);
        uint32_t *label = malloc(plane.n_faces * sizeof *label);
        double *area = calloc(4, sizeof *area), *own = calloc(4, sizeof *own);
        for (uint32_t f = 0; f < plane.n_faces; f++) {
            label[f] = f == 0 || wg_random_below(&random, 6) == 0 ? WG_NONE : wg_random_below(&random, 4);
            area[label[f] == WG_NONE ? 0 : label[f]] += label[f] == WG_NONE ? 0 : plane.area[f];
        }
        assert_int_equal(wg_regions_of(NULL, &plane, label, &regions), WG_OK);
        for (uint32_t r = 0; r < regions.n; r++) {
            double rings = 0;
            for (uint32_t ring = regions.ring_first[r]; ring < regions.ring_first[r + 1]; ring++) {
                wg_int128 twice = 0;
                for (uint32_t i = regions.half_first[ring]; i < regions.half_first[ring + 1]; i++) {
                    const uint32_t h = regions.half[i];
                    twice += wg_cross((wg_ipt){0, 0}, plane.point[plane.end[h]], plane.point[plane.end[h ^ 1]]);
                    for (uint32_t j = i + 1; j < regions.half_first[ring + 1]; j++) {
                        assert_int_not_equal(plane.end[h], plane.end[regions.half[j]]); /* simple */
                    }
                }
                assert_true((ring == regions.ring_first[r]) == (twice > 0)); /* one outer ring, first */
                rings += (double)twice / 2;
            }
            assert_true(fabs(rings - regions.area[r]) < 1e-6);
            own[regions.label[r]] += rings;
        }
        for (int k = 0; k < 4; k++) {
            assert_true(fabs(own[k] - area[k]) < 1e-6);
        }
        free(label);
        free(area);
        free(own);
        wg_regions_release(&regions);
        wg_plane_release(&plane);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_lines), cmocka_unit_test(test_trimming), cmocka_unit_test(test_noding_again),
        cmocka_unit_test(test_delaunay),     cmocka_unit_test(test_regions),
    };
    return cmocka_run_group_tests_name("geo plane", tests, NULL, NULL);
}
