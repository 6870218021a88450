#include "commands.h"

#include <stddef.h>

#define AT(member) .at = offsetof(wg_populate_options, member)
#define COUNT(member) .count_at = offsetof(wg_populate_options, member)

static const cli_option rows[] = {
    {.name = "buildings",
     .type = CLI_INPUT,
     .argument = "F",
     AT(buildings),
     .required = true,
     .instead = "osm",
     .help = {"footprints, with floors and use where known", "楼栋面，已知时带层数和用途"}},
    {.name = "totals",
     .type = CLI_INPUT,
     .argument = "F",
     AT(totals),
     .required = true,
     .instead = "osm",
     .help = {"polygons with households, people, registered or floating; or a raster of counts",
              "带户数、人口、户籍、流动合计的面，或人口栅格"}},
    {.name = "osm",
     .type = CLI_FILE,
     .argument = "FILE",
     AT(osm),
     .help = {"OpenStreetMap extract (.osm.pbf) that gives buildings, or totals by the population tags of its "
              "boundaries, that are not given",
              "OpenStreetMap 数据（.osm.pbf），提供未给出的楼栋，或按其边界的 population 标签提供合计"}},
    {.name = "level",
     .type = CLI_U32,
     .argument = "N",
     .low = 2,
     .high = 11,
     AT(osm_level),
     .help = {"admin_level of those boundaries (8)", "这些边界的行政级别（默认 8）"}},
    {.name = "field", .type = CLI_FIELDS, .argument = "ROLE=NAME", AT(fields), COUNT(n_fields), .help = CLI_HELP_FIELD},
    {.name = "crs-of", .type = CLI_CRS_OF, .argument = "NAME=CRS", .help = CLI_HELP_CRS_OF},
    {.name = "encoding-of", .type = CLI_ENCODING_OF, .argument = "NAME=ENC", .help = CLI_HELP_ENCODING_OF},
    {.name = "people-per-household",
     .type = CLI_REAL,
     .argument = "N",
     .high = 20,
     .group = CLI_GROUP_RULES,
     AT(people_per_household),
     .help = {"where only one of the two is known (2.62)", "只知其一时的户均人口（默认 2.62）"}},
    {.name = "output",
     .letter = 'o',
     .type = CLI_FILE,
     .argument = "F",
     .group = CLI_GROUP_OUTPUT,
     AT(output),
     .required = true,
     .help = {"the buildings with their figures and where each came from", "带人口数和来源说明的楼栋"}},
    {0}};

static wg_status job(wg_context *ctx, void *options, const cli_common *common, wg_result **result) {
    wg_populate_options *populate = options;
    populate->overwrite = common->overwrite;
    populate->lang = common->lang;
    return wg_populate(ctx, populate, result);
}

const cli_command cli_command_populate = {
    .name = "populate",
    .usage = "--buildings F --totals F [--field ROLE=NAME]... -o F",
    .summary = {"households and people of buildings where only totals are known", "只有合计时，推算各楼的户数和人口"},
    .about = {"Spread the totals of communities, census cells or a raster over the buildings by footprint, floors and "
              "use. The total of "
              "every source zone is met exactly, in whole numbers. Buildings that are not lived in get none.",
              "把社区、普查单元或栅格的合计按占地、层数和用途摊到楼栋。每个来源区的合计严格相等，取整数。非居住建筑不分"
              "配。"},
    .example = "wangge populate --buildings footprints.gpkg --totals communities.geojson -o buildings.gpkg",
    .tables = {rows},
    .options_bytes = sizeof(wg_populate_options),
    .job = job,
};
