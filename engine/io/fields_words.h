/** The words by which columns are recognised; private to this module. */
#ifndef WG_IO_FIELDS_WORDS_H
#define WG_IO_FIELDS_WORDS_H

#include "io/fields.h"

typedef struct wg_role_word {
    const char *name;  /**< in --field */
    const char *words; /**< folded, each ended by a NUL, the list by an empty one; the surest first */
} wg_role_word;

extern const wg_role_word wg_role_words[WG_N_ROLES];

#endif
