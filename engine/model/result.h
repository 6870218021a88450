/** What a job says at its end: the public wg_result's inside. */
#ifndef WG_MODEL_RESULT_H
#define WG_MODEL_RESULT_H

#include "core/memory.h"
#include "core/status.h"

struct wg_result {
    char *json;        /**< one object */
    char *text;        /**< lines for a person */
    uint64_t findings; /**< what makes --strict end with status 3 */
};

/** Take the two strings (freed with free()) into a new result. On failure both are freed and the status is WG_ENOMEM.
 */
wg_status wg_result_new(wg_context *ctx, char *json, char *text, uint64_t findings, wg_result **result);

#endif
