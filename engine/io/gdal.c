#include "io/gdal.h"

#include <pthread.h>
#include <string.h>
#include <strings.h>

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start(void) {
    GDALAllRegister();
}

void wg_gdal_start(void) {
    (void)pthread_once(&started, start);
}

/** Blot out the value after "password=" (or "pass=", "pwd="), quoted or not. */
static void hide_passwords(char *text) {
    static const char *const keys[] = {"password=", "pass=", "pwd="};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        for (char *at = strcasestr(text, keys[k]); at != NULL; at = strcasestr(at, keys[k])) {
            at += strlen(keys[k]);
            const char quote = *at == '\'' || *at == '"' ? *at : '\0';
            at += quote != '\0' ? 1 : 0;
            while (*at != '\0' && (quote != '\0' ? *at != quote : *at != ' ' && *at != '&')) {
                *at++ = '*';
            }
        }
    }
}

static void CPL_STDCALL keep_message(CPLErr level, CPLErrorNum number, const char *message) {
    (void)number;
    wg_gdal_errors *errors = CPLGetErrorHandlerUserData();
    char copy[sizeof errors->message];
    (void)snprintf(copy, sizeof copy, "%s", message);
    hide_passwords(copy);
    if (level >= CE_Failure && !errors->failed) {
        errors->failed = true;
        memcpy(errors->message, copy, sizeof copy);
    }
    wg_log(errors->ctx, WG_LOG_DEBUG, "gdal: %s", copy);
}

void wg_gdal_catch(wg_context *ctx, wg_gdal_errors *errors) {
    *errors = (wg_gdal_errors){.ctx = ctx};
    wg_gdal_start();
    CPLPushErrorHandlerEx(keep_message, errors);
}

void wg_gdal_release(void) {
    CPLPopErrorHandler();
    CPLErrorReset();
}

/** Authority of the whole CRS, as the data state it or, failing that, as PROJ's database finds it beyond doubt. */
static char *authority_text(OGRSpatialReferenceH srs) {
    const char *name = OSRGetAuthorityName(srs, NULL);
    const char *code = OSRGetAuthorityCode(srs, NULL);
    if (name == NULL || code == NULL) {
        return NULL;
    }
    wg_buffer text = {0};
    wg_buffer_printf(&text, "%s:%s", name, code);
    return wg_buffer_steal(&text);
}

enum { SURE_PERCENT = 90 };

static char *matched_text(OGRSpatialReferenceH srs) {
    int n = 0;
    int *confidence = NULL;
    char *text = NULL;
    OGRSpatialReferenceH *matches = OSRFindMatches(srs, NULL, &n, &confidence);
    if (matches != NULL && n > 0 && confidence[0] >= SURE_PERCENT && (n == 1 || confidence[1] < confidence[0])) {
        text = authority_text(matches[0]);
    }
    OSRFreeSRSArray(matches);
    CPLFree(confidence);
    return text;
}

static char *wkt_text(OGRSpatialReferenceH srs) {
    char *wkt = NULL;
    const char *const options[] = {"FORMAT=WKT2_2019", NULL};
    char *copy = NULL;
    if (OSRExportToWktEx(srs, &wkt, options) == OGRERR_NONE) {
        copy = wg_strdup(wkt);
    }
    CPLFree(wkt);
    return copy;
}

/** GeoPackage's and others' words for "nobody knows". */
static bool is_undefined(OGRSpatialReferenceH srs) {
    const char *name = OSRGetName(srs);
    return name == NULL || OSRIsLocal(srs) || strncasecmp(name, "undefined", 9) == 0 ||
           strncasecmp(name, "unknown", 7) == 0 || strcasecmp(name, "unnamed") == 0;
}

char *wg_srs_text(OGRSpatialReferenceH srs) {
    if (srs == NULL) {
        return NULL;
    }
    OGRSpatialReferenceH flat = OSRClone(srs); /* heights are dropped, so their axis is too */
    (void)OSRDemoteTo2D(flat, NULL);
    char *text = authority_text(flat);
    if (text == NULL && (!is_undefined(flat) || OSRIsProjected(flat))) {
        text = matched_text(flat);
        text = text != NULL ? text : wkt_text(flat);
    }
    OSRDestroySpatialReference(flat);
    return text;
}

OGRSpatialReferenceH wg_srs_from_text(const char *crs) {
    if (crs == NULL || strcasecmp(crs, "gcj02") == 0 || strcasecmp(crs, "bd09") == 0) {
        return NULL;
    }
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    if (srs != NULL && OSRSetFromUserInput(srs, crs) != OGRERR_NONE) {
        OSRDestroySpatialReference(srs);
        return NULL;
    }
    if (srs != NULL) {
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    }
    return srs;
}
