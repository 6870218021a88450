/** The sample street and its cells of today, as tests of redrawing take them. */
#ifndef WG_TESTS_SAMPLE_H
#define WG_TESTS_SAMPLE_H

#include "wangge.h"

#define SAMPLE WG_SOURCE_DIR "/datasets/sample/"
static const double LOW = 150, HIGH = 300;

static const wg_input barriers[] = {
    {.source = SAMPLE "roads.gpkg"}, {.source = SAMPLE "railway.gpkg"}, {.source = SAMPLE "river.gpkg"}};
static const wg_input present = {.source = SAMPLE "cells_present.gpkg"};

static inline wg_partition_options options_of(const wg_limit *limit, const char *output) {
    wg_partition_options options = WG_PARTITION_OPTIONS_INIT;
    options.communities.source = SAMPLE "communities.gpkg";
    options.buildings.source = SAMPLE "buildings.gpkg";
    options.compounds.source = SAMPLE "compounds.gpkg";
    options.barriers = barriers;
    options.n_barriers = 3;
    options.limits = limit;
    options.n_limits = 1;
    options.output = output;
    options.overwrite = true;
    return options;
}

#endif
