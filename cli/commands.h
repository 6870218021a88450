/** One command a file; cli_commands lists them. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "values.h"

extern const cli_command cli_command_partition, cli_command_redraw, cli_command_assign, cli_command_report,
    cli_command_export, cli_command_check, cli_command_compare, cli_command_populate, cli_command_edit,
    cli_command_zone, cli_command_run, cli_command_info, cli_command_help, cli_command_version, cli_command_man,
    cli_command_completion;

/** Rows that partition and redraw share. */
extern const cli_option cli_partition_rows[];

/** How several commands describe the same thing. */
#define CLI_HELP_FIELD                                                                                                                           \
    {                                                                                                                                            \
        "the field NAME plays ROLE: households, population, registered, floating, floors, code, name ...; repeated "                             \
        "(recognised by name in English and Chinese)",                                                                                           \
            "指定字段的含义，可重复：households 户数、population 人口、registered 户籍、floating 流动、floors 层数、" \
            "code 编码、name 名称等（缺省按中英文字段名识别）"                                                                \
    }
#define CLI_HELP_CRS_OF                                                                                                              \
    {                                                                                                                                \
        "states or overrides the CRS of input NAME (its flag; cells:2 is the second --cells): EPSG:4490, gcj02, bd09 "               \
        "...",                                                                                                                       \
            "指定某项输入的坐标系，NAME 为其选项名（cells:2 为第二个 --cells）：EPSG:4490、gcj02、bd09 等" \
    }
#define CLI_HELP_ENCODING_OF                                                                                           \
    {                                                                                                                  \
        "states or overrides the text encoding of input NAME: GB18030, UTF-8 ...",                                     \
            "指定某项输入的文字编码：GB18030、UTF-8 等"                                                  \
    }

#endif
