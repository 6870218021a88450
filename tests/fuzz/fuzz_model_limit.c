/* Any text as a limit or a number: read or refused with a message; what is read keeps its order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "fuzz.h"
#include "model/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = wg_strndup((const char *)data, size);
    wg_context *ctx = wg_context_new();
    if (text != NULL && ctx != NULL) {
        static const char *const fields[] = {"households", "area"};
        for (size_t i = 0; i < 2; i++) {
            wg_limit limit;
            wg_clear_error(ctx);
            if (wg_limit_parse(ctx, fields[i], text, &limit) != WG_OK) {
                if (wg_context_error(ctx)[0] == '\0') {
                    abort();
                }
            } else if (limit.min > limit.max || limit.target < limit.min || limit.target > limit.max || limit.min < 0 ||
                       (isnan(limit.min) && isnan(limit.max))) {
                abort();
            }
        }
        double number;
        (void)wg_number_parse(text, &number);
        (void)wg_area_parse(text, &number);
    }
    free(text);
    wg_context_free(ctx);
    return 0;
}
