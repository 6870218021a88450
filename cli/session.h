/** A context with the program's log, progress and interrupt; and what happens around a job. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "values.h"

/** @return NULL when memory is out (the message is printed) */
wg_context *cli_session_new(void);
void cli_session_free(wg_context *ctx);

/**
 * Run a bound job: log level, threads and progress as `common` says; message of a failure on stderr.
 * @param[out] result  NULL where the job gave none; free with wg_result_free
 * @return exit status
 */
int cli_session_run(wg_context *ctx, cli_invocation *invocation, wg_result **result);
/** Text or JSON of a result on stdout. @return CLI_DONE or CLI_FAILED (stdout cannot be written) */
int cli_session_print(const cli_invocation *invocation, const wg_result *result);
/** Flush stdout, so that a full disk or a closed pipe does not look like success. */
int cli_flush(void);

#endif
