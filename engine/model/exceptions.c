#include "model/exceptions.h"

#include <stdio.h>
#include <string.h>

static const char *keep(wg_exceptions *list, const char *text) {
    return wg_arena_strdup(&list->text, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
}

static wg_status append(wg_context *ctx, wg_exceptions *list, const wg_exception *item) {
    if (!WG_RESERVE(list->items, list->capacity, list->n + 1)) {
        return wg_fail_memory(ctx);
    }
    const wg_exception copy = {.layer = keep(list, item->layer),
                               .feature = keep(list, item->feature),
                               .problem = keep(list, item->problem),
                               .detail = keep(list, item->detail),
                               .advice = keep(list, item->advice),
                               .x = item->x,
                               .y = item->y};
    if (copy.layer == NULL || copy.feature == NULL || copy.problem == NULL || copy.detail == NULL ||
        copy.advice == NULL) {
        return wg_fail_memory(ctx);
    }
    list->items[list->n++] = copy;
    return WG_OK;
}

wg_status wg_exceptions_add(wg_context *ctx, wg_exceptions *list, const char *layer, const char *feature,
                            const char *problem, double x, double y, const char *advice, const char *detail_format,
                            ...) {
    char detail[1024];
    va_list args;
    va_start(args, detail_format);
    (void)vsnprintf(detail, sizeof detail, detail_format, args);
    va_end(args);
    const wg_exception item = {
        .layer = layer, .feature = feature, .problem = problem, .detail = detail, .advice = advice, .x = x, .y = y};
    return append(ctx, list, &item);
}

wg_status wg_exceptions_merge(wg_context *ctx, wg_exceptions *list, const wg_exceptions *from) {
    for (size_t i = 0; i < from->n; i++) {
        const wg_status status = append(ctx, list, &from->items[i]);
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

size_t wg_exceptions_count(const wg_exceptions *list, const char *problem) {
    size_t count = 0;
    for (size_t i = 0; i < list->n; i++) {
        count += strcmp(list->items[i].problem, problem) == 0 ? 1 : 0;
    }
    return count;
}

void wg_exceptions_release(wg_exceptions *list) {
    free(list->items);
    wg_arena_release(&list->text);
    *list = (wg_exceptions){0};
}
