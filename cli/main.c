#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "help.h"
#include "invoke.h"
#include "message.h"
#include "session.h"

static int unknown_command(const char *name) {
    const char *near = cli_suggest_command(name);
    const char *kind = name[0] == '-' ? "option" : "command";
    if (near != NULL) {
        return cli_usage_error("unknown %s \"%s\" (did you mean %s?)", kind, name, near);
    }
    return cli_usage_error("unknown %s \"%s\" (see 'wangge help')", kind, name);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        cli_help_program(stderr, cli_help_language(argc, argv));
        return CLI_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        name = "help";
    } else if (strcmp(name, "--version") == 0) {
        name = "version";
    }
    const cli_command *command = cli_command_find(name);
    return command == NULL ? unknown_command(argv[1]) : cli_invoke(command, argc - 1, argv + 1);
}
