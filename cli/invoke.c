#include "invoke.h"

#include <stdio.h>
#include <string.h>

#include "help.h"
#include "session.h"

/** Values of the command line, then those of --config for what it leaves open. */
static int gather(cli_invocation *invocation, int argc, char **argv) {
    const int status = cli_values_from_argv(invocation, argc, argv);
    const cli_value *config = cli_values_find(&invocation->values, cli_option_find(invocation->command, "config", 6));
    return status != CLI_DONE || config == NULL ? status : cli_values_from_file(invocation, config->text);
}

static int run(cli_invocation *invocation, wg_context *ctx) {
    if (invocation->command->answer != NULL) {
        return invocation->command->answer(invocation);
    }
    wg_result *result = NULL;
    const int status = cli_session_run(ctx, invocation, &result);
    const int printed = cli_session_print(invocation, result);
    wg_result_free(result);
    return status != CLI_DONE && status != CLI_FINDINGS ? status : printed != CLI_DONE ? printed : status;
}

int cli_invoke(const cli_command *command, int argc, char **argv) {
    cli_invocation invocation = {.command = command};
    int status = gather(&invocation, argc, argv);
    if (status == CLI_DONE) {
        wg_context *ctx = cli_session_new();
        status = ctx == NULL ? CLI_FAILED : cli_values_bind(&invocation, ctx);
        if (status == CLI_DONE && command->job == NULL) {
            invocation.common.lang = cli_help_language(argc, argv); /* also from the locale */
        }
        if (status == CLI_DONE && invocation.common.help) {
            cli_help_command(stdout, command, cli_help_language(argc, argv));
            status = cli_flush();
        } else if (status == CLI_DONE) {
            status = run(&invocation, ctx);
        }
        if (ctx != NULL) {
            cli_session_free(ctx);
        }
    }
    cli_invocation_release(&invocation);
    return status;
}
