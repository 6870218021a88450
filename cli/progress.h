/** The progress line: on stderr, on a terminal only. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/** @param quiet  never show it */
void cli_progress_start(bool quiet);
/**
 * Show `fraction` of `stage` with the rate and the time that remains. Redraws ten times a second at most.
 * @param rows  done so far; 0: the stage counts none, and the rate is in per cent
 */
void cli_progress_show(double fraction, const char *stage, uint64_t rows);
/** Take the line away (before other output); it comes back with the next redraw. The caller holds flockfile(stderr). */
void cli_progress_hide(void);

#endif
