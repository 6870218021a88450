#include "help.h"

#include <stdlib.h>
#include <string.h>

#include "width.h"

enum { PAGE = 100, OPTION_COLUMN = 30 };

wg_lang cli_help_language(int argc, char **argv) {
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--lang=zh") == 0 || strcmp(argv[i], "--lang=en") == 0) {
            return argv[i][7] == 'z' ? WG_LANG_ZH : WG_LANG_EN;
        }
        if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc) {
            return strcmp(argv[i + 1], "zh") == 0 ? WG_LANG_ZH : WG_LANG_EN;
        }
    }
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        if (value != NULL && value[0] != '\0') {
            return strncmp(value, "zh", 2) == 0 ? WG_LANG_ZH : WG_LANG_EN;
        }
    }
    return WG_LANG_EN;
}

static void spaces(FILE *out, size_t n) {
    while (n-- > 0) {
        fputc(' ', out);
    }
}

/** Bytes of the next piece that may stand at the end of a line: a word, or one wide character with what must follow it.
 */
static size_t piece(const char *text) {
    size_t length = 0;
    for (;;) {
        uint32_t code, next;
        const size_t bytes = cli_utf8_next(text + length, &code);
        if (text[length] == '\0' || code == ' ' || code == '\n') {
            return length;
        }
        length += bytes;
        (void)cli_utf8_next(text + length, &next);
        const int closing =
            next == 0xff0c || next == 0x3002 || next == 0xff1b || next == 0xff1a || next == 0x3001 || next == 0xff09;
        const int opening = code == 0xff08;
        if (text[length] != '\0' && !closing && !opening &&
            (cli_char_columns(code) == 2 || cli_char_columns(next) == 2)) {
            return length;
        }
    }
}

/** Write `text` filled to PAGE columns. @param column where the cursor is; further lines start at `indent` */
static void fill(FILE *out, const char *text, size_t column, size_t indent) {
    bool fresh = true;
    while (*text != '\0') {
        if (*text == '\n') {
            fputc('\n', out);
            spaces(out, indent);
            column = indent;
            fresh = true;
            text++;
            continue;
        }
        const size_t gap = strspn(text, " "), length = piece(text + gap);
        size_t columns = 0;
        for (size_t i = 0; i < length;) {
            uint32_t code;
            i += cli_utf8_next(text + gap + i, &code);
            columns += cli_char_columns(code);
        }
        if (!fresh && column + gap + columns > PAGE) {
            fputc('\n', out);
            spaces(out, indent);
            column = indent;
        } else if (!fresh) {
            spaces(out, gap);
            column += gap;
        }
        fprintf(out, "%.*s", (int)length, text + gap);
        column += columns;
        fresh = false;
        text += gap + length;
    }
    fputc('\n', out);
}

static void usage_line(FILE *out, const cli_command *command, wg_lang lang) {
    const char *label = lang == WG_LANG_ZH ? "用法：" : "Usage: ";
    fprintf(out, "%swangge %s ", label, command->name);
    const size_t indent = cli_columns(label) + strlen("wangge ") + strlen(command->name) + 1;
    for (const char *c = command->usage; *c != '\0'; c++) {
        fputc(*c, out);
        if (*c == '\n') {
            spaces(out, indent);
        }
    }
    fputs("\n\n", out);
}

static void option_line(FILE *out, const cli_option *option, wg_lang lang) {
    char flag[128];
    if (option->positional) {
        (void)snprintf(flag, sizeof flag, "  %s%s", option->argument, cli_option_repeats(option) ? "..." : "");
    } else {
        char letter[8] = "    ";
        if (option->letter != 0) {
            (void)snprintf(letter, sizeof letter, "-%c, ", option->letter);
        }
        (void)snprintf(flag, sizeof flag, "  %s--%s%s%s", letter, option->name, option->argument != NULL ? " " : "",
                       option->argument != NULL ? option->argument : "");
    }
    fputs(flag, out);
    size_t column = cli_columns(flag);
    if (column + 2 > OPTION_COLUMN) {
        fputc('\n', out);
        column = 0;
    }
    spaces(out, OPTION_COLUMN - column);
    fill(out, cli_say(option->help, lang), OPTION_COLUMN, OPTION_COLUMN);
}

void cli_help_command(FILE *out, const cli_command *command, wg_lang lang) {
    usage_line(out, command, lang);
    fill(out, cli_say(command->about, lang), 0, 0);
    for (cli_group group = 0; group < CLI_GROUPS; group++) {
        const cli_option *option;
        bool titled = false;
        for (size_t i = 0; (option = cli_option_at(command, i)) != NULL; i++) {
            if (option->group != group) {
                continue;
            }
            if (!titled) {
                fprintf(out, "\n%s%s\n", cli_say(cli_group_title(group), lang), lang == WG_LANG_ZH ? "：" : ":");
                titled = true;
            }
            option_line(out, option, lang);
        }
    }
    fprintf(out, "\n%s\n", lang == WG_LANG_ZH ? "示例：" : "Example:");
    fputs("  ", out);
    for (const char *c = command->example; *c != '\0'; c++) {
        fputc(*c, out);
        if (*c == '\n') {
            fputs("  ", out);
        }
    }
    fputc('\n', out);
    if (command->example_note.en != NULL) {
        fputc('\n', out);
        fill(out, cli_say(command->example_note, lang), 0, 0);
    }
}

void cli_help_program(FILE *out, wg_lang lang) {
    const bool zh = lang == WG_LANG_ZH;
    fill(out,
         zh ? "wangge（网格）把社区地图划成可以开展工作的网格，说明哪些人和事落在哪个网格，并报告覆盖与工作量。"
            : "wangge (网格) turns a community map into grid cells that people can work in, tells who and what falls "
              "into which "
              "cell, and reports what is covered and how the work is spread.",
         0, 0);
    fprintf(out, zh ? "\n用法：wangge 命令 [选项]\n\n命令：\n" : "\nUsage: wangge COMMAND [options]\n\nCommands:\n");
    for (const cli_command *const *command = cli_commands; *command != NULL; command++) {
        fprintf(out, "  %-12s", (*command)->name);
        fill(out, cli_say((*command)->summary, lang), 14, 14);
    }
    fputc('\n', out);
    fill(out,
         zh ? "“wangge help 命令” 或 “wangge 命令 --help” 显示该命令的全部选项和示例。\n"
              "输入可以是 OGR 能读的任何数据：路径、连接串（PG:…）或 QGIS 的“路径|layername=图层”。\n"
              "退出状态：0 完成；1 失败（不留半成品）；2 用法错误；3 完成但有问题（check，或加 --strict）；130 被中断。"
            : "'wangge help COMMAND' or 'wangge COMMAND --help' shows every option and an example.\n"
              "An input is any OGR dataset: a path, a connection string (PG:...) or QGIS's path|layername=name.\n"
              "Exit status: 0 done; 1 failed (nothing half-written is left); 2 usage; 3 done, with findings (check, or "
              "with "
              "--strict); 130 interrupted.",
         0, 0);
}
