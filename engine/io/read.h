/**
 * Read layers from any OGR source: a path, a connection string ("PG:…"), "path|layername=name", /vsizip/…
 * "buildings.shp|join=people.xlsx" joins a table without geometry by code, name or address, whichever matches; the
 * fields can be named, and what does not match listed in a file:
 * "…|join=TABLE|key=FIELD:TABLEFIELD|unmatched=FILE.csv". Geometries come as 2D little-endian WKB (curves made linear,
 * surfaces made multipolygons), text as valid UTF-8.
 */
#ifndef WG_IO_READ_H
#define WG_IO_READ_H

#include "model/layer.h"
#include "model/text.h"

/** How something about a source was known. */
typedef enum wg_known {
    WG_KNOWN_NOT = 0,
    WG_KNOWN_STATED,  /**< by the caller (--crs-of, --encoding-of) */
    WG_KNOWN_FILE,    /**< the file says so (its CRS; a BOM) */
    WG_KNOWN_SIDECAR, /**< .prj, .cpg */
    WG_KNOWN_LDID,    /**< language byte of a DBF */
    WG_KNOWN_FORMAT,  /**< the format allows nothing else (GeoJSON: WGS 84, GeoPackage: UTF-8) */
    WG_KNOWN_DETECTED /**< from the bytes */
} wg_known;

const char *wg_known_text(wg_known known); /**< "stated", "file", "sidecar", "ldid", "format", "detected", "unknown" */

typedef struct wg_read_options {
    const char *crs;            /**< overrides; NULL: as the data say */
    const char *encoding;       /**< overrides; NULL: as the data say, else detected */
    const char *const *columns; /**< names to read; n_columns 0: all */
    uint32_t n_columns;
    bool no_geometry;              /**< leave geometries out */
    bool heights;                  /**< keep Z and M beside the 2D geometries (wg_layer_heights) */
    const char *x_field, *y_field; /**< coordinates of a table; NULL: found by name */
    const char *where;             /**< OGR SQL attribute filter; NULL: none */
    const double *bounds;          /**< min x, min y, max x, max y in the source's CRS: rows that touch it; NULL: all */
    size_t batch_rows;             /**< rows a batch; 0: 65536 */
    bool ahead;                    /**< a thread of its own reads the next batch; messages may come from it */
} wg_read_options;

/** What a source is and how it was understood; text is owned by the reader. */
typedef struct wg_source {
    const char *path; /**< without passwords */
    const char *layer;
    const char *driver; /**< OGR short name */
    const char *crs;    /**< NULL when unknown */
    wg_known crs_known;
    wg_encoding encoding;
    wg_known encoding_known;
    int64_t rows;                              /**< -1 where only reading tells */
    const char *geometry;                      /**< "point", "line", "polygon", "mixed", "none" */
    const char *x_field, *y_field, *wkt_field; /**< of a table with coordinates; NULL: none */
} wg_source;

/** A source being read in batches; memory does not grow with its rows. */
typedef struct wg_reader wg_reader;

/**
 * @param source  as described above. A data set with several layers needs |layername=: the error lists them
 * @param role    what messages call the input ("buildings"); NULL: nothing
 * @return WG_EIO (missing, unreadable, not a vector source), WG_ENOTFOUND (no such layer), WG_EINVAL (options)
 */
wg_status wg_reader_open(wg_context *ctx, const char *source, const char *role, const wg_read_options *options,
                         wg_reader **reader);
const wg_source *wg_reader_source(const wg_reader *reader);
/** A layer without rows that has the columns of every batch. */
const wg_layer *wg_reader_schema(const wg_reader *reader);
/**
 * Leave out rows that do not come near a rectangle (min x, min y, max x, max y in the source's CRS), by the source's
 * own spatial index where it has one; rows without geometry go too. To be called before the first batch.
 * @return false: all rows come, because the geometry is made here (tables with coordinates), or because a joined
 * table's match rate speaks of all rows
 */
bool wg_reader_near(wg_reader *reader, const double bounds[4]);
/** The next batch, which the caller frees; NULL at the end. */
wg_status wg_reader_next(wg_context *ctx, wg_reader *reader, wg_layer **batch);
/** Start again from the first row. */
wg_status wg_reader_rewind(wg_context *ctx, wg_reader *reader);
void wg_reader_close(wg_reader *reader);

/**
 * Read a whole layer, or copy `input->layer`. `input->crs` overrides the CRS.
 * @return also WG_EDATA for a layer without any row
 */
wg_status wg_read(wg_context *ctx, const wg_input *input, const char *role, wg_layer **layer);
/** The same with options. `empty_ok`: a layer without rows is no error. */
wg_status wg_read_source(wg_context *ctx, const char *source, const char *role, const wg_read_options *options,
                         bool empty_ok, wg_layer **layer);

/** @return whether an input was given */
bool wg_input_given(const wg_input *input);

/** The layers of a data set. */
typedef struct wg_layer_names {
    uint32_t n;
    char **name;
} wg_layer_names;
wg_status wg_list_layers(wg_context *ctx, const char *source, wg_layer_names *names);
void wg_layer_names_release(wg_layer_names *names);

/** "FILE" for messages: base name of a path; a connection string without password, user and host. Free with free(). */
char *wg_source_label(const char *source);
/** The source as it may be recorded: a connection string with its password replaced by "***". Free with free(). */
char *wg_source_public(const char *source);

#endif
