/** What an input was, for the plan's `runs` layer. */
#ifndef WG_IO_CHECKSUM_H
#define WG_IO_CHECKSUM_H

#include "core/status.h"

enum { WG_CHECKSUM_BYTES = 65 };

/** SHA-256 (hexadecimal) and size of a file. */
wg_status wg_checksum_file(wg_context *ctx, const char *path, char hex[WG_CHECKSUM_BYTES], uint64_t *bytes);
/**
 * The same of an input as given ("path|layername=x"): of a Shapefile over .shp, .shx, .dbf, .prj and .cpg in this
 * order, of a directory over its files by name. A database or virtual file has none: "" and 0.
 */
wg_status wg_checksum_source(wg_context *ctx, const char *source, char hex[WG_CHECKSUM_BYTES], uint64_t *bytes);
/** SHA-256 of bytes in memory. */
void wg_checksum_bytes(const void *data, size_t length, char hex[WG_CHECKSUM_BYTES]);

#endif
