#include "commands.h"

#include <stddef.h>

#define AT(member) .at = offsetof(wg_assign_options, member)
#define COUNT(member) .count_at = offsetof(wg_assign_options, member)

static const cli_option rows[] = {
    {.name = "cells",
     .type = CLI_INPUT,
     .argument = "F",
     AT(cells),
     .required = true,
     .help = {"cells: a plan (plan.sqlite) or any polygon layer with a code", "网格：方案文件或任意带编码的面图层"}},
    {.name = "features",
     .type = CLI_INPUT,
     .argument = "F",
     AT(features),
     .required = true,
     .help = {"points, lines or polygons to assign; CSV with coordinates too",
              "要归属的点、线或面；也可以是带坐标的 CSV"}},
    {.name = "buildings",
     .type = CLI_INPUTS,
     .argument = "F",
     AT(buildings),
     .count_at = CLI_NOWHERE,
     .help = {"where the keys of --key live (the plan's buildings)", "--key 所指的楼栋（默认为方案中的楼栋）"}},
    {.name = "x",
     .type = CLI_TEXT,
     .argument = "FIELD",
     AT(x_field),
     .help = {"easting or longitude column of a table (found by name)", "表中的横坐标或经度列（默认按名称识别）"}},
    {.name = "y",
     .type = CLI_TEXT,
     .argument = "FIELD",
     AT(y_field),
     .help = {"northing or latitude column of a table (found by name)", "表中的纵坐标或纬度列（默认按名称识别）"}},
    {.name = "field", .type = CLI_FIELDS, .argument = "ROLE=NAME", AT(fields), COUNT(n_fields), .help = CLI_HELP_FIELD},
    {.name = "crs-of", .type = CLI_CRS_OF, .argument = "NAME=CRS", .help = CLI_HELP_CRS_OF},
    {.name = "encoding-of", .type = CLI_ENCODING_OF, .argument = "NAME=ENC", .help = CLI_HELP_ENCODING_OF},
    {.name = "within",
     .type = CLI_REAL,
     .argument = "METRES",
     .group = CLI_GROUP_RULES,
     AT(within_m),
     .help = {"a feature outside all cells goes to the nearest one within this (off)",
              "格外要素归入此距离内最近的网格（默认不归）"}},
    {.name = "key",
     .type = CLI_TEXT,
     .argument = "FIELD",
     .group = CLI_GROUP_RULES,
     AT(key_field),
     .help = {"field that names a building or an address; it wins over the coordinate",
              "指明楼栋或地址的字段，优先于坐标"}},
    {.name = "conflict",
     .type = CLI_REAL,
     .argument = "METRES",
     .group = CLI_GROUP_RULES,
     AT(conflict_m),
     .help = {"list where key and coordinate differ by more (100)", "楼栋与坐标相差超过此值时列出（默认 100 米）"}},
    {.name = "split",
     .type = CLI_FLAG,
     .group = CLI_GROUP_RULES,
     AT(split),
     .help = {"lines and polygons: one row a part, with its share (largest share)",
              "线、面按网格拆成多行并给出份额（默认归最大份额）"}},
    {.name = "id",
     .type = CLI_TEXT,
     .argument = "FIELD",
     .group = CLI_GROUP_RULES,
     AT(id_field),
     .help = {"identity of a row: appended to a plan twice, it counts once", "行的标识：重复追加到方案时只计一次"}},
    {.name = "output",
     .letter = 'o',
     .type = CLI_FILE,
     .argument = "F",
     .group = CLI_GROUP_OUTPUT,
     AT(output),
     .required = true,
     .help = {"any OGR format by its extension, or a plan to append to", "输出文件，格式由扩展名决定；或要追加的方案"}},
    {.name = "rejects",
     .type = CLI_FILE,
     .argument = "F",
     .group = CLI_GROUP_OUTPUT,
     AT(rejects),
     .help = {"one row a feature without a cell, with the reason", "未匹配清单，逐行说明原因"}},
    {.name = "fields",
     .type = CLI_LIST,
     .argument = "NAME,...",
     .group = CLI_GROUP_OUTPUT,
     AT(keep),
     COUNT(n_keep),
     .help = {"source fields to keep (all)", "保留的原字段（默认全部）"}},
    {.name = "to-crs",
     .type = CLI_TEXT,
     .argument = "CRS",
     .group = CLI_GROUP_OUTPUT,
     AT(to_crs),
     .help = {"CRS of the output (as the features)", "输出坐标系（默认与要素相同）"}},
    {0}};

static wg_status job(wg_context *ctx, void *options, const cli_common *common, wg_result **result) {
    wg_assign_options *assign = options;
    assign->overwrite = common->overwrite;
    assign->strict = common->strict;
    assign->lang = common->lang;
    return wg_assign(ctx, assign, result);
}

const cli_command cli_command_assign = {
    .name = "assign",
    .usage = "--cells F --features F [--within METRES] [--key FIELD] [--rejects F] [options] -o F",
    .summary = {"tell which cell every building, person or incident belongs to",
                "说明每栋楼、每个人、每件事属于哪个网格"},
    .about = {"Every feature gets a cell and how it got it: inside, edge (on a shared boundary: the lower code), "
              "nearest, key, split, "
              "or none with the reason. In = assigned + rejected, always, and the counts are printed. With --strict, "
              "cells that "
              "overlap, leave gaps or are invalid are refused.",
              "每个要素都得到网格及其依据：inside 在内、edge 在共用边上（取编码小者）、nearest 最近、key 按楼栋、split "
              "拆分，或 none "
              "并说明原因。输入数 = 归属数 + 未匹配数，始终成立并显示。加 --strict 时拒绝有重叠、缝隙或无效的网格。"},
    .example = "wangge assign --cells plan.sqlite --features incidents.csv --within 30 \\\n"
               "    --rejects rejects.csv -o incidents_cells.gpkg",
    .tables = {rows},
    .options_bytes = sizeof(wg_assign_options),
    .job = job,
};
