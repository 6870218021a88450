/* Man pages in roff, from the same tables as --help. */
#include <string.h>

#include "help.h"

/** Text with roff's special characters made harmless. */
static void put(FILE *out, const char *text) {
    bool line_start = true;
    for (const char *c = text; *c != '\0'; c++) {
        if (line_start && (*c == '.' || *c == '\'')) {
            fputs("\\&", out);
        }
        if (*c == '\\') {
            fputs("\\e", out);
        } else if (*c == '-') {
            fputs("\\-", out);
        } else {
            fputc(*c, out);
        }
        line_start = *c == '\n';
    }
}

/** Lines of `text` as paragraphs. */
static void paragraphs(FILE *out, const char *text) {
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");
        char line[2048];
        (void)snprintf(line, sizeof line, "%.*s", (int)length, text);
        put(out, line);
        fputc('\n', out);
        text += length;
        if (*text == '\n') {
            fputs(".PP\n", out);
            text++;
        }
    }
}

static void example(FILE *out, const char *text) {
    fputs(".nf\n.RS 4\n", out);
    put(out, text);
    fputs("\n.RE\n.fi\n", out);
}

static void title(FILE *out, const char *name, const char *summary, wg_lang lang) {
    char upper[64];
    size_t i = 0;
    for (; name[i] != '\0' && i + 1 < sizeof upper; i++) {
        upper[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 'a' + 'A') : name[i];
    }
    upper[i] = '\0';
    fputs(".TH ", out);
    put(out, upper);
    fprintf(out, " 1 \"\" \"wangge %s\" \"wangge\"\n.SH %s\n", wg_version(), lang == WG_LANG_ZH ? "名称" : "NAME");
    put(out, name);
    fputs(" \\- ", out);
    put(out, summary);
    fputc('\n', out);
}

static void option_entry(FILE *out, const cli_option *option, wg_lang lang) {
    fputs(".TP\n", out);
    if (option->positional) {
        fputs("\\fI", out);
        put(out, option->argument);
        fprintf(out, "\\fR%s\n", cli_option_repeats(option) ? "..." : "");
    } else {
        if (option->letter != 0) {
            fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
        }
        fputs("\\fB\\-\\-", out);
        put(out, option->name);
        fputs("\\fR", out);
        if (option->argument != NULL) {
            fputs(" \\fI", out);
            put(out, option->argument);
            fputs("\\fR", out);
        }
        fputc('\n', out);
    }
    put(out, cli_say(option->help, lang));
    fputc('\n', out);
}

static void options(FILE *out, const cli_command *command, wg_lang lang) {
    fprintf(out, ".SH %s\n", lang == WG_LANG_ZH ? "选项" : "OPTIONS");
    for (cli_group group = 0; group < CLI_GROUPS; group++) {
        const cli_option *option;
        bool titled = false;
        for (size_t i = 0; (option = cli_option_at(command, i)) != NULL; i++) {
            if (option->group == group) {
                if (!titled) {
                    fprintf(out, ".SS %s\n", cli_say(cli_group_title(group), lang));
                    titled = true;
                }
                option_entry(out, option, lang);
            }
        }
    }
}

static void exit_statuses(FILE *out, wg_lang lang) {
    static const struct {
        const char *status;
        cli_text text;
    } rows[] = {
        {"0", {"done", "完成"}},
        {"1", {"failed; nothing half-written is left behind", "失败；不留半成品"}},
        {"2", {"usage", "用法错误"}},
        {"3",
         {"done, with findings (cells out of limits, rejects, totals that do not reconcile): only check, and with "
          "--strict",
          "完成，但有问题（网格超限、未匹配、合计不符）：仅 check，或加 --strict"}},
        {"130", {"interrupted", "被中断"}},
    };
    fprintf(out, ".SH %s\n", lang == WG_LANG_ZH ? "退出状态" : "EXIT STATUS");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fprintf(out, ".TP\n.B %s\n", rows[i].status);
        put(out, cli_say(rows[i].text, lang));
        fputc('\n', out);
    }
}

static void see_also(FILE *out, const cli_command *except, wg_lang lang) {
    fprintf(out, ".SH %s\n", lang == WG_LANG_ZH ? "参见" : "SEE ALSO");
    if (except != NULL) {
        fputs(".BR wangge (1),\n", out);
    }
    for (const cli_command *const *command = cli_commands; *command != NULL; command++) {
        if (*command != except) {
            fprintf(out, ".BR wangge\\-%s (1)%s\n", (*command)->name,
                    command[1] == NULL || (command[1] == except && command[2] == NULL) ? "" : ",");
        }
    }
}

static void program_page(FILE *out, wg_lang lang) {
    const bool zh = lang == WG_LANG_ZH;
    title(out, "wangge", zh ? "社区网格化管理的网格划分、归属与报表" : "grid cells for community grid management",
          lang);
    fprintf(out, ".SH %s\n.B wangge\n.I %s\n[%s]\n", zh ? "概要" : "SYNOPSIS", zh ? "命令" : "COMMAND",
            zh ? "选项" : "options");
    fprintf(out, ".SH %s\n", zh ? "命令" : "COMMANDS");
    for (const cli_command *const *command = cli_commands; *command != NULL; command++) {
        fprintf(out, ".TP\n.BR wangge\\-%s (1)\n", (*command)->name);
        put(out, cli_say((*command)->summary, lang));
        fputc('\n', out);
    }
    exit_statuses(out, lang);
    see_also(out, NULL, lang);
}

void cli_man(FILE *out, const cli_command *command, wg_lang lang) {
    if (command == NULL) {
        program_page(out, lang);
        return;
    }
    const bool zh = lang == WG_LANG_ZH;
    char name[64];
    (void)snprintf(name, sizeof name, "wangge-%s", command->name);
    title(out, name, cli_say(command->summary, lang), lang);
    fprintf(out, ".SH %s\n.nf\n.B wangge %s\n", zh ? "概要" : "SYNOPSIS", command->name);
    put(out, command->usage);
    fprintf(out, "\n.fi\n.SH %s\n", zh ? "说明" : "DESCRIPTION");
    paragraphs(out, cli_say(command->about, lang));
    options(out, command, lang);
    fprintf(out, ".SH %s\n", zh ? "示例" : "EXAMPLE");
    example(out, command->example);
    if (command->example_note.en != NULL) {
        fputs(".PP\n", out);
        paragraphs(out, cli_say(command->example_note, lang));
    }
    exit_statuses(out, lang);
    see_also(out, command, lang);
}
