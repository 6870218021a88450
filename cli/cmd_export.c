#include "commands.h"

#include <stddef.h>

#define AT(member) .at = offsetof(wg_export_options, member)
#define COUNT(member) .count_at = offsetof(wg_export_options, member)

static const cli_option rows[] = {
    {.name = "plan",
     .type = CLI_FILE,
     .argument = "PLAN",
     AT(plan),
     .positional = true,
     .required = true,
     .help = {"the plan to export", "方案文件"}},
    {.name = "format",
     .type = CLI_LIST,
     .argument = "NAME,...",
     .choices = "geojson|shp|gpkg|fgb|csv|xlsx",
     .group = CLI_GROUP_OUTPUT,
     AT(formats),
     COUNT(n_formats),
     .help = {"formats to write (geojson)", "输出格式（默认 geojson）"}},
    {.name = "layers",
     .type = CLI_LIST,
     .argument = "NAME,...",
     .group = CLI_GROUP_OUTPUT,
     AT(layers),
     COUNT(n_layers),
     .help = {"layers to write (all)", "输出的图层（默认全部）"}},
    {.name = "to-crs",
     .type = CLI_TEXT,
     .argument = "CRS",
     .group = CLI_GROUP_OUTPUT,
     AT(to_crs),
     .help = {"CRS of the outputs, also gcj02 and bd09 (GeoJSON WGS 84, others the working CRS)",
              "输出坐标系，可为 gcj02、bd09（默认 GeoJSON 为 WGS 84，其余为工作坐标系）"}},
    {.name = "encoding",
     .type = CLI_TEXT,
     .argument = "NAME",
     .group = CLI_GROUP_OUTPUT,
     AT(encoding),
     .help = {"text of Shapefile and CSV (UTF-8; GB18030 for old desktops)",
              "Shapefile 和 CSV 的编码（默认 UTF-8；旧软件可用 GB18030）"}},
    {.name = "output",
     .letter = 'o',
     .type = CLI_FILE,
     .argument = "DIR",
     .group = CLI_GROUP_OUTPUT,
     AT(output),
     .required = true,
     .help = {"directory of the files", "输出目录"}},
    {0}};

static wg_status job(wg_context *ctx, void *options, const cli_common *common, wg_result **result) {
    wg_export_options *export = options;
    export->overwrite = common->overwrite;
    export->lang = common->lang;
    return wg_export(ctx, export, result);
}

const cli_command cli_command_export = {
    .name = "export",
    .usage = "PLAN [--format geojson,shp,gpkg,fgb,csv,xlsx] [--layers NAME,...] [--to-crs CRS] -o DIR",
    .summary = {"write the plan's layers for other programs", "把方案的图层输出给其他软件"},
    .about = {"Every layer of the plan as GeoJSON, Shapefile, GeoPackage, FlatGeobuf, CSV or XLSX. Polygons are "
              "checked again after "
              "rounding and reprojection; neighbours keep the same vertices. The plan stays the authority.",
              "把方案各图层写成 GeoJSON、Shapefile、GeoPackage、FlatGeobuf、CSV 或 "
              "XLSX。取整和投影后再次检查面的有效性，相邻网格的顶点保持"
              "一致。以方案为准。"},
    .example = "wangge export plan.sqlite --format geojson,shp,gpkg -o export",
    .tables = {rows},
    .options_bytes = sizeof(wg_export_options),
    .job = job,
};
