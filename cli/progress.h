/** The progress line: on stderr, on a terminal only. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>

/** @param quiet  never show it */
void cli_progress_start(bool quiet);
/** Show `fraction` of `stage` with the rate and the time that remains. Redraws ten times a second at most. */
void cli_progress_show(double fraction, const char *stage);
/** Take the line away (before other output); it comes back with the next redraw. The caller holds flockfile(stderr). */
void cli_progress_hide(void);

#endif
