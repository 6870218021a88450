/** Lines on stderr. Control characters of data are shown as \xNN, so that no file name or field can drive the terminal.
 */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include <stdarg.h>

/** "wangge: KIND: …" (KIND NULL: "wangge: …"), one line. */
void cli_message(const char *kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_message_va(const char *kind, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
/** "wangge: error: …". @return CLI_USAGE */
int cli_usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
