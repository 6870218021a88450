#include "session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "message.h"
#include "progress.h"

/* What the signal handler may touch: set before the handler, cleared after it. */
static wg_context *volatile interrupted;

static void on_signal(int signal_number) {
    if (interrupted != NULL) {
        wg_context_cancel(interrupted);
    }
    /* A second one ends the program at once; outputs are written beside and renamed, so nothing is half-written. */
    signal(signal_number, SIG_DFL);
}

static void log_line(wg_log_level level, const char *message, void *user) {
    (void)user;
    static const char *const kinds[] = {"error", "warning", NULL, "debug"};
    cli_message(kinds[level], "%s", message);
}

static bool progress(double fraction, const char *stage, void *user) {
    cli_progress_show(fraction, stage, wg_context_rows_done(user));
    return true;
}

wg_context *cli_session_new(void) {
    wg_context *ctx = wg_context_new();
    if (ctx == NULL) {
        cli_message("error", "out of memory");
        return NULL;
    }
    interrupted = ctx;
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return ctx;
}

void cli_session_free(wg_context *ctx) {
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    interrupted = NULL;
    wg_context_free(ctx);
}

static int exit_status(wg_status status) {
    switch (status) {
    case WG_OK:
        return CLI_DONE;
    case WG_EINVAL:
        return CLI_USAGE;
    case WG_ECANCELLED:
        return CLI_INTERRUPTED;
    default:
        return CLI_FAILED;
    }
}

int cli_session_run(wg_context *ctx, cli_invocation *invocation, wg_result **result) {
    const cli_common *common = &invocation->common;
    const wg_log_level level = common->quiet ? WG_LOG_ERROR : common->verbose ? WG_LOG_DEBUG : WG_LOG_INFO;
    wg_context_set_log(ctx, level, log_line, NULL);
    wg_context_set_progress(ctx, progress, ctx);
    wg_context_set_threads(ctx, common->threads);
    cli_progress_start(common->quiet);
    *result = NULL;
    const wg_status status = invocation->command->job(ctx, invocation->options, common, result);
    flockfile(stderr);
    cli_progress_hide();
    funlockfile(stderr);
    if (status == WG_ECANCELLED) {
        cli_message(NULL, "interrupted; outputs are as they were before this job");
    } else if (status != WG_OK) {
        const char *why = wg_context_error(ctx);
        cli_message("error", "%s", why[0] != '\0' ? why : wg_status_text(status));
    }
    const bool findings = *result != NULL && wg_result_findings(*result) > 0;
    if (status == WG_OK && findings && (common->strict || invocation->command->findings_fail)) {
        return CLI_FINDINGS;
    }
    return exit_status(status);
}

int cli_flush(void) {
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_message("error", "stdout: cannot be written: %s", strerror(errno));
        return CLI_FAILED;
    }
    return CLI_DONE;
}

int cli_session_print(const cli_invocation *invocation, const wg_result *result) {
    const cli_command *command = invocation->command;
    const bool asked_for = command->text_is_result != NULL && command->text_is_result(invocation->options);
    const char *text = result == NULL                           ? ""
                       : invocation->common.json                ? wg_result_json(result)
                       : invocation->common.quiet && !asked_for ? ""
                                                                : wg_result_text(result);
    const size_t length = strlen(text);
    if (length > 0) {
        fputs(text, stdout);
        if (text[length - 1] != '\n') {
            fputc('\n', stdout);
        }
    }
    return cli_flush();
}
