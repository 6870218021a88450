#include "model/result.h"

wg_status wg_result_new(wg_context *ctx, char *json, char *text, uint64_t findings, wg_result **result) {
    wg_result *made = json != NULL && text != NULL ? wg_calloc(1, sizeof *made) : NULL;
    if (made == NULL) {
        free(json);
        free(text);
        return wg_fail_memory(ctx);
    }
    *made = (wg_result){.json = json, .text = text, .findings = findings};
    *result = made;
    return WG_OK;
}

void wg_result_free(wg_result *result) {
    if (result != NULL) {
        free(result->json);
        free(result->text);
        free(result);
    }
}

const char *wg_result_json(const wg_result *result) {
    return result->json;
}

const char *wg_result_text(const wg_result *result) {
    return result->text;
}

uint64_t wg_result_findings(const wg_result *result) {
    return result->findings;
}
