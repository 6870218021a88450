#include "commands.h"

#include <stddef.h>

#define AT(member) .at = offsetof(wg_compare_options, member)
#define COUNT(member) .count_at = offsetof(wg_compare_options, member)

static const cli_option rows[] = {
    {.name = "cells",
     .type = CLI_INPUTS,
     .argument = "CELLS",
     AT(cells),
     COUNT(n_cells),
     .positional = true,
     .required = true,
     .help = {"cell layers or plans: old, new, further networks", "网格图层或方案：旧、新、其他体系"}},
    {.name = "buildings",
     .type = CLI_INPUT,
     .argument = "F",
     AT(buildings),
     .help = {"households and people that change cell (a plan's own)", "统计变动的户数和人口（默认用方案自带的楼栋）"}},
    {.name = "field", .type = CLI_FIELDS, .argument = "ROLE=NAME", AT(fields), COUNT(n_fields), .help = CLI_HELP_FIELD},
    {.name = "crs-of", .type = CLI_CRS_OF, .argument = "NAME=CRS", .help = CLI_HELP_CRS_OF},
    {.name = "encoding-of", .type = CLI_ENCODING_OF, .argument = "NAME=ENC", .help = CLI_HELP_ENCODING_OF},
    {.name = "output",
     .letter = 'o',
     .type = CLI_FILE,
     .argument = "DIR",
     .group = CLI_GROUP_OUTPUT,
     AT(output),
     .required = true,
     .help = {"directory of ledger, crosswalk and maps", "变动台账、对照表和地图的目录"}},
    {0}};

static const char *objection(const void *options) {
    return ((const wg_compare_options *)options)->n_cells >= 2
               ? NULL
               : "one cell layer is nothing to compare (give OLD and NEW)";
}

static wg_status job(wg_context *ctx, void *options, const cli_common *common, wg_result **result) {
    wg_compare_options *compare = options;
    compare->overwrite = common->overwrite;
    compare->lang = common->lang;
    return wg_compare(ctx, compare, result);
}

const cli_command cli_command_compare = {
    .name = "compare",
    .usage = "OLD NEW [OTHER...] [--buildings F] -o DIR",
    .summary = {"what changed between two cell layers, or where networks agree", "两套网格的变动，或多套网格的异同"},
    .about = {"The change ledger (kept, adjusted, split, merged, new, retired), the crosswalk with shares by area, "
              "households and "
              "people, maps before and after, and each building with its old and new cell. With three or more layers "
              "also where the "
              "networks agree, overlap and leave gaps, and how far each is from nesting in the other.",
              "变动台账（保留、调整、拆分、合并、新增、撤销），按面积、户数、人口的对照表，前后地图，以及每栋楼的新旧网"
              "格。三套以上时还给出各"
              "体系一致、重叠、缺漏之处及相互嵌套的程度。"},
    .example = "wangge compare old.geojson plan.sqlite --buildings buildings.geojson -o changes",
    .tables = {rows},
    .options_bytes = sizeof(wg_compare_options),
    .objection = objection,
    .job = job,
};
