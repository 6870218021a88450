#include "commands.h"

#include <stddef.h>

#define AT(member) .at = offsetof(wg_partition_options, member)
#define COUNT(member) .count_at = offsetof(wg_partition_options, member)

static const cli_option rows[] = {
    {.name = "cells",
     .type = CLI_INPUTS,
     .argument = "OLD",
     AT(cells),
     COUNT(n_cells),
     .required = true,
     .help = {"the present cells; further ones are other departments' networks", "现有网格；再给出的是其他部门的网格"}},
    {.name = "weight-of",
     .type = CLI_WEIGHT_OF,
     .argument = "NAME=WEIGHT",
     .help = {"weight of a network (cells:2=0.5); all 1", "各网格体系的权重（如 cells:2=0.5），默认均为 1"}},
    {.name = "stability",
     .type = CLI_SWEEP,
     .argument = "0..1",
     .group = CLI_GROUP_CELLS,
     AT(stability),
     COUNT(stability_to),
     .help = {"how much to keep: 1 changes only cells that break a limit and the neighbours they need; FROM:TO:STEP "
              "prints the "
              "trade-off, each row the best of all plans found, and writes no plan",
              "保留程度：1 只动超限网格及必要的邻格；FROM:TO:STEP 列出取舍表（每行取所有试算中的最优），不写方案"}},
    {.name = "lock",
     .type = CLI_LIST,
     .argument = "CODE,...",
     .group = CLI_GROUP_CELLS,
     AT(lock),
     COUNT(n_lock),
     .help = {"cells that stay as they are", "保持不变的网格"}},
    {.name = "only",
     .type = CLI_LIST,
     .argument = "CODE,...",
     .group = CLI_GROUP_CELLS,
     AT(only),
     COUNT(n_only),
     .help = {"touch nothing but these cells", "只调整这些网格"}},
    {.name = "free",
     .type = CLI_LIST,
     .argument = "CODE,...",
     .group = CLI_GROUP_CELLS,
     AT(free_communities),
     COUNT(n_free),
     .help = {"communities that are drawn from nothing", "重新划分的社区"}},
    {.name = "output",
     .letter = 'o',
     .type = CLI_FILE,
     .argument = "PLAN",
     .group = CLI_GROUP_OUTPUT,
     AT(output),
     .help = {"the new plan: a SpatiaLite file", "新方案文件（SpatiaLite）"}},
    {0}};

static const char *objection(const void *options) {
    const wg_partition_options *redraw = options;
    if (redraw->stability_step > 0 && redraw->output != NULL) {
        return "a sweep writes no plan (leave out -o, or give one --stability)";
    }
    return redraw->stability_step > 0 || redraw->output != NULL ? NULL
                                                                : "--output is missing (see 'wangge help redraw')";
}

static bool is_sweep(const void *options) {
    const wg_partition_options *redraw = options;
    return redraw->stability_step > 0;
}

static wg_status job(wg_context *ctx, void *options, const cli_common *common, wg_result **result) {
    wg_partition_options *redraw = options;
    redraw->overwrite = common->overwrite;
    redraw->strict = common->strict;
    redraw->seed = common->seed;
    redraw->lang = common->lang;
    return wg_redraw(ctx, redraw, result);
}

const cli_command cli_command_redraw = {
    .name = "redraw",
    .usage = "--cells OLD [--cells OTHER]... --communities F --buildings F [--barriers F]... [--osm FILE]\n"
             "[--lock CODE,...] [--only CODE,...] [--stability 0..1] [limits] [options] -o PLAN",
    .summary = {"redraw present cells within the limits, with little change", "在限值内以最小变动调整现有网格"},
    .about = {"Start from the cells of today, drawn by hand or by another program, and meet the limits with as little "
              "change as "
              "--stability asks. Kept cells keep their outline and their code. With several --cells one network is "
              "found that "
              "keeps as many lines of all of them as it can.",
              "以现有网格（手绘或其他软件所绘）为起点，按 --stability "
              "的要求以尽可能小的变动满足限值。未变的网格保留原界线和编码。"
              "给出多个 --cells 时，求一套尽量保留各部门界线的网格。"},
    .example = "wangge redraw --cells cells.geojson --communities communities.geojson \\\n"
               "    --buildings buildings.geojson --barriers roads.geojson \\\n"
               "    --households 150:300 --stability 0.8 -o plan2.sqlite",
    .tables = {rows, cli_partition_rows},
    .options_bytes = sizeof(wg_partition_options),
    .objection = objection,
    .text_is_result = is_sweep,
    .job = job,
};
