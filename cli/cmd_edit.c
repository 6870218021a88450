#include "commands.h"

#include <stddef.h>

#define AT(member) .at = offsetof(wg_edit_options, member)
#define EDIT(which)                                                                                                    \
    .type = CLI_EDIT, .edit = which, .group = CLI_GROUP_CELLS, AT(edits), .count_at = offsetof(wg_edit_options, n_edits)

static const cli_option rows[] = {
    {.name = "plan",
     .type = CLI_FILE,
     .argument = "PLAN",
     AT(plan),
     .positional = true,
     .required = true,
     .help = {"the plan to edit", "要修改的方案"}},
    {.name = "move",
     .argument = "UNIT:CELL",
     EDIT(WG_EDIT_MOVE),
     .help = {"give a unit to a cell; repeated", "把单元划给网格；可重复"}},
    {.name = "merge",
     .argument = "A,B",
     EDIT(WG_EDIT_MERGE),
     .help = {"merge two cells; the first keeps its code", "合并两个网格，保留前者编码"}},
    {.name = "split", .argument = "CELL", EDIT(WG_EDIT_SPLIT), .help = {"divide a cell in two", "把一个网格一分为二"}},
    {.name = "rename", .argument = "CELL:NAME", EDIT(WG_EDIT_RENAME), .help = {"give a cell a name", "给网格改名"}},
    {.name = "undo", EDIT(WG_EDIT_UNDO), .help = {"take the last edit back", "撤销上一次修改"}},
    {0}};

static const char *objection(const void *options) {
    return ((const wg_edit_options *)options)->n_edits > 0
               ? NULL
               : "nothing to do (give --move, --merge, --split, --rename or --undo)";
}

static wg_status job(wg_context *ctx, void *options, const cli_common *common, wg_result **result) {
    wg_edit_options *edit = options;
    edit->lang = common->lang;
    return wg_edit_plan(ctx, edit, result);
}

const cli_command cli_command_edit = {
    .name = "edit",
    .usage = "PLAN [--move UNIT:CELL]... [--merge A,B]... [--split CELL]... [--rename CELL:NAME]... [--undo]",
    .summary = {"change a plan by hand, safely", "手工修改方案，保证不出错"},
    .about = {"All edits of one call are applied in the order given, in one transaction, or none is. What breaks "
              "contiguity is refused and "
              "the alternative is named. The totals before and after are shown.",
              "一次调用中的修改按顺序在一个事务中完成，否则全部不做。破坏连通的修改会被拒绝并给出替代办法。显示修改前后"
              "的合计。"},
    .example = "wangge edit plan.sqlite --move 110101001001-17:110101001001002 --rename 110101001001002:东里二格",
    .tables = {rows},
    .options_bytes = sizeof(wg_edit_options),
    .objection = objection,
    .job = job,
};
