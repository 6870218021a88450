#include "message.h"

#include <stdio.h>

#include "command.h"
#include "progress.h"

void cli_message_va(const char *kind, const char *format, va_list args) {
    char line[4096];
    (void)vsnprintf(line, sizeof line, format, args);
    flockfile(stderr); /* messages come from worker threads too */
    cli_progress_hide();
    fputs("wangge: ", stderr);
    if (kind != NULL) {
        fprintf(stderr, "%s: ", kind);
    }
    for (const unsigned char *c = (const unsigned char *)line; *c != '\0'; c++) {
        if (*c < 0x20 || *c == 0x7f) {
            fprintf(stderr, "\\x%02x", *c);
        } else {
            fputc(*c, stderr);
        }
    }
    fputc('\n', stderr);
    funlockfile(stderr);
}

void cli_message(const char *kind, const char *format, ...) {
    va_list args;
    va_start(args, format);
    cli_message_va(kind, format, args);
    va_end(args);
}

int cli_usage_error(const char *format, ...) {
    va_list args;
    va_start(args, format);
    cli_message_va("error", format, args);
    va_end(args);
    return CLI_USAGE;
}
