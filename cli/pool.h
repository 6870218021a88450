/** Memory of one invocation: everything that options point to, freed at once. */
#ifndef CLI_POOL_H
#define CLI_POOL_H

#include <stddef.h>

/** All zero is an empty pool. */
typedef struct cli_pool {
    struct cli_pool_block *blocks;
} cli_pool;

/** Zeroed memory. Ends the program with status 1 when memory is out: nothing has been started or written by then. */
void *cli_pool_alloc(cli_pool *pool, size_t bytes);
/** Copy of `length` bytes with a NUL behind them. */
char *cli_pool_copy(cli_pool *pool, const char *text, size_t length);
char *cli_pool_printf(cli_pool *pool, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** An array of `count` items with room for one more; the old block stays where it is. */
void *cli_pool_grow(cli_pool *pool, const void *items, size_t count, size_t size);
void cli_pool_release(cli_pool *pool);

#endif
