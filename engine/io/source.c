#include "io/source.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/output.h"

bool wg_has_extension(const char *path, const char *extension) {
    const size_t n = strlen(path), e = strlen(extension);
    return n >= e && strcasecmp(path + n - e, extension) == 0;
}

/** "PG:…", "MYSQL:…", "https://…": letters and a colon in front, more than a drive's one. */
static bool is_connection(const char *path) {
    size_t n = 0;
    while (isalnum((unsigned char)path[n]) || path[n] == '_') {
        n++;
    }
    return n > 1 && path[n] == ':';
}

static bool is_virtual(const char *path) {
    return strncmp(path, "/vsi", 4) == 0;
}

/** Value of `key` in "host=a dbname='b c'", or NULL (free with free()). */
static char *connection_value(const char *text, const char *key) {
    const size_t length = strlen(key);
    for (const char *at = strcasestr(text, key); at != NULL; at = strcasestr(at + 1, key)) {
        const bool starts = at == text || at[-1] == ' ' || at[-1] == ':' || at[-1] == ',';
        if (!starts || at[length] != '=') {
            continue;
        }
        at += length + 1;
        const char quote = *at == '\'' || *at == '"' ? *at++ : '\0';
        size_t n = 0;
        while (at[n] != '\0' && (quote != '\0' ? at[n] != quote : at[n] != ' ' && at[n] != ',')) {
            n++;
        }
        return wg_strndup(at, n);
    }
    return NULL;
}

char *wg_source_label(const char *source) {
    const char *bar = strchr(source, '|');
    char *path = bar == NULL ? wg_strdup(source) : wg_strndup(source, (size_t)(bar - source));
    if (path == NULL || !is_connection(path)) {
        size_t n = path == NULL ? 0 : strlen(path);
        while (n > 1 && path[n - 1] == '/') {
            path[--n] = '\0';
        }
        char *slash = path == NULL ? NULL : strrchr(path, '/');
        if (slash != NULL && slash[1] != '\0') {
            memmove(path, slash + 1, strlen(slash));
        }
        return path;
    }
    wg_buffer label = {0};
    char *database = connection_value(path, "dbname");
    wg_buffer_append(&label, path, strcspn(path, ":") + 1);
    wg_buffer_text(&label, database != NULL ? database : "");
    free(database);
    free(path);
    return wg_buffer_steal(&label);
}

char *wg_source_public(const char *source) {
    static const char *const keys[] = {"password=", "pass=", "pwd="};
    wg_buffer out = {0};
    for (const char *at = source; *at != '\0';) {
        size_t key = 0;
        for (size_t k = 0; k < sizeof keys / sizeof keys[0] && key == 0; k++) {
            key = strncasecmp(at, keys[k], strlen(keys[k])) == 0 ? strlen(keys[k]) : 0;
        }
        if (key == 0 || !is_connection(source)) {
            wg_buffer_append(&out, at++, 1);
            continue;
        }
        wg_buffer_append(&out, at, key);
        wg_buffer_text(&out, "***");
        at += key;
        const char quote = *at == '\'' || *at == '"' ? *at++ : '\0';
        while (*at != '\0' && (quote != '\0' ? *at != quote : *at != ' ' && *at != '&' && *at != '|')) {
            at++;
        }
        at += quote != '\0' && *at == quote ? 1 : 0;
    }
    return wg_buffer_steal(&out);
}

void wg_name_release(wg_name *name) {
    free(name->path);
    free(name->layer);
    free(name->label);
    *name = (wg_name){.layer_id = -1};
}

/** The options that QGIS puts behind a path. */
static wg_status parse_options(wg_context *ctx, const char *options, wg_name *name) {
    while (*options == '|') {
        options++;
        const size_t n = strcspn(options, "|");
        const size_t key = strcspn(options, "=|");
        if (key == 9 && strncasecmp(options, "layername", 9) == 0 && n > key + 1) {
            free(name->layer);
            name->layer = wg_strndup(options + key + 1, n - key - 1);
            if (name->layer == NULL) {
                return wg_fail_memory(ctx);
            }
        } else if (key == 7 && strncasecmp(options, "layerid", 7) == 0 && n > key + 1) {
            name->layer_id = atoi(options + key + 1);
        } else {
            return wg_fail(ctx, WG_EINVAL, "%s: |%.*s is not understood (write |layername=NAME)", name->label, (int)n,
                           options);
        }
        options += n;
    }
    return WG_OK;
}

static wg_status check_file(wg_context *ctx, const wg_name *name) {
    struct stat info;
    if (stat(name->path, &info) != 0) {
        return errno == ENOENT ? wg_fail(ctx, WG_EIO, "%s: no such file (check the path)", name->path)
                               : wg_fail(ctx, WG_EIO, "%s: %s", name->path, strerror(errno));
    }
    if (access(name->path, R_OK) != 0) {
        return wg_fail(ctx, WG_EIO, "%s: cannot be read: %s", name->path, strerror(errno));
    }
    if (S_ISREG(info.st_mode) && info.st_size == 0) {
        return wg_fail(ctx, WG_EIO, "%s: the file is empty", name->path);
    }
    return WG_OK;
}

wg_status wg_name_parse(wg_context *ctx, const char *source, wg_name *name) {
    *name = (wg_name){.layer_id = -1};
    if (source == NULL || source[0] == '\0') {
        return wg_fail(ctx, WG_EINVAL, "an input was named with an empty text");
    }
    const char *bar = access(source, F_OK) == 0 ? NULL : strchr(source, '|');
    name->path = bar == NULL ? wg_strdup(source) : wg_strndup(source, (size_t)(bar - source));
    name->label = wg_source_label(source);
    wg_status status = WG_OK;
    if (name->path == NULL || name->label == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    if (bar != NULL) {
        WG_TRY(parse_options(ctx, bar, name));
    }
    name->is_file = !is_virtual(name->path) && (access(name->path, F_OK) == 0 || !is_connection(name->path));
    if (name->is_file && (wg_has_extension(name->path, ".shp") || wg_has_extension(name->path, ".dbf"))) {
        wg_output_recover(ctx, name->path);
    }
    if (name->is_file) {
        WG_TRY(check_file(ctx, name));
    }
    return WG_OK;
done:
    wg_name_release(name);
    return status;
}

/** Why GDAL knows nothing of a file, where its first bytes tell. */
static const char *unknown_format(const char *path) {
    static const struct {
        const char *bytes;
        size_t n;
        const char *why;
    } known[] = {
        {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8,
         "is protected by a password, or of an old Office format (save it as .xlsx without a password)"},
        {"\xFF\xFE", 2, "is UTF-16 text (save it as CSV UTF-8)"},
        {"\xFE\xFF", 2, "is UTF-16 text (save it as CSV UTF-8)"},
    };
    char head[8] = "";
    FILE *file = fopen(path, "rbe");
    const size_t n = file == NULL ? 0 : fread(head, 1, sizeof head, file);
    if (file != NULL) {
        (void)fclose(file);
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (n >= known[i].n && memcmp(head, known[i].bytes, known[i].n) == 0) {
            return known[i].why;
        }
    }
    return "not a vector data source that GDAL reads (check the format)";
}

wg_status wg_source_open(wg_context *ctx, const wg_name *name, const char *const *options, wg_gdal_errors *errors,
                         GDALDatasetH *dataset) {
    errors->failed = false;
    *dataset = GDALOpenEx(name->path, GDAL_OF_VECTOR | GDAL_OF_VERBOSE_ERROR, NULL, options, NULL);
    if (*dataset == NULL) {
        const char *why = strstr(errors->message, "not recognized") != NULL || !errors->failed
                              ? unknown_format(name->path)
                              : errors->message;
        return wg_fail(ctx, WG_EIO, "%s: %s", name->label, why);
    }
    return WG_OK;
}

static void list_names(GDALDatasetH dataset, wg_buffer *out) {
    const int n = GDALDatasetGetLayerCount(dataset);
    for (int i = 0; i < n; i++) {
        wg_buffer_printf(out, "%s%s", i > 0 ? ", " : "", OGR_L_GetName(GDALDatasetGetLayer(dataset, i)));
    }
}

static wg_status fail_with_names(wg_context *ctx, const wg_name *name, GDALDatasetH dataset, wg_status status,
                                 const char *what) {
    wg_buffer names = {0};
    list_names(dataset, &names);
    status = names.failed ? wg_fail_memory(ctx)
                          : wg_fail(ctx, status, "%s: %s (layers: %s)", name->label, what,
                                    names.data == NULL ? "none" : names.data);
    wg_buffer_release(&names);
    return status;
}

/** The only layer with features; NULL where there are several or none. */
static OGRLayerH only_filled(GDALDatasetH dataset, int n) {
    OGRLayerH found = NULL;
    for (int i = 0; i < n; i++) {
        OGRLayerH layer = GDALDatasetGetLayer(dataset, i);
        if (OGR_L_GetFeatureCount(layer, FALSE) > 0) {
            if (found != NULL) {
                return NULL;
            }
            found = layer;
        }
    }
    return found;
}

wg_status wg_source_layer(wg_context *ctx, const wg_name *name, const char *role, GDALDatasetH dataset,
                          OGRLayerH *layer) {
    const int n = GDALDatasetGetLayerCount(dataset);
    *layer = NULL;
    if (name->layer != NULL) {
        *layer = GDALDatasetGetLayerByName(dataset, name->layer);
        if (*layer == NULL) {
            wg_buffer what = {0};
            wg_buffer_printf(&what, "no layer named %s", name->layer);
            const wg_status status =
                fail_with_names(ctx, name, dataset, WG_ENOTFOUND, what.data == NULL ? "no such layer" : what.data);
            wg_buffer_release(&what);
            return status;
        }
        return WG_OK;
    }
    if (name->layer_id >= 0) {
        *layer = name->layer_id < n ? GDALDatasetGetLayer(dataset, name->layer_id) : NULL;
        return *layer != NULL ? WG_OK : fail_with_names(ctx, name, dataset, WG_ENOTFOUND, "no layer of this number");
    }
    if (n == 0) {
        return wg_fail(ctx, WG_EIO, "%s: holds no layer", name->label);
    }
    if (n == 1) {
        *layer = GDALDatasetGetLayer(dataset, 0);
        return WG_OK;
    }
    for (int i = 0; i < n && role != NULL && *layer == NULL; i++) {
        OGRLayerH one = GDALDatasetGetLayer(dataset, i);
        *layer = strcasecmp(OGR_L_GetName(one), role) == 0 ? one : NULL;
    }
    if (*layer == NULL) {
        *layer = only_filled(dataset, n);
    }
    return *layer != NULL ? WG_OK
                          : fail_with_names(ctx, name, dataset, WG_EINVAL,
                                            "holds several layers: say which with FILE|layername=NAME");
}

wg_status wg_list_layers(wg_context *ctx, const char *source, wg_layer_names *names) {
    *names = (wg_layer_names){0};
    wg_name name;
    wg_gdal_errors errors;
    GDALDatasetH dataset = NULL;
    wg_status status = wg_name_parse(ctx, source, &name);
    if (status != WG_OK) {
        return status;
    }
    wg_gdal_catch(ctx, &errors);
    WG_TRY(wg_source_open(ctx, &name, NULL, &errors, &dataset));
    const int n = name.layer != NULL ? 1 : GDALDatasetGetLayerCount(dataset);
    names->name = wg_calloc((size_t)n, sizeof *names->name);
    if (names->name == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (int i = 0; i < n; i++) {
        const char *text = name.layer != NULL ? name.layer : OGR_L_GetName(GDALDatasetGetLayer(dataset, i));
        names->name[i] = wg_strdup(text);
        if (names->name[i] == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        names->n++;
    }
done:
    if (dataset != NULL) {
        GDALClose(dataset);
    }
    wg_gdal_release();
    wg_name_release(&name);
    if (status != WG_OK) {
        wg_layer_names_release(names);
    }
    return status;
}

void wg_layer_names_release(wg_layer_names *names) {
    for (uint32_t i = 0; i < names->n; i++) {
        free(names->name[i]);
    }
    free(names->name);
    *names = (wg_layer_names){0};
}

bool wg_input_given(const wg_input *input) {
    return input != NULL && (input->layer != NULL || (input->source != NULL && input->source[0] != '\0'));
}
