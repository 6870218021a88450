#include "commands.h"

#include <stddef.h>

#define AT(member) .at = offsetof(wg_check_options, member)
#define COUNT(member) .count_at = offsetof(wg_check_options, member)

static const cli_option rows[] = {
    {.name = "cells",
     .type = CLI_INPUT,
     .argument = "F",
     AT(cells),
     .required = true,
     .help = {"cells: a plan or any polygon layer", "网格：方案或任意面图层"}},
    {.name = "communities",
     .type = CLI_INPUT,
     .argument = "F",
     AT(communities),
     .help = {"what the cells have to cover (a plan's own)", "网格应覆盖的社区（默认用方案自带的）"}},
    {.name = "buildings",
     .type = CLI_INPUT,
     .argument = "F",
     AT(buildings),
     .help = {"what must not be cut, and whose sums the limits are about (a plan's own)",
              "不得切割的楼栋，限值按其合计（默认用方案自带的）"}},
    {.name = "barriers",
     .type = CLI_INPUT,
     .argument = "F",
     AT(barriers),
     .help = {"lines that boundaries should follow", "界线应当沿着的线"}},
    {.name = "field", .type = CLI_FIELDS, .argument = "ROLE=NAME", AT(fields), COUNT(n_fields), .help = CLI_HELP_FIELD},
    {.name = "crs-of", .type = CLI_CRS_OF, .argument = "NAME=CRS", .help = CLI_HELP_CRS_OF},
    {.name = "encoding-of", .type = CLI_ENCODING_OF, .argument = "NAME=ENC", .help = CLI_HELP_ENCODING_OF},
    {.name = "households",
     .type = CLI_LIMIT,
     .argument = "MIN:MAX",
     .group = CLI_GROUP_LIMITS,
     AT(limits),
     COUNT(n_limits),
     .help = {"households a cell", "每格户数"}},
    {.name = "population",
     .type = CLI_LIMIT,
     .argument = "MIN:MAX",
     .group = CLI_GROUP_LIMITS,
     AT(limits),
     COUNT(n_limits),
     .help = {"people a cell", "每格人口"}},
    {.name = "area",
     .type = CLI_LIMIT,
     .argument = "MIN:MAX",
     .group = CLI_GROUP_LIMITS,
     AT(limits),
     COUNT(n_limits),
     .help = {"area a cell, with m2, ha or km2", "每格面积，单位 m2、ha、km2"}},
    {.name = "limit",
     .type = CLI_LIMITS,
     .argument = "FIELD=MIN:MAX",
     .group = CLI_GROUP_LIMITS,
     AT(limits),
     COUNT(n_limits),
     .help = {"any numeric building field; repeated", "任意数值型楼栋字段；可重复"}},
    {.name = "count",
     .type = CLI_COUNTS,
     .argument = "MIN:MAX",
     .group = CLI_GROUP_LIMITS,
     AT(count_min),
     COUNT(count_max),
     .help = {"cells a community, or one number", "每个社区的网格数，或一个数"}},
    {.name = "tolerance",
     .type = CLI_REAL,
     .argument = "METRES",
     .group = CLI_GROUP_RULES,
     AT(tolerance_m),
     .help = {"gaps and overlaps thinner than this are not counted (exact)", "窄于此值的缝隙和重叠不计（默认严格）"}},
    {0}};

static wg_status job(wg_context *ctx, void *options, const cli_common *common, wg_result **result) {
    wg_check_options *check = options;
    check->lang = common->lang;
    return wg_check(ctx, check, result);
}

const cli_command cli_command_check = {
    .name = "check",
    .usage = "--cells F [--communities F] [--buildings F] [--barriers F]\n"
             "[--households MIN:MAX] [--limit FIELD=...]... [--count MIN:MAX] [--json]",
    .summary = {"is a cell layer sound, whole, connected and within limits?",
                "检查网格是否无缝无叠、不切楼、连通、达标"},
    .about = {"Cover and overlap, buildings cut or outside, cells that are not connected, limits. Works on any polygon "
              "layer, also one "
              "drawn elsewhere. Ends with status 3 where something was found.",
              "检查缝隙和重叠、被切或漏掉的楼栋、不连通的网格、限值。任何面图层都可以，不限于本软件所绘。发现问题时以状"
              "态 3 结束。"},
    .example = "wangge check --cells plan.sqlite --households 150:300 --json",
    .tables = {rows},
    .options_bytes = sizeof(wg_check_options),
    .job = job,
    .findings_fail = true,
};
