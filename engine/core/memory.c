#include "core/memory.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

void *wg_calloc(size_t count, size_t size) {
    return calloc(count > 0 ? count : 1, size > 0 ? size : 1);
}

void *wg_malloc(size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    const size_t bytes = count * size;
    return malloc(bytes > 0 ? bytes : 1);
}

void *wg_realloc(void *block, size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    const size_t bytes = count * size;
    return realloc(block, bytes > 0 ? bytes : 1);
}

char *wg_strndup(const char *text, size_t length) {
    char *copy = wg_malloc(length + 1, 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *wg_strdup(const char *text) {
    return text == NULL ? NULL : wg_strndup(text, strlen(text));
}

bool wg_reserve_(void **items, size_t *capacity, size_t need, size_t size) {
    if (need <= *capacity) {
        return true;
    }
    size_t grown = *capacity < 8 ? 8 : *capacity;
    while (grown < need) {
        if (grown > SIZE_MAX / 2) {
            return false;
        }
        grown *= 2;
    }
    void *block = wg_realloc(*items, grown, size);
    if (block == NULL) {
        return false;
    }
    *items = block;
    *capacity = grown;
    return true;
}

void wg_buffer_release(wg_buffer *buffer) {
    free(buffer->data);
    *buffer = (wg_buffer){0};
}

void wg_buffer_clear(wg_buffer *buffer) {
    buffer->length = 0;
    if (buffer->data != NULL) {
        buffer->data[0] = '\0';
    }
}

void wg_buffer_append(wg_buffer *buffer, const void *bytes, size_t length) {
    if (buffer->failed || length > SIZE_MAX - buffer->length - 1 ||
        !WG_RESERVE(buffer->data, buffer->capacity, buffer->length + length + 1)) {
        buffer->failed = true;
        return;
    }
    if (length > 0) {
        memcpy(buffer->data + buffer->length, bytes, length);
    }
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

void wg_buffer_text(wg_buffer *buffer, const char *text) {
    wg_buffer_append(buffer, text, strlen(text));
}

void wg_buffer_printf(wg_buffer *buffer, const char *format, ...) {
    va_list args;
    /* A program that uses the library may have set a locale with decimal commas. The C locale costs nothing to make. */
    const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const locale_t callers = plain == (locale_t)0 ? (locale_t)0 : uselocale(plain);
    va_start(args, format);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (plain == (locale_t)0 || length < 0 || buffer->failed ||
        !WG_RESERVE(buffer->data, buffer->capacity, buffer->length + (size_t)length + 1)) {
        buffer->failed = true;
    } else {
        va_start(args, format);
        (void)vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, args);
        va_end(args);
        buffer->length += (size_t)length;
    }
    if (plain != (locale_t)0) {
        (void)uselocale(callers);
        freelocale(plain);
    }
}

char *wg_buffer_steal(wg_buffer *buffer) {
    if (!buffer->failed && buffer->data == NULL) {
        wg_buffer_append(buffer, "", 0);
    }
    char *data = buffer->failed ? NULL : buffer->data;
    if (buffer->failed) {
        free(buffer->data);
    }
    *buffer = (wg_buffer){0};
    return data;
}

struct wg_arena_block {
    struct wg_arena_block *next;
    size_t used, capacity;
    _Alignas(16) unsigned char bytes[];
};

enum { ARENA_BLOCK_BYTES = 1 << 16 };

void *wg_arena_alloc(wg_arena *arena, size_t bytes) {
    if (bytes > SIZE_MAX / 2) {
        return NULL;
    }
    const size_t need = (bytes + 15) & ~(size_t)15;
    struct wg_arena_block *block = arena->head;
    if (block == NULL || block->capacity - block->used < need) {
        const size_t capacity = need > ARENA_BLOCK_BYTES ? need : ARENA_BLOCK_BYTES;
        block = malloc(sizeof *block + capacity);
        if (block == NULL) {
            return NULL;
        }
        block->used = 0;
        block->capacity = capacity;
        block->next = arena->head;
        arena->head = block;
    }
    void *result = block->bytes + block->used;
    block->used += need;
    return result;
}

char *wg_arena_strdup(wg_arena *arena, const char *text, size_t length) {
    char *copy = wg_arena_alloc(arena, length + 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

void wg_arena_release(wg_arena *arena) {
    struct wg_arena_block *block = arena->head;
    while (block != NULL) {
        struct wg_arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena->head = NULL;
}
