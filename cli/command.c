#include "command.h"

#include <string.h>

#include "suggest.h"

const cli_option *cli_option_at(const cli_command *command, size_t index) {
    for (size_t t = 0; t < sizeof command->tables / sizeof command->tables[0]; t++) {
        for (const cli_option *row = command->tables[t]; row != NULL && row->name != NULL; row++) {
            if (index-- == 0) {
                return row;
            }
        }
    }
    for (const cli_option *row = cli_common_options; row->name != NULL; row++) {
        if (index-- == 0) {
            return row;
        }
    }
    return NULL;
}

const cli_option *cli_option_find(const cli_command *command, const char *name, size_t length) {
    const cli_option *option;
    for (size_t i = 0; (option = cli_option_at(command, i)) != NULL; i++) {
        if (strlen(option->name) == length && memcmp(option->name, name, length) == 0) {
            return option;
        }
    }
    return NULL;
}

const cli_command *cli_command_find(const char *name) {
    for (const cli_command *const *command = cli_commands; *command != NULL; command++) {
        if (strcmp((*command)->name, name) == 0) {
            return *command;
        }
    }
    return NULL;
}

bool cli_option_repeats(const cli_option *option) {
    switch (option->type) {
    case CLI_INPUTS:
        return option->count_at != CLI_NOWHERE;
    case CLI_LIST:
    case CLI_FIELDS:
    case CLI_LIMITS:
    case CLI_FLOORS:
    case CLI_CRS_OF:
    case CLI_ENCODING_OF:
    case CLI_WEIGHT_OF:
    case CLI_EDIT:
        return true;
    default:
        return false;
    }
}

const char *cli_say(cli_text text, wg_lang lang) {
    return lang == WG_LANG_ZH && text.zh != NULL ? text.zh : text.en;
}

cli_text cli_group_title(cli_group group) {
    static const cli_text titles[CLI_GROUPS] = {
        [CLI_GROUP_INPUT] = {"Inputs", "输入"},
        [CLI_GROUP_LIMITS] = {"Limits", "限值"},
        [CLI_GROUP_LAND] = {"Land and lines", "地块与界线"},
        [CLI_GROUP_SEARCH] = {"Search", "求解"},
        [CLI_GROUP_CELLS] = {"Cells", "网格"},
        [CLI_GROUP_RULES] = {"Rules", "规则"},
        [CLI_GROUP_OUTPUT] = {"Output", "输出"},
        [CLI_GROUP_COMMON] = {"Every command", "通用选项"},
    };
    return titles[group];
}

const char *cli_suggest_command(const char *typed) {
    cli_suggestion best = cli_suggestion_start(typed);
    for (const cli_command *const *command = cli_commands; *command != NULL; command++) {
        cli_suggestion_offer(&best, (*command)->name);
    }
    return best.name;
}

const char *cli_suggest_option(const cli_command *command, const char *typed) {
    cli_suggestion best = cli_suggestion_start(typed);
    const cli_option *option;
    for (size_t i = 0; (option = cli_option_at(command, i)) != NULL; i++) {
        cli_suggestion_offer(&best, option->name);
    }
    return best.name;
}
