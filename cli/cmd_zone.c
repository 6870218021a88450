#include "commands.h"

#include <stddef.h>
#include <string.h>

#define AT(member) .at = offsetof(wg_zone_options, member)
#define COUNT(member) .count_at = offsetof(wg_zone_options, member)

static const cli_option rows[] = {
    {.name = "units",
     .type = CLI_FILE,
     .argument = "F",
     AT(units),
     .required = true,
     .help = {"CSV with id and attributes, or a METIS graph file (.graph)",
              "单元 CSV（id 和属性），或 METIS 图文件（.graph）"}},
    {.name = "edges",
     .type = CLI_FILE,
     .argument = "F",
     AT(edges),
     .help = {"CSV with u, v and optionally shared_len, rank, hard", "边 CSV（u、v，可选 shared_len、rank、hard）"}},
    {.name = "start",
     .type = CLI_FILE,
     .argument = "F",
     AT(start),
     .help = {"CSV with id, cell to start from", "起始划分 CSV（id、cell）"}},
    {.name = "limit",
     .type = CLI_LIMITS,
     .argument = "FIELD=MIN:MAX",
     .group = CLI_GROUP_LIMITS,
     AT(limits),
     COUNT(n_limits),
     .help = {"limit of an attribute a cell; repeated", "属性每格的限值；可重复"}},
    {.name = "floor",
     .type = CLI_FLOORS,
     .argument = "FIELD=N",
     .group = CLI_GROUP_LIMITS,
     AT(floors),
     COUNT(n_floors),
     .help = {"for --objective maxp: every cell has at least N; repeated", "用于 maxp：每格至少 N；可重复"}},
    {.name = "count",
     .type = CLI_COUNTS,
     .argument = "K",
     .group = CLI_GROUP_LIMITS,
     AT(count_min),
     COUNT(count_max),
     .help = {"number of cells in all, or MIN:MAX", "网格总数，或 MIN:MAX"}},
    {.name = "objective",
     .type = CLI_CHOICE,
     .argument = "WHAT",
     .choices = "plan|cut|length|inertia|maxp",
     .group = CLI_GROUP_SEARCH,
     AT(objective),
     .help = {"plan, cut (edges), length (of cut lines), inertia or maxp (plan)",
              "目标：plan 规划、cut 边数、length 线长、inertia 惯性矩、maxp 最多格"}},
    {.name = "effort",
     .type = CLI_U32,
     .argument = "1..10",
     .low = 1,
     .high = 10,
     .group = CLI_GROUP_SEARCH,
     AT(effort),
     .help = {"how long to search, in counted steps (5)", "求解力度，按步数计（默认 5）"}},
    {.name = "time",
     .type = CLI_REAL,
     .argument = "SECONDS",
     .group = CLI_GROUP_SEARCH,
     AT(time_s),
     .help = {"cap on the time of the search; the result then depends on the machine",
              "求解时间上限；结果将与机器有关"}},
    {.name = "weights",
     .type = CLI_FILE,
     .argument = "FILE.yaml",
     .group = CLI_GROUP_SEARCH,
     AT(weights),
     .help = {"weights of the plan objective", "plan 目标的权重"}},
    {.name = "trace",
     .type = CLI_FILE,
     .argument = "F",
     .group = CLI_GROUP_OUTPUT,
     AT(trace),
     .help = {"CSV of the search: objective terms and moved units, step by step (scripts/draw-trace draws it)",
              "求解过程 CSV：逐步的目标各项与移动单元（用 scripts/draw-trace 绘图）"}},
    {.name = "output",
     .letter = 'o',
     .type = CLI_FILE,
     .argument = "F",
     .group = CLI_GROUP_OUTPUT,
     AT(output),
     .required = true,
     .help = {"CSV with id, cell", "结果 CSV（id、cell）"}},
    {0}};

static const char *objection(const void *options) {
    const wg_zone_options *zone = options;
    const char *dot = strrchr(zone->units, '.');
    const bool graph = dot != NULL && strcmp(dot, ".graph") == 0;
    if (!graph && zone->edges == NULL) {
        return "--edges is missing (only a .graph file has its own edges)";
    }
    return graph && zone->edges != NULL ? "--edges with a .graph file (it has its own edges: leave it out)" : NULL;
}

static wg_status job(wg_context *ctx, void *options, const cli_common *common, wg_result **result) {
    wg_zone_options *zone = options;
    zone->overwrite = common->overwrite;
    zone->seed = common->seed;
    zone->lang = common->lang;
    return wg_zone(ctx, zone, result);
}

const cli_command cli_command_zone = {
    .name = "zone",
    .usage = "--units units.csv --edges edges.csv --limit pop=L:U --count K\n"
             "[--objective plan|cut|length|inertia|maxp] [--floor FIELD=N]... [--start labels.csv] -o labels.csv",
    .summary = {"the solver alone, on a graph", "仅求解器：在图上分区"},
    .about = {"Divide the units of a graph into connected cells within limits, for research and tests. --json gives "
              "the objective's terms, "
              "bounds, steps and seconds. Small problems are proven.",
              "把图上的单元分成满足限值的连通网格，用于研究和测试。--json "
              "给出目标各项、界、步数和秒数。小问题给出最优性证明。"},
    .example = "wangge zone --units units.csv --edges edges.csv --limit pop=9000:11000 --count 4 \\\n"
               "    --objective cut --seed 1 --json -o labels.csv",
    .tables = {rows},
    .options_bytes = sizeof(wg_zone_options),
    .objection = objection,
    .job = job,
};
