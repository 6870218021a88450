#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "width.h"

/* There is one terminal, so there is one line. flockfile(stderr) guards it: messages of worker threads hide it. */
static struct {
    bool enabled, shown;
    char stage[128];
    double stage_start, last_draw, last_fraction;
} line;

static double now_s(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void cli_progress_start(bool quiet) {
    memset(&line, 0, sizeof line);
    line.enabled = !quiet && isatty(STDERR_FILENO) == 1;
}

void cli_progress_hide(void) {
    if (line.shown) {
        fputs("\r\033[K", stderr);
        line.shown = false;
    }
}

static size_t terminal_columns(void) {
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/** "units  45 %  12 %/s  0:04 left" */
static void compose(char *text, size_t bytes, double fraction, double elapsed) {
    int used = snprintf(text, bytes, "%s %3.0f %%", line.stage, floor(fraction * 100));
    if (used > 0 && (size_t)used < bytes && elapsed >= 1 && fraction > 0) {
        const double rate = fraction / elapsed, left = (1 - fraction) / rate;
        const long seconds = left < 360000 ? lround(left) : 360000;
        (void)snprintf(text + used, bytes - (size_t)used, "  %.3g %%/s  %ld:%02ld left", rate * 100, seconds / 60,
                       seconds % 60);
    }
}

static void draw(double fraction, const char *stage) {
    const double time = now_s();
    if (strncmp(line.stage, stage, sizeof line.stage - 1) != 0 || fraction < line.last_fraction) {
        (void)snprintf(line.stage, sizeof line.stage, "%s", stage);
        line.stage_start = time;
        line.last_draw = 0;
    }
    line.last_fraction = fraction;
    if (time - line.last_draw < 0.1) {
        return;
    }
    line.last_draw = time;
    char text[256];
    compose(text, sizeof text, fraction < 0 ? 0 : fraction > 1 ? 1 : fraction, time - line.stage_start);
    fprintf(stderr, "\r\033[K%.*s", (int)cli_fit(text, terminal_columns() - 1), text);
    fflush(stderr);
    line.shown = true;
}

void cli_progress_show(double fraction, const char *stage) {
    if (line.enabled) {
        flockfile(stderr);
        draw(fraction, stage);
        funlockfile(stderr);
    }
}
