#include "pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cli_pool_block {
    struct cli_pool_block *next;
    _Alignas(max_align_t) unsigned char bytes[];
};

void *cli_pool_alloc(cli_pool *pool, size_t bytes) {
    struct cli_pool_block *block = calloc(1, sizeof *block + bytes);
    if (block == NULL) {
        fputs("wangge: error: out of memory\n", stderr);
        exit(1);
    }
    block->next = pool->blocks;
    pool->blocks = block;
    return block->bytes;
}

char *cli_pool_copy(cli_pool *pool, const char *text, size_t length) {
    char *copy = cli_pool_alloc(pool, length + 1);
    memcpy(copy, text, length);
    return copy;
}

char *cli_pool_printf(cli_pool *pool, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = cli_pool_alloc(pool, (size_t)(length > 0 ? length : 0) + 1);
    va_start(args, format);
    (void)vsnprintf(text, (size_t)(length > 0 ? length : 0) + 1, format, args);
    va_end(args);
    return text;
}

void *cli_pool_grow(cli_pool *pool, const void *items, size_t count, size_t size) {
    void *grown = cli_pool_alloc(pool, (count + 1) * size);
    if (count > 0) {
        memcpy(grown, items, count * size);
    }
    return grown;
}

void cli_pool_release(cli_pool *pool) {
    struct cli_pool_block *block = pool->blocks;
    while (block != NULL) {
        struct cli_pool_block *next = block->next;
        free(block);
        block = next;
    }
    pool->blocks = NULL;
}
