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

/** "12 %/s", "850 rows/s", "85 thousand rows/s" or "2.35 million rows/s" */
static int put_rate(char *text, size_t bytes, double per_second, bool rows) {
    if (!rows) {
        return snprintf(text, bytes, "%.3g %%/s", per_second * 100);
    }
    return per_second < 1e4   ? snprintf(text, bytes, "%.0f rows/s", per_second)
           : per_second < 1e6 ? snprintf(text, bytes, "%.0f thousand rows/s", per_second / 1e3)
                              : snprintf(text, bytes, "%.2f million rows/s", per_second / 1e6);
}

/** "units  45 %  12 %/s  0:04 left" */
static void compose(char *text, size_t bytes, double fraction, uint64_t rows, double elapsed) {
    int used = snprintf(text, bytes, "%s %3.0f %%", line.stage, floor(fraction * 100));
    if (used > 0 && (size_t)used < bytes && elapsed >= 0.5 && fraction > 0) {
        const double left = (1 - fraction) / (fraction / elapsed);
        const long seconds = left < 360000 ? lround(left) : 360000;
        char rate[64];
        (void)put_rate(rate, sizeof rate, (rows > 0 ? (double)rows : fraction) / elapsed, rows > 0);
        (void)snprintf(text + used, bytes - (size_t)used, "  %s  %ld:%02ld left", rate, seconds / 60, seconds % 60);
    }
}

static void draw(double fraction, const char *stage, uint64_t rows) {
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
    compose(text, sizeof text, fraction < 0 ? 0 : fraction > 1 ? 1 : fraction, rows, time - line.stage_start);
    fprintf(stderr, "\r\033[K%.*s", (int)cli_fit(text, terminal_columns() - 1), text);
    fflush(stderr);
    line.shown = true;
}

void cli_progress_show(double fraction, const char *stage, uint64_t rows) {
    if (line.enabled) {
        flockfile(stderr);
        draw(fraction, stage, rows);
        funlockfile(stderr);
    }
}
