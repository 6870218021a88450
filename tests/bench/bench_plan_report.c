/*
 * The whole report of a city: 673 cells of 49 communities, 60 000 buildings, 700 000 incidents from a CSV with
 * longitude and latitude, 700 workers; everything at once, then each product alone. Usage: bench_plan_report
 * [incidents] [all|csv|geojson|shp|xlsx|html|gpkg|pdf]
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/random.h"
#include "crs/crs.h"
#include "model/contract.h"
#include "model/wkb.h"
#include "store/store.h"

enum { SIDE = 26, CELLS = 673, COMMUNITIES = 49, BUILDINGS = 60000, INCIDENTS = 700000, WAVES = 24 };
#define CELL_M 420.0
#define WEST 500000.0
#define SOUTH 3500000.0

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/** Corner of the bent lattice. */
static void corner(double column, double line, double xy[2]) {
    xy[0] = WEST + CELL_M * column + 60.0 * sin(line * 1.7) + 25.0 * sin(column * 5.1 + line * 3.3);
    xy[1] = SOUTH + CELL_M * line + 60.0 * cos(column * 1.3) + 25.0 * sin(line * 4.7 + column * 2.9);
}

/** Boundary of a cell with WAVES vertices a side, the same from both sides. */
static size_t cell_ring(uint32_t column, uint32_t line, double *xy) {
    static const double steps[4][4] = {{0, 0, 1, 0}, {1, 0, 0, 1}, {1, 1, -1, 0}, {0, 1, 0, -1}};
    size_t n = 0;
    for (int side = 0; side < 4; side++) {
        for (int k = 0; k < WAVES; k++) {
            const double share = (double)k / WAVES;
            corner(column + steps[side][0] + share * steps[side][2], line + steps[side][1] + share * steps[side][3],
                   xy + 2 * n++);
        }
    }
    memcpy(xy + 2 * n, xy, 2 * sizeof *xy);
    return n + 1;
}

static void set_text(wg_layer *layer, size_t row, const char *column, const char *value) {
    (void)wg_layer_set_text(NULL, layer, row, wg_layer_column(layer, column), value);
}

static void set_number(wg_layer *layer, size_t row, const char *column, double value) {
    const uint32_t index = wg_layer_column(layer, column);
    if (wg_layer_column_type(layer, index) == WG_INTEGER) {
        (void)wg_layer_set_integer(NULL, layer, row, index, (int64_t)value);
    } else {
        (void)wg_layer_set_real(NULL, layer, row, index, value);
    }
}

static uint32_t community_of(uint32_t cell) {
    return cell * COMMUNITIES / CELLS;
}

static void codes(uint32_t cell, char *community, char *code) {
    (void)snprintf(community, 16, "1101010010%02u", community_of(cell) % 99 + 1);
    (void)snprintf(code, 32, "%.15s%03u", community, cell % 999 + 1);
}

/** Communities as multipolygons of their cells' own polygons would overlap nothing, so they are made the same way. */
static void fill_land(wg_layer *cells, wg_layer *communities) {
    static double ring[2 * (4 * WAVES + 1)];
    char community[32];
    char code[32];
    wg_buffer wkb = {0};
    for (uint32_t c = 0; c < COMMUNITIES; c++) {
        wg_buffer parts = {0};
        uint32_t n = 0;
        double area = 0.0;
        double sum = 0.0;
        double length;
        for (uint32_t cell = 0; cell < CELLS; cell++) {
            if (community_of(cell) != c) {
                continue;
            }
            size_t row;
            codes(cell, community, code);
            const size_t pairs = cell_ring(cell % SIDE, cell / SIDE, ring);
            wg_buffer_clear(&wkb);
            wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
            wg_wkb_put_u32(&wkb, (uint32_t)pairs);
            wg_wkb_put_pairs(&wkb, ring, (uint32_t)pairs);
            (void)wg_layer_add_row(NULL, cells, wkb.data, wkb.length, &row);
            wg_wkb_measure(wkb.data, wkb.length, &area, &length);
            set_text(cells, row, "code", code);
            set_text(cells, row, "community", community);
            set_text(cells, row, "status", cell % 7 == 0 ? "over" : "ok");
            set_number(cells, row, "area_m2", area);
            wg_buffer_append(&parts, wkb.data, wkb.length);
            sum += area;
            n++;
        }
        size_t row;
        wg_buffer_clear(&wkb);
        wg_wkb_put_header(&wkb, WG_WKB_MULTIPOLYGON, n);
        wg_buffer_append(&wkb, parts.data, parts.length);
        (void)wg_layer_add_row(NULL, communities, wkb.data, wkb.length, &row);
        set_text(communities, row, "code", community);
        set_number(communities, row, "area_m2", sum);
        wg_buffer_release(&parts);
    }
    wg_buffer_release(&wkb);
}

static void fill_people(wg_layer *buildings, wg_layer *workers, wg_random *random, double *people) {
    char text[32];
    char community[32];
    char code[32];
    wg_buffer wkb = {0};
    for (uint32_t b = 0; b < BUILDINGS; b++) {
        const uint32_t cell = wg_random_below(random, CELLS);
        double xy[2];
        size_t row;
        corner(cell % SIDE + 0.1 + 0.8 * wg_random_unit(random), cell / SIDE + 0.1 + 0.8 * wg_random_unit(random), xy);
        const double box[] = {xy[0], xy[1], xy[0] + 14, xy[1], xy[0] + 14, xy[1] + 10, xy[0], xy[1] + 10, xy[0], xy[1]};
        wg_buffer_clear(&wkb);
        wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
        wg_wkb_put_u32(&wkb, 5);
        wg_wkb_put_pairs(&wkb, box, 5);
        (void)wg_layer_add_row(NULL, buildings, wkb.data, wkb.length, &row);
        codes(cell, community, code);
        (void)snprintf(text, sizeof text, "B%06u", b);
        set_text(buildings, row, "id", text);
        set_text(buildings, row, "community", community);
        set_text(buildings, row, "cell", code);
        const double households = wg_random_below(random, 8);
        set_number(buildings, row, "households", households);
        set_number(buildings, row, "population", households * 2.5);
        people[cell] += households;
    }
    for (uint32_t w = 0; w < 700; w++) {
        size_t row;
        (void)wg_layer_add_row(NULL, workers, NULL, 0, &row);
        codes(w % CELLS, community, code);
        (void)snprintf(text, sizeof text, "W%03u", w);
        set_text(workers, row, "id", text);
        set_text(workers, row, "cell", code);
        set_number(workers, row, "fte", 1.0);
    }
    wg_buffer_release(&wkb);
}

static bool make_plan(wg_context *ctx, const char *path) {
    static const char *const names[] = {"cells", "communities", "buildings", "workers"};
    static double people[CELLS];
    wg_layer *layers[4];
    wg_random random;
    wg_store *store;
    const wg_store_srs srs = {.name = "EPSG:32650"};
    wg_random_seed(&random, 1, "report");
    for (size_t i = 0; i < 4; i++) {
        if (wg_contract_new_layer(ctx, names[i], "EPSG:32650", &layers[i]) != WG_OK) {
            return false;
        }
    }
    fill_land(layers[0], layers[1]);
    fill_people(layers[2], layers[3], &random, people);
    for (uint32_t cell = 0; cell < CELLS; cell++) {
        set_number(layers[0], cell, "households", people[cell]);
        set_number(layers[0], cell, "population", people[cell] * 2.5);
    }
    bool good = wg_store_create(ctx, path, &srs, &store) == WG_OK;
    for (size_t i = 0; i < 4; i++) {
        good = good && wg_store_put(ctx, store, layers[i], false) == WG_OK;
        wg_layer_free(layers[i]);
    }
    return good && wg_store_close(ctx, store) == WG_OK;
}

static void put_time(FILE *file, uint32_t second) {
    static const uint32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t day = second / 86400;
    const uint32_t year = 2024 + day / 365;
    uint32_t month = 0;
    for (day %= 365; day >= days[month]; month++) {
        day -= days[month];
    }
    fprintf(file, ",%u-%02u-%02u %02u:%02u:%02u", year, month + 1, day + 1, second / 3600 % 24, second / 60 % 60,
            second % 60);
}

static bool make_incidents(wg_context *ctx, const char *path, size_t n) {
    static const char *const kinds[] = {"市容环境", "公共设施", "矛盾纠纷", "安全隐患", "政策咨询", "其他"};
    FILE *file = fopen(path, "wb");
    double *xy = wg_malloc(2 * n, sizeof *xy);
    wg_random random;
    wg_random_seed(&random, 2, "incidents");
    for (size_t i = 0; xy != NULL && i < n; i++) {
        corner(SIDE * wg_random_unit(&random), 25.8 * wg_random_unit(&random), xy + 2 * i);
    }
    bool good = file != NULL && xy != NULL && wg_crs_points(ctx, "EPSG:32650", WG_CRS_WGS84, xy, n) == WG_OK;
    if (good) {
        fputs("id,category,opened,due,closed,severity,lon,lat\n", file);
    }
    for (size_t i = 0; good && i < n; i++) {
        const uint32_t opened = wg_random_below(&random, 700 * 86400);
        fprintf(file, "E%07zu,%s", i, kinds[wg_random_below(&random, 6)]);
        put_time(file, opened);
        put_time(file, opened + 86400 * (1 + wg_random_below(&random, 5)));
        if (wg_random_below(&random, 12) > 0) {
            put_time(file, opened + wg_random_below(&random, 6 * 86400));
        } else {
            fputc(',', file);
        }
        fprintf(file, ",%u,%.7f,%.7f\n", 1 + wg_random_below(&random, 3), xy[2 * i], xy[2 * i + 1]);
    }
    free(xy);
    return file != NULL && fclose(file) == 0 && good;
}

/** A run in a process of its own, so that its peak of memory is its own. */
typedef struct run {
    bool good;
    double seconds, cpu, megabytes;
} run;

static int report(const char *directory, const char *format) {
    char plan[64];
    char incidents[64];
    char output[96];
    (void)snprintf(plan, sizeof plan, "%s/plan.sqlite", directory);
    (void)snprintf(incidents, sizeof incidents, "%s/incidents.csv", directory);
    (void)snprintf(output, sizeof output, "%s/%s", directory, format == NULL ? "whole" : format);
    const wg_report_options options = {.plan = plan,
                                       .incidents = {.source = incidents, .crs = "EPSG:4326"},
                                       .from = "2025-01-01",
                                       .to = "2025-12-01",
                                       .period = "month",
                                       .add_workers = 10,
                                       .formats = &format,
                                       .n_formats = format == NULL ? 0 : 1,
                                       .output = output,
                                       .overwrite = true,
                                       .lang = WG_LANG_ZH};
    wg_context *ctx = wg_context_new();
    wg_result *result = NULL;
    const wg_status status = ctx == NULL ? WG_ENOMEM : wg_report(ctx, &options, &result);
    if (status != WG_OK) {
        (void)fprintf(stderr, "%s\n", ctx == NULL ? "out of memory" : wg_context_error(ctx));
    }
    wg_result_free(result);
    wg_context_free(ctx);
    return status == WG_OK ? 0 : 1;
}

static run measure(const char *directory, const char *format) {
    struct rusage usage;
    int status = 1;
    const double start = seconds();
    const pid_t child = fork();
    if (child == 0) {
        _exit(report(directory, format));
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        return (run){.good = false};
    }
    return (run){.good = status == 0,
                 .seconds = seconds() - start,
                 .cpu = (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
                        1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec),
                 .megabytes = (double)usage.ru_maxrss / 1024.0};
}

/** The data, in a process of its own too. */
static bool make_data(const char *directory, size_t n) {
    int status = 1;
    const pid_t child = fork();
    if (child == 0) {
        char plan[64];
        char incidents[64];
        (void)snprintf(plan, sizeof plan, "%s/plan.sqlite", directory);
        (void)snprintf(incidents, sizeof incidents, "%s/incidents.csv", directory);
        wg_context *ctx = wg_context_new();
        const bool good = ctx != NULL && make_plan(ctx, plan) && make_incidents(ctx, incidents, n);
        wg_context_free(ctx);
        _exit(good ? 0 : 1);
    }
    return child > 0 && wait4(child, &status, 0, NULL) == child && status == 0;
}

int main(int argc, char **argv) {
    static const char *const formats[] = {NULL, "csv", "geojson", "shp", "xlsx", "html", "gpkg", "pdf"};
    const size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : INCIDENTS;
    char directory[] = "/tmp/bench_report_XXXXXX";
    if (mkdtemp(directory) == NULL || !make_data(directory, n)) {
        return 1;
    }
    bool good = true;
    printf("%d cells, %d buildings, %zu incidents, %ld cores\n", CELLS, BUILDINGS, n, sysconf(_SC_NPROCESSORS_ONLN));
    for (size_t i = 0; i < sizeof formats / sizeof *formats && good; i++) {
        if (argc > 2 && (formats[i] == NULL ? strcmp(argv[2], "all") : strcmp(argv[2], formats[i])) != 0) {
            continue;
        }
        const run took = measure(directory, formats[i]);
        good = took.good;
        printf("%-12s %6.2f s %6.2f s of CPU %6.0f MB\n", formats[i] == NULL ? "everything" : formats[i], took.seconds,
               took.cpu, took.megabytes);
        (void)fflush(stdout);
    }
    printf("files in %s\n", directory);
    return good ? 0 : 1;
}
