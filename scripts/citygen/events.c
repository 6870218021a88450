/** A year of incidents, who works where, and four weeks of visits: tables with degrees, as registers export them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "output.h"

enum { YEAR = 2025, HOURS = 365 * 24, FIRST_WEEKDAY = 2 /* 1 January 2025: Wednesday, Monday being 0 */ };

typedef struct subject {
    const char *name;
    double share;
    double routes[4]; /**< general, coordination, emergency, approval */
    double liked[3];  /**< factor in dense old parts, at work places, elsewhere */
} subject;

static const subject subjects[] = {
    {"市容环境", 0.24, {0.90, 0.09, 0.00, 0.01}, {1, 1, 1}},
    {"市政设施", 0.13, {0.55, 0.35, 0.04, 0.06}, {0.8, 1, 1}},
    {"消防安全", 0.11, {0.62, 0.20, 0.16, 0.02}, {1, 0.9, 0.4}},
    {"矛盾纠纷", 0.12, {0.60, 0.36, 0.03, 0.01}, {0.8, 0.3, 1}},
    {"出租屋管理", 0.11, {0.85, 0.14, 0.00, 0.01}, {1, 0.2, 0.4}},
    {"治安隐患", 0.07, {0.45, 0.35, 0.19, 0.01}, {1, 0.7, 0.5}},
    {"违法建设", 0.05, {0.10, 0.50, 0.00, 0.40}, {1, 0.5, 0.4}},
    {"劳资纠纷", 0.03, {0.20, 0.62, 0.08, 0.10}, {0.2, 1, 0.05}},
    {"食品安全", 0.04, {0.50, 0.42, 0.06, 0.02}, {0.8, 1, 0.4}},
    {"公共卫生", 0.04, {0.70, 0.26, 0.03, 0.01}, {1, 0.6, 0.7}},
    {"便民服务", 0.06, {0.92, 0.07, 0.00, 0.01}, {0.6, 0.2, 1}},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };
static const char *const routes[] = {"general", "coordination", "emergency", "approval"};
static const double route_hours[] = {24, 120, 4, 360};

/** Digits by hand: a city has ten million times to write. */
static void put_digits(char *text, int n, int64_t value) {
    for (int i = n - 1; i >= 0; i--, value /= 10) {
        text[i] = (char)('0' + value % 10);
    }
}

/** Minutes since the start of the year as ISO 8601 in China's time. */
static void write_time(FILE *file, int64_t minute) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t day = minute / 1440, year = YEAR;
    while (day >= 365) {
        day -= 365;
        year++;
    }
    int month = 0;
    while (day >= days[month]) {
        day -= days[month++];
    }
    char text[] = "0000-00-00T00:00+08:00";
    put_digits(text, 4, year);
    put_digits(text + 5, 2, month + 1);
    put_digits(text + 8, 2, day + 1);
    put_digits(text + 11, 2, minute % 1440 / 60);
    put_digits(text + 14, 2, minute % 60);
    fwrite(text, 1, sizeof text - 1, file);
}

/** How much is reported in an hour of the year: by day, by week, by season, and less at the Spring Festival. */
static double busy(int hour_of_year) {
    static const double by_hour[24] = {0.5, 0.3, 0.2, 0.2, 0.2, 0.4, 1.1, 2.6, 5.2, 7.4, 7.6, 6.2,
                                       3.6, 3.8, 6.0, 7.0, 6.8, 5.6, 4.4, 4.2, 3.6, 2.6, 1.6, 0.9};
    const int day = hour_of_year / 24, weekday = (day + FIRST_WEEKDAY) % 7;
    const double season = 1 + 0.18 * sin((day - 110) * 2 * M_PI / 365);
    const double week = weekday == 6 ? 0.52 : weekday == 5 ? 0.68 : weekday == 0 ? 1.15 : 1;
    const double festival = day >= 27 && day <= 34 ? 0.35 : day >= 273 && day <= 279 ? 0.6 : 1;
    return by_hour[hour_of_year % 24] * season * week * festival;
}

typedef struct chooser {
    const census *all;
    double *until; /**< sums of weights */
} chooser;

static const spot *choose(const chooser *c, wg_random *random) {
    const double pick = wg_random_unit(random) * c->until[c->all->n_spots - 1];
    size_t low = 0, high = c->all->n_spots - 1;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (c->until[middle] > pick) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return &c->all->spots[low];
}

static uint32_t weighed(wg_random *random, const double *shares, uint32_t n) {
    double pick = wg_random_unit(random);
    for (uint32_t i = 0; i + 1 < n; i++) {
        pick -= shares[i];
        if (pick < 0) {
            return i;
        }
    }
    return n - 1;
}

static double liking(const subject *s, const spot *where) {
    if (where->land == LAND_OLD_TOWN || where->land == LAND_URBAN_VILLAGE) {
        return s->liked[0];
    }
    return where->use != USE_RESIDENTIAL ? s->liked[1] : s->liked[2];
}

/** Where it was reported from, with what goes wrong on the way. An empty text: no coordinate. */
static void write_place(FILE *file, output *out, const options *choice, const spot *where, bool keyed,
                        wg_random *random) {
    vec p = random_near(random, where->at, 9);
    const double luck = wg_random_unit(random);
    const vec way = vec_of_angle(random_between(random, 0, 2 * M_PI));
    const double drift = random_between(random, 0, 1);
    if (random_chance(random, 0.2)) {
        p = vec_add(p, vec_scale(way, 15 + 40 * drift)); /* on the street */
    }
    if (choice->clean) {
        output_degrees(out, &p, 1);
        fprintf(file, "%.6f,%.6f", p.x, p.y);
        return;
    }
    if (luck < 0.012) {
        p = vec_add(p, vec_scale(way, 60 + 140 * drift)); /* GPS between high buildings */
    } else if (keyed && luck < 0.07) {
        p = vec_add(p, vec_scale(way, 300 + 2200 * drift)); /* reported from the office: the building is right */
    }
    output_degrees(out, &p, 1);
    if (luck > 0.992) {
        fputs(",", file);
    } else if (luck > 0.990) {
        fputs("0,0", file);
    } else if (luck > 0.988) {
        fprintf(file, "%.6f,%.6f", p.y, p.x);
    } else if (luck > 0.9875) {
        fprintf(file, "%.6f,%.6f", p.x + 0.5, p.y - 0.3);
    } else {
        fprintf(file, "%.6f,%.6f", p.x, p.y);
    }
}

static void write_incident(FILE *file, output *out, const options *choice, const chooser *c, uint32_t id,
                           int64_t opened, wg_random *random) {
    double shares[SUBJECTS];
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        shares[i] = subjects[i].share;
    }
    const subject *s = &subjects[weighed(random, shares, SUBJECTS)];
    const spot *where = choose(c, random);
    for (int tries = 0; tries < 4 && !random_chance(random, liking(s, where)); tries++) {
        where = choose(c, random);
    }
    const uint32_t route = weighed(random, s->routes, 4);
    const int severity = route == 2 ? 3 + (int)wg_random_below(random, 2) : 1 + (int)wg_random_below(random, 3);
    const int64_t due = opened + (int64_t)(route_hours[route] * 60);
    /* the median takes 0.38 of the time allowed; some places are slower than others */
    const double slow = 0.8 + 0.6 * (double)(wg_hash_u64(where->cell + choice->seed) >> 40) / (double)(1 << 24);
    const double took = exp(0.78 * random_normal(random)) * 0.38 * slow * route_hours[route] * 60;
    int64_t closed = opened + 2 + (int64_t)fmin(took, 250000);
    const bool rework = random_chance(random, 0.028);
    closed += rework ? (int64_t)(took * 0.6) : 0;
    if (!choice->clean && random_chance(random, 0.0003)) {
        closed = opened - 30; /* a clock that went wrong */
    }
    const bool open = closed >= HOURS * 60 || random_chance(random, 0.004);
    const bool keyed = random_chance(random, 0.11);
    fprintf(file, "E%07u,%s,%s,", id, s->name, open ? random_chance(random, 0.35) ? "open" : "handling" : "closed");
    write_time(file, opened);
    fputc(',', file);
    write_time(file, due);
    fputc(',', file);
    if (!open) {
        write_time(file, closed);
    }
    fprintf(file, ",%s,%d,%d,", routes[route], severity, rework ? 1 : 0);
    if (keyed) {
        fprintf(file, "B%06u", where->id);
    }
    fputc(',', file);
    write_place(file, out, choice, where, keyed, random);
    fputc('\n', file);
}

static int compare_int(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

static FILE *open_table(const options *choice, const char *name, const char *header) {
    char file_name[4096];
    snprintf(file_name, sizeof file_name, "%s/%s.csv", choice->directory, name);
    FILE *file = fopen(file_name, "wb");
    if (file == NULL) {
        die("%s cannot be written", file_name);
    }
    fprintf(file, "%s\n", header);
    return file;
}

static void close_table(FILE *file) {
    if (ferror(file) != 0 || fclose(file) != 0) {
        die("a table could not be written to its end (is the disk full?)");
    }
}

static void write_incidents(output *out, const options *choice, const chooser *c) {
    FILE *file =
        open_table(choice, "incidents", "id,category,status,opened,due,closed,route,severity,rework,building,lon,lat");
    wg_random random;
    wg_random_seed(&random, choice->seed, "incidents");
    double *weight = need(wg_malloc(HOURS, sizeof *weight));
    int32_t *share = need(wg_malloc(HOURS, sizeof *share));
    int *minutes = need(wg_malloc((size_t)choice->incidents + 1, sizeof *minutes));
    for (int hour = 0; hour < HOURS; hour++) {
        weight[hour] = busy(hour) * random_between(&random, 0.5, 1.5);
    }
    apportion(weight, HOURS, choice->incidents, share);
    uint32_t id = 0;
    for (int hour = 0; hour < HOURS; hour++) {
        for (int32_t i = 0; i < share[hour]; i++) {
            minutes[i] = (int)wg_random_below(&random, 60);
        }
        qsort(minutes, (size_t)share[hour], sizeof *minutes, compare_int);
        for (int32_t i = 0; i < share[hour]; i++) {
            write_incident(file, out, choice, c, ++id, (int64_t)hour * 60 + minutes[i], &random);
        }
    }
    free(weight);
    free(share);
    free(minutes);
    close_table(file);
}

/* ---- workers and visits ---- */

typedef struct visitors {
    FILE *workers, *visits;
    output *out;
    const census *all;
    const uint32_t *first, *order; /**< buildings by cell */
    wg_random random;
    uint32_t worker, visit;
} visitors;

static uint32_t write_worker(visitors *v, const char *role, double fte, uint32_t cell) {
    fprintf(v->workers, "W%05u,%s,%.2g,%s\n", ++v->worker, role, fte, v->all->cells[cell]);
    return v->worker;
}

/** Four weeks in December of one worker: some go out every day, some hardly. */
static void write_visits(visitors *v, uint32_t worker, uint32_t cell) {
    const uint32_t from = v->first[cell], n = v->first[cell + 1] - from;
    const double diligence = random_between(&v->random, 0.2, 2.2);
    for (int day = 334; day < 334 + 28 && n > 0; day++) {
        if ((day + FIRST_WEEKDAY) % 7 >= 5) {
            continue;
        }
        const uint32_t visits = (uint32_t)(diligence * random_between(&v->random, 0.4, 1.9));
        int64_t minute = (int64_t)day * 1440 + 8 * 60 + 30;
        for (uint32_t i = 0; i < visits; i++) {
            const spot *where = &v->all->spots[v->order[from + wg_random_below(&v->random, n)]];
            minute += 12 + wg_random_below(&v->random, 80);
            vec p = random_near(&v->random, where->at, 6);
            output_degrees(v->out, &p, 1);
            fprintf(v->visits, "V%07u,W%05u,B%06u,", ++v->visit, worker, where->id);
            write_time(v->visits, minute);
            fprintf(v->visits, ",%.6f,%.6f\n", p.x, p.y);
        }
    }
}

static void staff_cell(visitors *v, uint32_t cell) {
    const uint32_t households = v->all->cell_households[cell];
    static const double part_time[] = {0.2, 0.25, 0.5};
    if (!random_chance(&v->random, 0.04)) {
        write_worker(v, "网格长", 1, cell);
    }
    const uint32_t full = 1 + (uint32_t)(households / 330.0 + wg_random_unit(&v->random) * 0.9);
    for (uint32_t i = 0; i < full && !(i == 0 && random_chance(&v->random, 0.03)); i++) {
        const uint32_t worker = write_worker(v, "网格员", random_chance(&v->random, 0.1) ? 0.5 : 1, cell);
        write_visits(v, worker, cell);
    }
    if (!random_chance(&v->random, 0.08)) {
        write_worker(v, "警员", part_time[wg_random_below(&v->random, 3)], cell);
    }
    for (uint32_t i = wg_random_below(&v->random, 4); i > 0; i--) {
        write_worker(v, "兼职网格员", 0.1, cell);
    }
}

static void write_people(output *out, const options *choice, const census *all) {
    uint32_t *first = need(wg_calloc(all->n_cells + 2, sizeof *first));
    uint32_t *order = need(wg_malloc(all->n_spots, sizeof *order));
    for (size_t i = 0; i < all->n_spots; i++) {
        first[all->spots[i].cell + 2]++;
    }
    for (size_t i = 2; i < all->n_cells + 2; i++) {
        first[i] += first[i - 1];
    }
    for (size_t i = 0; i < all->n_spots; i++) {
        order[first[all->spots[i].cell + 1]++] = (uint32_t)i;
    }
    visitors v = {.out = out, .all = all, .first = first, .order = order};
    wg_random_seed(&v.random, choice->seed, "workers");
    v.workers = open_table(choice, "workers", "id,role,fte,cell");
    v.visits = open_table(choice, "visits", "id,worker,building,time,lon,lat");
    for (uint32_t cell = 0; cell < all->n_cells; cell++) {
        staff_cell(&v, cell);
    }
    close_table(v.workers);
    close_table(v.visits);
    free(first);
    free(order);
}

void events_write(output *out, const options *choice, const census *all) {
    chooser c = {.all = all, .until = need(wg_malloc(all->n_spots, sizeof(double)))};
    double sum = 0;
    for (size_t i = 0; i < all->n_spots; i++) {
        sum += all->spots[i].weight;
        c.until[i] = sum;
    }
    write_incidents(out, choice, &c);
    write_people(out, choice, all);
    free(c.until);
}
