/** wangge-citygen: a made-up city of any size, the same bytes for the same seed. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

static const char usage[] =
    "usage: wangge-citygen -o DIR [--buildings N] [--communities N] [--incidents N] [--seed S]\n"
    "                      [--format gpkg|geojson|shp|fgb] [--clean]\n"
    "\n"
    "Makes a city that does not exist: communities, buildings, roads, river, railway, compounds, dedicated areas, the "
    "grid\n"
    "cells of today, stairs, facilities, a year of incidents, workers and visits. One street (50.3 km2, 27 "
    "communities) for\n"
    "every 9000 buildings; smaller numbers make a smaller place. Same options, same bytes.\n"
    "\n"
    "  -o, --output DIR     directory to write to; files of the same names are replaced\n"
    "      --buildings N    buildings in all (default 9000)\n"
    "      --communities N  communities in all (default 27 for every 9000 buildings)\n"
    "      --incidents N    incidents of the year (default 60000 for every 9000 buildings)\n"
    "      --seed S         another place (default 1)\n"
    "      --format F       of the layers with geometry (default gpkg); incidents, workers and visits are CSV\n"
    "      --clean          without the usual faults: doubled or missing values, roads that do not meet, slivers, bad "
    "places\n"
    "\n"
    "example: wangge-citygen --buildings 500000 --format fgb -o city\n";

static uint64_t number(const char *option, const char *value, uint64_t least, uint64_t most) {
    char *end;
    const unsigned long long n = strtoull(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0' || n < least || n > most) {
        fprintf(stderr, "wangge-citygen: error: --%s %s: a whole number from %" PRIu64 " to %" PRIu64 " is needed\n",
                option, value, least, most);
        exit(2);
    }
    return n;
}

/** Check what is left and fill in the numbers that were not given. */
static void finish_options(options *choice, int stray, bool communities, bool incidents) {
    static const char *const formats[] = {"gpkg", "geojson", "shp", "fgb"};
    bool known = false;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        known = known || strcmp(choice->format, formats[i]) == 0;
    }
    if (choice->directory == NULL || stray > 0 || !known) {
        fprintf(stderr, "wangge-citygen: error: %s\n%s",
                !known                      ? "the format must be gpkg, geojson, shp or fgb"
                : choice->directory == NULL ? "-o DIR is missing"
                                            : "stray argument",
                usage);
        exit(2);
    }
    const uint64_t n = choice->buildings;
    if (!communities) {
        choice->communities = (uint32_t)(n * TOWN_COMMUNITIES / TOWN_BUILDINGS);
        choice->communities += choice->communities == 0;
    }
    if (!incidents) {
        choice->incidents = (uint32_t)(n * TOWN_INCIDENTS / TOWN_BUILDINGS);
    }
}

static void read_options(int argc, char **argv, options *choice) {
    enum { BUILDINGS = 256, COMMUNITIES, INCIDENTS, SEED, FORMAT, CLEAN };
    static const struct option names[] = {{"output", required_argument, NULL, 'o'},
                                          {"buildings", required_argument, NULL, BUILDINGS},
                                          {"communities", required_argument, NULL, COMMUNITIES},
                                          {"incidents", required_argument, NULL, INCIDENTS},
                                          {"seed", required_argument, NULL, SEED},
                                          {"format", required_argument, NULL, FORMAT},
                                          {"clean", no_argument, NULL, CLEAN},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    bool communities = false, incidents = false;
    for (int c; (c = getopt_long(argc, argv, "o:h", names, NULL)) != -1;) {
        switch (c) {
        case 'o':
            choice->directory = optarg;
            break;
        case BUILDINGS:
            choice->buildings = (uint32_t)number("buildings", optarg, 20, 5000000);
            break;
        case COMMUNITIES:
            choice->communities = (uint32_t)number("communities", optarg, 1, 100000);
            communities = true;
            break;
        case INCIDENTS:
            choice->incidents = (uint32_t)number("incidents", optarg, 0, 100000000);
            incidents = true;
            break;
        case SEED:
            choice->seed = number("seed", optarg, 0, UINT64_MAX);
            break;
        case FORMAT:
            choice->format = optarg;
            break;
        case CLEAN:
            choice->clean = true;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            fputs("Try wangge-citygen --help\n", stderr);
            exit(2);
        }
    }
    finish_options(choice, argc - optind, communities, incidents);
}

int main(int argc, char **argv) {
    options choice = {.seed = 1, .buildings = TOWN_BUILDINGS, .format = "gpkg"};
    read_options(argc, argv, &choice);
    city_plan where;
    place_init(&where, &choice);
    output *out = output_open(&choice);
    census all = {0};
    for (uint32_t i = 0; i < where.towns; i++) {
        town_map t;
        town_make(&t, &where, i);
        output_town(out, &t, &all);
        town_release(&t);
    }
    events_write(out, &choice, &all);
    output_close(out);
    printf("%u towns, %.1f km2, %" PRIu64 " communities, %" PRIu64 " present cells, %" PRIu64 " buildings, %" PRIu64
           " roads, %" PRIu64 " compounds, %" PRIu64 " households, %" PRIu64 " + %" PRIu64 " people, %u incidents\n",
           where.towns, all.area_m2 / 1e6, all.counts[LAYER_COMMUNITIES], all.counts[LAYER_CELLS],
           all.counts[LAYER_BUILDINGS], all.counts[LAYER_ROADS], all.counts[LAYER_COMPOUNDS], all.households,
           all.registered, all.floating, choice.incidents);
    free(all.spots);
    free(all.cells);
    free(all.cell_households);
    return 0;
}
