#include "suggest.h"

#include <stdint.h>
#include <string.h>

enum { LONGEST = 63 };

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

size_t cli_edit_distance(const char *a, const char *b) {
    const size_t na = strlen(a), nb = strlen(b);
    if (na > LONGEST || nb > LONGEST) {
        return SIZE_MAX;
    }
    size_t rows[3][LONGEST + 1]; /* the last two rows and the one that is being filled */
    for (size_t j = 0; j <= nb; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= na; i++) {
        size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *older = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            now[j] = least(least(before[j], now[j - 1]) + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], older[j - 2] + 1);
            }
        }
    }
    return rows[na % 3][nb];
}

cli_suggestion cli_suggestion_start(const char *typed) {
    /* One slip in three letters: "expotr" is export, "xyz" is nothing. */
    return (cli_suggestion){.typed = typed, .name = NULL, .distance = strlen(typed) / 3 + 1};
}

void cli_suggestion_offer(cli_suggestion *best, const char *name) {
    size_t distance = cli_edit_distance(best->typed, name);
    const size_t typed = strlen(best->typed);
    if (typed >= 4 && strncmp(name, best->typed, typed) == 0) {
        distance = 1; /* the beginning of a longer name */
    }
    if (distance < best->distance) {
        best->name = name;
        best->distance = distance;
    }
}
