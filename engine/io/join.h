/** A table joined to a layer while it is read: "buildings.shp|join=people.xlsx"; private to this module. */
#ifndef WG_IO_JOIN_H
#define WG_IO_JOIN_H

#include "io/keys.h"

/** "join=TABLE[|layername=SHEET][|key=FIELD[:TABLEFIELD]][|unmatched=FILE]", taken apart. */
typedef struct wg_join_words {
    char *table, *key, *table_key, *unmatched; /**< NULL: not named; table NULL: no join */
} wg_join_words;

/** Cut the join off a source. @param[out] plain  the source without it (free with free()) */
wg_status wg_join_words_parse(wg_context *ctx, const char *source, char **plain, wg_join_words *words);
void wg_join_words_release(wg_join_words *words);

typedef struct wg_join wg_join;

/** Read the table. */
wg_status wg_join_open(wg_context *ctx, const wg_join_words *words, wg_join **join);
void wg_join_free(wg_join *join);
/**
 * Choose the columns that meet, where they were not named: those of the same meaning that match most rows of the
 * sample.
 * @return WG_EDATA where none match
 */
wg_status wg_join_choose(wg_context *ctx, wg_join *join, const wg_layer *sample);
/** Add the table's columns to the schema. Columns that the layer has already are filled where they are null. */
wg_status wg_join_columns(wg_context *ctx, wg_join *join, wg_layer *schema);
/** Fill the joined columns of all rows of a batch. */
wg_status wg_join_batch(wg_context *ctx, wg_join *join, wg_layer *batch);
/** Tell the match rate and what did not match, once, at the end; start anew. */
wg_status wg_join_report(wg_context *ctx, wg_join *join);

#endif
