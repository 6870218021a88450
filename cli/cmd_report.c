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
    {.name = "ledger",
     .type = CLI_INPUT,
     .argument = "F",
     AT(ledger),
     .help = {"special classes of people: a cell, place or building, with category and count, or --class columns",
              "台账（重点人群）：网格、位置或楼栋，类别、数量，或以 --class 指定各类人数字段"}},
    {.name = "class",
     .type = CLI_LIST,
     .argument = "FIELD,...",
     AT(classes),
     COUNT(n_classes),
     .help = {"fields of the ledger that count one class each (a building table: elderly, disabled ...)",
              "台账中各为一类人数的字段（如楼栋表中的 老年人、残疾人）"}},
    {.name = "organisations",
     .type = CLI_INPUT,
     .argument = "F",
     AT(organisations),
     .help = {"organisations: a cell, place or building, and a count", "单位：网格、位置或楼栋，数量"}},
    {.name = "before",
     .type = CLI_INPUT,
     .argument = "F",
     AT(before),
     .help = {"cells as they were, for the table before and after (a redrawn plan knows its own)",
              "调整前的网格，用于调整前后对照表（redraw 生成的方案自带）"}},
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
    {.name = "paper",
     .type = CLI_TEXT,
     .argument = "SIZE",
     .choices = "A3|A4",
     .group = CLI_GROUP_OUTPUT,
     AT(paper),
     .help = {"of the map sheets (A3)", "图幅纸张（默认 A3）"}},
    {.name = "scale",
     .type = CLI_REAL,
     .argument = "X",
     .group = CLI_GROUP_OUTPUT,
     AT(scale),
     .help = {"of the map sheets, 1:X (the largest that needs at most 24)",
              "图幅比例尺 1:X（默认不超过 24 幅的最大比例尺）"}},
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
    .about =
        {"What no cell or no worker covers, what is covered twice, each cell against its limits, and how the work "
         "is spread over "
         "cells and workers; for cells and every level above. Every total reconciles with its parts and with the "
         "input, and "
         "the report says so.\n"
         "--rules takes a YAML file with any of: rates (numerator and denominator of handle, close, ontime, rework, "
         "wait, extend, dispatch, valid), score, grades, veto, load (household, person, floating, building, km2, "
         "incident, organisation, special), deadlines (category, route, severity; hours or days of working time), "
         "calendar (hours, weekdays, holidays, workdays), roles, people_per_worker, visit_target, visit_week, "
         "false_discovery, track_pause. The manual's yaml.md has every key with its default.\n"
         "A plan made by redraw brings its own table before and after; --before names other cells to compare with. "
         "Buildings, ledger and organisations are tied to cells by a cell, a building id or a place.",
         "哪些面积、楼栋、人口没有网格或人员覆盖，哪些重复覆盖，各网格是否达标，工作量在网格和人员间如何分布；网格"
         "及以上各级都有。"
         "每个合计都与分项和输入核对，并在报表中说明。\n"
         "--rules 的 YAML 文件可含：rates（handle、close、ontime、rework、wait、extend、dispatch、valid "
         "的分子分母）、score 计分、grades 等次、veto 一票否决、load 工作量权重（household、person、floating、"
         "building、km2、incident、organisation、special）、deadlines 时限（按 category、route、severity，"
         "工作小时 hours 或工作日 days）、calendar 工作日历（hours、weekdays、holidays、workdays）、roles 岗位、"
         "people_per_worker、visit_target、visit_week、false_discovery、track_pause。各键默认值见 yaml.md。\n"
         "redraw 生成的方案自带调整前后对照表；--before 可指定其他调整前网格。台账和单位按网格、楼栋编号或位置归属。"},
    .example = "wangge report plan.sqlite --incidents incidents.csv --workers workers.csv \\\n"
               "    --period month --lang zh -o report",
    .example_note = {"Open report/index.html in a browser; it needs no network.",
                     "用浏览器打开 report/index.html，无需联网。"},
    .tables = {rows},
    .options_bytes = sizeof(wg_report_options),
    .job = job,
};
