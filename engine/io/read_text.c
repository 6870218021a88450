/* How a DBF's or CSV's text is encoded: stated, by its language byte or .cpg, by a byte order mark, or from the bytes.
 */
#include <string.h>

#include "io/reader.h"

enum { SAMPLE_FEATURES = 2000, SAMPLE_BYTES = 1 << 18 };

/** Language bytes that mean a Chinese code page. Others, 0x57 ("ANSI") above all, say nothing: half the world writes
 * them. */
static bool ldid_encoding(const char *value, wg_encoding *encoding) {
    switch (value == NULL ? 0 : atoi(value)) {
    case 0x4D:
    case 0x7A:
        *encoding = WG_ENCODING_GB18030;
        return true;
    case 0x4F:
    case 0x78:
        *encoding = WG_ENCODING_BIG5;
        return true;
    default:
        return false;
    }
}

static void sample_features(wg_reader *reader, wg_detector *detector) {
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(reader->ogr);
    const int fields = OGR_FD_GetFieldCount(definition);
    for (int i = 0; i < fields; i++) {
        const char *name = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, i));
        wg_detector_add(detector, name, strlen(name), true);
    }
    OGR_L_ResetReading(reader->ogr);
    for (int n = 0; n < SAMPLE_FEATURES; n++) {
        OGRFeatureH feature = OGR_L_GetNextFeature(reader->ogr);
        if (feature == NULL) {
            break;
        }
        for (int i = 0; i < fields; i++) {
            if (OGR_Fld_GetType(OGR_FD_GetFieldDefn(definition, i)) == OFTString &&
                OGR_F_IsFieldSetAndNotNull(feature, i)) {
                const char *text = OGR_F_GetFieldAsString(feature, i);
                wg_detector_add(detector, text, strlen(text), true);
            }
        }
        OGR_F_Destroy(feature);
    }
    OGR_L_ResetReading(reader->ogr);
}

static uint64_t malformed(const wg_detector *detector, wg_encoding encoding) {
    switch (encoding) {
    case WG_ENCODING_UTF8:
        return detector->utf8_bad;
    case WG_ENCODING_GB18030:
        return detector->gb_bad;
    case WG_ENCODING_BIG5:
        return detector->big5_bad;
    default:
        return 0;
    }
}

/** What the file says, unless its own bytes contradict it; else what the bytes say. */
static void settle(wg_context *ctx, wg_reader *reader, const wg_detector *detector, bool said, wg_encoding encoding,
                   wg_known known) {
    wg_source *info = &reader->info;
    const wg_encoding found = wg_detector_result(detector, NULL);
    if (said && malformed(detector, encoding) <= malformed(detector, found)) {
        info->encoding = encoding;
        info->encoding_known = known;
        return;
    }
    if (said) {
        wg_log(ctx, WG_LOG_WARNING, "%s: says its text is %s, but the bytes are %s; read as %s",
               wg_layer_source(reader->schema), wg_encoding_name(encoding), wg_encoding_name(found),
               wg_encoding_name(found));
    }
    info->encoding = found;
    info->encoding_known = WG_KNOWN_DETECTED;
}

static void shapefile_encoding(wg_context *ctx, wg_reader *reader) {
    wg_detector detector = {0};
    wg_encoding encoding = WG_ENCODING_UTF8;
    const char *cpg = GDALGetMetadataItem(reader->ogr, "CPG_VALUE", "SHAPEFILE");
    const char *ldid = GDALGetMetadataItem(reader->ogr, "LDID_VALUE", "SHAPEFILE");
    reader->raw_text = reader->may_be_cut = true;
    sample_features(reader, &detector);
    if (ldid_encoding(ldid, &encoding)) {
        settle(ctx, reader, &detector, true, encoding, WG_KNOWN_LDID);
    } else {
        const bool said = cpg != NULL && wg_encoding_parse(cpg, &encoding);
        settle(ctx, reader, &detector, said, encoding, WG_KNOWN_SIDECAR);
    }
}

/** The beginning of a file, cut after its last line end so that no character is torn. */
static wg_status file_head(wg_context *ctx, const char *path, wg_buffer *head) {
    VSILFILE *file = VSIFOpenL(path, "rb");
    if (file == NULL) {
        return wg_fail(ctx, WG_EIO, "%s: cannot be read", path);
    }
    char *bytes = wg_malloc(SAMPLE_BYTES, 1);
    const size_t n = bytes == NULL ? 0 : VSIFReadL(bytes, 1, SAMPLE_BYTES, file);
    (void)VSIFCloseL(file);
    size_t keep = n;
    while (n == SAMPLE_BYTES && keep > 1 && bytes[keep - 1] != '\n') {
        keep--;
    }
    wg_buffer_append(head, bytes == NULL ? "" : bytes, keep > 1 ? keep : n);
    const bool failed = bytes == NULL || head->failed;
    free(bytes);
    return failed ? wg_fail_memory(ctx) : WG_OK;
}

static wg_status csv_encoding(wg_context *ctx, wg_reader *reader) {
    wg_buffer head = {0};
    wg_detector detector = {0};
    wg_status status = file_head(ctx, reader->name.path, &head);
    if (status == WG_OK) {
        reader->raw_text = true;
        if (head.length >= 3 && memcmp(head.data, "\xEF\xBB\xBF", 3) == 0) {
            reader->info.encoding = WG_ENCODING_UTF8;
            reader->info.encoding_known = WG_KNOWN_FILE;
        } else {
            for (size_t at = 0; at < head.length;) { /* a value at a time: a cut or broken one spoils no other */
                size_t n = 0;
                while (at + n < head.length && strchr(",;\t\r\n\"", head.data[at + n]) == NULL) {
                    n++;
                }
                wg_detector_add(&detector, head.data + at, n, false);
                at += n + 1;
            }
            settle(ctx, reader, &detector, false, WG_ENCODING_UTF8, WG_KNOWN_DETECTED);
        }
    }
    wg_buffer_release(&head);
    return status;
}

wg_status wg_reader_encoding(wg_context *ctx, wg_reader *reader, const char *stated) {
    const char *driver = reader->info.driver;
    const bool shapefile = strcmp(driver, "ESRI Shapefile") == 0;
    const bool csv = strcmp(driver, "CSV") == 0;
    if (stated != NULL) {
        if (!wg_encoding_parse(stated, &reader->info.encoding)) {
            return wg_fail(ctx, WG_EINVAL, "encoding \"%s\" is not known (UTF-8, GB18030, GBK, BIG5, CP1252)", stated);
        }
        reader->info.encoding_known = WG_KNOWN_STATED;
        reader->raw_text = shapefile || csv;
        reader->may_be_cut = shapefile;
        return WG_OK;
    }
    if (shapefile) {
        shapefile_encoding(ctx, reader);
        return WG_OK;
    }
    if (csv) {
        return csv_encoding(ctx, reader);
    }
    reader->info.encoding_known = WG_KNOWN_FORMAT;
    return WG_OK;
}
