#include "commands.h"

#include <stddef.h>

#define AT(member) .at = offsetof(wg_report_options, member)
#define COUNT(member) .count_at = offsetof(wg_report_options, member)

static const cli_option rows[] = {
    {.name = "plan",
     .type = CLI_FILE,
     .argument = "PLAN",
     AT(plan),
     .positional = true,
     .required = true,
     .help = {"the plan to report on", "方案文件"}},
    {.name = "incidents",
     .type = CLI_INPUT,
     .argument = "F",
     AT(incidents),
     .help = {"reported events with place, category, times and status", "事件：地点、类别、时间、状态"}},
    {.name = "workers",
     .type = CLI_INPUT,
     .argument = "F",
     AT(workers),
     .help = {"people with a role, a full-time equivalent and a cell", "人员：角色、折合全时、所在网格"}},
    {.name = "visits",
     .type = CLI_INPUT,
     .argument = "F",
     AT(visits),
     .help = {"visit list or GPS tracks", "走访清单或巡查轨迹"}},
    {.name = "facilities",
     .type = CLI_INPUT,
     .argument = "F",
     AT(facilities),
     .help = {"service points", "服务设施点"}},
    {.name = "field", .type = CLI_FIELDS, .argument = "ROLE=NAME", AT(fields), COUNT(n_fields), .help = CLI_HELP_FIELD},
    {.name = "crs-of", .type = CLI_CRS_OF, .argument = "NAME=CRS", .help = CLI_HELP_CRS_OF},
    {.name = "encoding-of", .type = CLI_ENCODING_OF, .argument = "NAME=ENC", .help = CLI_HELP_ENCODING_OF},
    {.name = "from",
     .type = CLI_TEXT,
     .argument = "DATE",
     .group = CLI_GROUP_RULES,
     AT(from),
     .help = {"first day (2025-01-01)", "起始日期（含）"}},
    {.name = "to",
     .type = CLI_TEXT,
     .argument = "DATE",
     .group = CLI_GROUP_RULES,
     AT(to),
     .help = {"day after the last", "截止日期（不含）"}},
    {.name = "period",
     .type = CLI_TEXT,
     .argument = "PERIOD",
     .choices = "week|month|quarter|year",
     .group = CLI_GROUP_RULES,
     AT(period),
     .help = {"also by week, month, quarter or year (the whole span)",
              "按 week、month、quarter、year 分期（默认整个时段）"}},
    {.name = "timezone",
     .type = CLI_TEXT,
     .argument = "ZONE",
     .group = CLI_GROUP_RULES,
     AT(timezone),
     .help = {"of times without a zone (Asia/Shanghai for data in China)",
              "无时区时间的时区（中国数据默认 Asia/Shanghai）"}},
    {.name = "rules",
     .type = CLI_FILE,
     .argument = "FILE.yaml",
     .group = CLI_GROUP_RULES,
     AT(config),
     .help = {"weights, denominators, work calendar, roles and grades", "权重、分母、工作日历、角色配置和等级"}},
    {.name = "within",
     .type = CLI_REAL,
     .argument = "METRES",
     .group = CLI_GROUP_RULES,
     AT(within_m),
     .help = {"distance that a facility serves (500)", "设施服务半径（默认 500 米）"}},
    {.name = "visit-within",
     .type = CLI_REAL,
     .argument = "METRES",
     .group = CLI_GROUP_RULES,
     AT(visit_m),
     .help = {"a building counts as passed within this (30)", "轨迹多近算到访楼栋（默认 30 米）"}},
    {.name = "suppress",
     .type = CLI_U32,
     .argument = "N",
     .group = CLI_GROUP_RULES,
     AT(suppress),
     .help = {"hide counts below N, and what would give them away (off)", "隐去小于 N 的计数及可反推者（默认不隐）"}},
    {.name = "add-workers",
     .type = CLI_U32,
     .argument = "N",
     .group = CLI_GROUP_RULES,
     AT(add_workers),
     .help = {"where N more workers would help most", "增派 N 人应派往何处"}},
    {.name = "format",
     .type = CLI_LIST,
     .argument = "NAME,...",
     .choices = "geojson|shp|csv|html|xlsx|gpkg|pdf|qgs",
     .group = CLI_GROUP_OUTPUT,
     AT(formats),
     COUNT(n_formats),
     .help = {"forms to write (all)", "输出形式（默认全部）"}},
    {.name = "output",
     .letter = 'o',
     .type = CLI_FILE,
     .argument = "DIR",
     .group = CLI_GROUP_OUTPUT,
     AT(output),
     .required = true,
     .help = {"directory of the report", "报表目录"}},
    {0}};

static wg_status job(wg_context *ctx, void *options, const cli_common *common, wg_result **result) {
    wg_report_options *report = options;
    report->overwrite = common->overwrite;
    report->strict = common->strict;
    report->lang = common->lang;
    return wg_report(ctx, report, result);
}

const cli_command cli_command_report = {
    .name = "report",
    .usage = "PLAN [--incidents F] [--workers F] [--visits F] [--facilities F]\n"
             "[--from D --to D --period month] [options] -o DIR",
    .summary = {"coverage and workload, as tables, maps and a page", "覆盖与工作量：表格、地图和网页"},
    .about = {"What no cell or no worker covers, what is covered twice, each cell against its limits, and how the work "
              "is spread over "
              "cells and workers; for cells and every level above. Every total reconciles with its parts and with the "
              "input, and "
              "the report says so.",
              "哪些面积、楼栋、人口没有网格或人员覆盖，哪些重复覆盖，各网格是否达标，工作量在网格和人员间如何分布；网格"
              "及以上各级都有。"
              "每个合计都与分项和输入核对，并在报表中说明。"},
    .example = "wangge report plan.sqlite --incidents incidents.csv --workers workers.csv \\\n"
               "    --period month --lang zh -o report",
    .example_note = {"Open report/index.html in a browser; it needs no network.",
                     "用浏览器打开 report/index.html，无需联网。"},
    .tables = {rows},
    .options_bytes = sizeof(wg_report_options),
    .job = job,
};
