/* Bash completion: flags of each command, values of choices, file names elsewhere. */
#include <string.h>

#include "help.h"

static void words(FILE *out, const char *choices) {
    for (const char *c = choices; *c != '\0'; c++) {
        fputc(*c == '|' ? ' ' : *c, out);
    }
}

static void flags_of(FILE *out, const cli_command *command) {
    const cli_option *option;
    fprintf(out, "        %s) echo '", command->name);
    for (size_t i = 0; (option = cli_option_at(command, i)) != NULL; i++) {
        if (!option->positional) {
            fprintf(out, "%s--%s", i > 0 ? " " : "", option->name);
        }
    }
    fputs("' ;;\n", out);
}

static void choices_of(FILE *out, const cli_command *command) {
    const cli_option *option;
    for (size_t i = 0; (option = cli_option_at(command, i)) != NULL; i++) {
        if (option->choices != NULL && !option->common) {
            fprintf(out, "        %s--%s) echo '", command->name, option->name);
            words(out, option->choices);
            fputs("' ;;\n", out);
        }
    }
}

/** Options without a value end a flag's reach; those of numbers and names have nothing to offer. */
static void silent(FILE *out) {
    const char *separator = "        ";
    for (const cli_command *const *command = cli_commands; *command != NULL; command++) {
        const cli_option *option;
        for (size_t i = 0; (option = cli_option_at(*command, i)) != NULL; i++) {
            const bool file = option->type == CLI_FILE || option->type == CLI_INPUT || option->type == CLI_INPUTS;
            if (!option->positional && option->argument != NULL && option->choices == NULL && !file &&
                !option->common) {
                fprintf(out, "%s%s--%s", separator, (*command)->name, option->name);
                separator = " | \\\n        ";
            }
        }
    }
    fprintf(out, "%s*--threads | *--seed) return 0 ;;\n", separator);
}

void cli_completion_bash(FILE *out) {
    fputs("# bash completion for wangge; made by 'wangge completion bash'\n_wangge_flags() {\n    case $1 in\n", out);
    for (const cli_command *const *command = cli_commands; *command != NULL; command++) {
        flags_of(out, *command);
    }
    fputs("    esac\n}\n_wangge_choices() {\n    case $1 in\n        *--lang) echo 'en zh' ;;\n", out);
    for (const cli_command *const *command = cli_commands; *command != NULL; command++) {
        choices_of(out, *command);
    }
    fputs("    esac\n}\n_wangge_silent() {\n    case $1 in\n", out);
    silent(out);
    fputs("    esac\n    return 1\n}\n", out);
    fputs(
        "_wangge() {\n"
        "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} choices\n"
        "    local commands='",
        out);
    for (const cli_command *const *command = cli_commands; *command != NULL; command++) {
        fprintf(out, "%s%s", command == cli_commands ? "" : " ", (*command)->name);
    }
    fputs("'\n"
          "    COMPREPLY=()\n"
          "    if [[ $COMP_CWORD -eq 1 || ( $command == @(help|man) && $COMP_CWORD -eq 2 && $word != -* ) ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$commands\" -- \"$word\")\n"
          "        return\n"
          "    fi\n"
          "    choices=$(_wangge_choices \"$command$before\")\n"
          "    if [[ $command == completion && $COMP_CWORD -eq 2 && $word != -* ]]; then\n"
          "        choices=bash\n"
          "    fi\n"
          "    if [[ -n $choices ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$choices\" -- \"$word\")\n"
          "    elif [[ $word == -* ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$(_wangge_flags \"$command\")\" -- \"$word\")\n"
          "    elif ! _wangge_silent \"$command$before\"; then\n"
          "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
          "    fi\n"
          "}\n"
          "complete -o filenames -F _wangge wangge\n",
          out);
}
