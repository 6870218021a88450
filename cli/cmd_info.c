#include "commands.h"

#include <stddef.h>

static const cli_option rows[] = {
    {.name = "input",
     .type = CLI_INPUTS,
     .argument = "F",
     .at = offsetof(wg_info_options, inputs),
     .count_at = offsetof(wg_info_options, n_inputs),
     .positional = true,
     .required = true,
     .help = {"files, connection strings or path|layername=name", "文件、连接串或“路径|layername=图层”"}},
    {.name = "crs-of",
     .type = CLI_CRS_OF,
     .argument = "NAME=CRS",
     .help = {"states or overrides the CRS: input=EPSG:4490, input:2=gcj02",
              "指定坐标系：input=EPSG:4490、input:2=gcj02"}},
    {.name = "encoding-of", .type = CLI_ENCODING_OF, .argument = "NAME=ENC", .help = CLI_HELP_ENCODING_OF},
    {0}};

static wg_status job(wg_context *ctx, void *options, const cli_common *common, wg_result **result) {
    wg_info_options *info = options;
    info->lang = common->lang;
    return wg_info(ctx, info, result);
}

static bool always(const void *options) {
    (void)options;
    return true;
}

const cli_command cli_command_info = {
    .name = "info",
    .usage = "F... [--crs-of input=CRS] [--json]",
    .summary = {"what is in a file, as wangge understands it", "说明文件里有什么、如何理解"},
    .about = {"Layers, counts, extent, CRS and encoding and how each was known, fields as understood with samples, "
              "missing values, geometry "
              "problems, and doubts with advice.",
              "图层、数量、范围、坐标系和编码及其判断依据、字段含义和样例、缺值、几何问题，以及疑点和建议。"},
    .example = "wangge info buildings.shp communities.geojson",
    .tables = {rows},
    .options_bytes = sizeof(wg_info_options),
    .text_is_result = always,
    .job = job,
};
