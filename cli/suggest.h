/** "Did you mean": the nearest of the known names. */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include <stddef.h>

typedef struct cli_suggestion {
    const char *typed;
    const char *name; /**< best so far; NULL while none is near enough */
    size_t distance;
} cli_suggestion;

cli_suggestion cli_suggestion_start(const char *typed);
/** Keep `name` where it is nearer than what was kept; the first wins a tie. */
void cli_suggestion_offer(cli_suggestion *best, const char *name);
/** Edits (insert, delete, replace, swap of neighbours) between two names; SIZE_MAX for names beyond 63 bytes. */
size_t cli_edit_distance(const char *a, const char *b);

#endif
