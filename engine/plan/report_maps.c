/* Map sheets to scale: an index sheet, then sheets over all cells. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/wkb.h"
#include "plan/report_sheet.h"

enum { SHEETS_MOST = 24 };

/** The sheets of a report: rectangles over the cells, numbered in reading order. */
typedef struct atlas {
    double width_mm, height_mm; /**< page */
    double frame_w, frame_h;    /**< map frame on the page, mm */
    double scale;
    double bounds[4];
    wg_layer *sheets; /**< name; rectangle */
    uint32_t *cell_colour;
    wg_plan_map **maps;
    wg_map *pages;
    char (*text)[120];
    size_t n;
} atlas;

static bool paper_size(const char *paper, double *width, double *height) {
    if (paper == NULL || strcmp(paper, "A3") == 0 || strcmp(paper, "a3") == 0) {
        *width = 420.0;
        *height = 297.0;
        return true;
    }
    *width = 297.0;
    *height = 210.0;
    return strcmp(paper, "A4") == 0 || strcmp(paper, "a4") == 0;
}

static wg_plan_map_options sheet_options(const wg_report_job *job, const atlas *a) {
    return (wg_plan_map_options){.width_mm = a->width_mm,
                                 .height_mm = a->height_mm,
                                 .status = true,
                                 .cell_colour = a->cell_colour,
                                 .note = job->attribution,
                                 .lang = job->options->lang};
}

static wg_plan_layers layers_of(const wg_report_job *job) {
    return (wg_plan_layers){.communities = job->communities,
                            .cells = job->cells,
                            .buildings = job->buildings,
                            .barriers = job->barriers,
                            .overlay = job->territory.gaps,
                            .overlay_legend = wg_report_say(job, "In no cell", "无网格覆盖")};
}

/** Extent of the cells, and the size of a sheet's frame, which its legend decides. */
static wg_status measure(wg_context *ctx, const wg_report_job *job, atlas *a) {
    wg_plan_map *probe = NULL;
    const wg_plan_layers layers = layers_of(job);
    wg_plan_map_options options = sheet_options(job, a);
    options.title = options.subtitle = "x";
    wg_status status = wg_plan_map_new(ctx, &layers, &options, &probe);
    if (status == WG_OK && !wg_map_frame(wg_plan_map_get(probe), &a->frame_w, &a->frame_h)) {
        status = wg_fail(ctx, WG_EINVAL, "the cells have no extent");
    }
    wg_plan_map_free(probe);
    a->bounds[0] = a->bounds[1] = INFINITY;
    a->bounds[2] = a->bounds[3] = -INFINITY;
    for (size_t row = 0; row < job->cells->n; row++) {
        size_t bytes;
        double box[4];
        const void *wkb = wg_layer_wkb(job->cells, row, &bytes);
        if (wkb != NULL && wg_wkb_bounds(wkb, bytes, box)) {
            a->bounds[0] = fmin(a->bounds[0], box[0]);
            a->bounds[1] = fmin(a->bounds[1], box[1]);
            a->bounds[2] = fmax(a->bounds[2], box[2]);
            a->bounds[3] = fmax(a->bounds[3], box[3]);
        }
    }
    return status;
}

/** Cells whose box touches a rectangle. */
static bool has_cells(const wg_report_job *job, const double box[4]) {
    for (size_t row = 0; row < job->cells->n; row++) {
        size_t bytes;
        double here[4];
        const void *wkb = wg_layer_wkb(job->cells, row, &bytes);
        if (wkb != NULL && wg_wkb_bounds(wkb, bytes, here) && here[0] < box[2] && here[2] > box[0] &&
            here[1] < box[3] && here[3] > box[1]) {
            return true;
        }
    }
    return false;
}

static void sheet_box(const atlas *a, uint32_t column, uint32_t line, uint32_t columns, uint32_t lines, double box[4]) {
    const double w = a->frame_w * a->scale / 1000.0;
    const double h = a->frame_h * a->scale / 1000.0;
    /* The sheets lie centred over the extent, touching each other. */
    const double west = (a->bounds[0] + a->bounds[2]) / 2.0 - columns * w / 2.0;
    const double north = (a->bounds[1] + a->bounds[3]) / 2.0 + lines * h / 2.0;
    box[0] = west + column * w;
    box[2] = box[0] + w;
    box[3] = north - line * h;
    box[1] = box[3] - h;
}

static void grid_size(const atlas *a, uint32_t *columns, uint32_t *lines) {
    const double w = a->frame_w * a->scale / 1000.0;
    const double h = a->frame_h * a->scale / 1000.0;
    *columns = (uint32_t)fmax(1.0, ceil((a->bounds[2] - a->bounds[0]) / w - 1e-9));
    *lines = (uint32_t)fmax(1.0, ceil((a->bounds[3] - a->bounds[1]) / h - 1e-9));
}

static size_t count_sheets(const wg_report_job *job, const atlas *a) {
    uint32_t columns;
    uint32_t lines;
    size_t n = 0;
    grid_size(a, &columns, &lines);
    for (uint32_t i = 0; (size_t)columns * lines <= 4000 && i < columns * lines; i++) {
        double box[4];
        sheet_box(a, i % columns, i / columns, columns, lines, box);
        n += has_cells(job, box) ? 1 : 0;
    }
    return (size_t)columns * lines > 4000 ? SIZE_MAX : n;
}

/** The largest usual scale that needs no more than SHEETS_MOST sheets. */
static void choose_scale(const wg_report_job *job, atlas *a) {
    static const double scales[] = {1000.0,  2000.0,  2500.0,   5000.0,   10000.0,  20000.0,
                                    25000.0, 50000.0, 100000.0, 200000.0, 500000.0, 1e6};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        a->scale = scales[i];
        if (count_sheets(job, a) <= SHEETS_MOST) {
            return;
        }
    }
}

static wg_status add_sheet(wg_context *ctx, atlas *a, const double box[4]) {
    wg_buffer wkb = {0};
    char name[24];
    size_t row;
    const double ring[] = {box[0], box[1], box[2], box[1], box[2], box[3], box[0], box[3], box[0], box[1]};
    wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
    wg_wkb_put_u32(&wkb, 5);
    wg_wkb_put_pairs(&wkb, ring, 5);
    wg_status status = wkb.failed ? wg_fail_memory(ctx) : wg_layer_add_row(ctx, a->sheets, wkb.data, wkb.length, &row);
    wg_buffer_release(&wkb);
    if (status == WG_OK) {
        snprintf(name, sizeof name, "%zu", row + 1);
        status = wg_layer_set_text(ctx, a->sheets, row, 0, name);
    }
    return status;
}

static wg_status lay_sheets(wg_context *ctx, const wg_report_job *job, atlas *a) {
    wg_status status = WG_OK;
    uint32_t columns;
    uint32_t lines;
    WG_TRY(wg_layer_new(ctx, "sheets", wg_layer_crs(job->cells), &a->sheets));
    WG_TRY(wg_layer_add_column(ctx, a->sheets, "name", WG_TEXT, NULL));
    grid_size(a, &columns, &lines);
    for (uint32_t i = 0; i < columns * lines; i++) {
        double box[4];
        sheet_box(a, i % columns, i / columns, columns, lines, box);
        if (has_cells(job, box)) {
            WG_TRY(add_sheet(ctx, a, box));
        }
    }
done:
    return status;
}

static wg_status draw_sheet(wg_context *ctx, const wg_report_job *job, atlas *a, size_t sheet) {
    const wg_plan_layers layers = layers_of(job);
    const bool index = sheet == 0;
    wg_plan_map_options options = sheet_options(job, a);
    char *text = a->text[sheet];
    if (index) {
        const char *one = wg_report_say(job, "Index of %zu sheet at %s", "图幅索引：共 %zu 幅，比例尺 %s");
        const char *many = wg_report_say(job, "Index of %zu sheets at %s", "图幅索引：共 %zu 幅，比例尺 %s");
        char scale[48];
        wg_map_scale_text(a->scale, scale, sizeof scale);
        snprintf(text, sizeof a->text[sheet], a->sheets->n == 1 ? one : many, a->sheets->n, scale);
        options.sheets = a->sheets;
        options.round_scale = true;
    } else {
        size_t bytes;
        const void *wkb = wg_layer_wkb(a->sheets, sheet - 1, &bytes);
        (void)wg_wkb_bounds(wkb, bytes, options.bounds);
        snprintf(text, sizeof a->text[sheet], wg_report_say(job, "Sheet %zu of %zu", "第 %zu 幅，共 %zu 幅"), sheet,
                 a->sheets->n);
        options.scale = a->scale;
    }
    options.title = wg_report_say(job, "Grid cells", "网格分布图");
    options.subtitle = text;
    const wg_status status = wg_plan_map_new(ctx, &layers, &options, &a->maps[sheet]);
    if (status == WG_OK) {
        a->pages[sheet] = *wg_plan_map_get(a->maps[sheet]);
    }
    return status;
}

static void release(atlas *a) {
    for (size_t i = 0; i < a->n && a->maps != NULL; i++) {
        wg_plan_map_free(a->maps[i]);
    }
    free(a->maps);
    free(a->pages);
    free(a->text);
    free(a->cell_colour);
    wg_layer_free(a->sheets);
}

wg_status wg_report_write_maps(wg_context *ctx, const wg_report_job *job, const char *path) {
    wg_status status = WG_OK;
    atlas a = {0};
    if (!paper_size(job->options->paper, &a.width_mm, &a.height_mm)) {
        return wg_fail(ctx, WG_EINVAL, "paper '%s': unknown (A3, A4)", job->options->paper);
    }
    a.cell_colour = wg_malloc(job->cells->n, sizeof *a.cell_colour);
    if (a.cell_colour == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(wg_palette_neighbours(ctx, job->cells, a.cell_colour));
    WG_TRY(measure(ctx, job, &a));
    if (a.bounds[3] - a.bounds[1] > 1.1 * (a.bounds[2] - a.bounds[0])) { /* a tall extent: pages upright */
        const double turn_page = a.width_mm;
        a.width_mm = a.height_mm;
        a.height_mm = turn_page;
        WG_TRY(measure(ctx, job, &a));
    }
    if (job->options->scale > 0.0) {
        a.scale = job->options->scale;
        if (count_sheets(job, &a) > 2000) {
            WG_TRY(wg_fail(ctx, WG_EINVAL, "scale 1:%g: more than 2000 map sheets (take a smaller scale)", a.scale));
        }
    } else {
        choose_scale(job, &a);
    }
    WG_TRY(lay_sheets(ctx, job, &a));
    a.n = a.sheets->n + 1;
    a.maps = wg_calloc(a.n, sizeof *a.maps);
    a.pages = wg_calloc(a.n, sizeof *a.pages);
    a.text = wg_calloc(a.n, sizeof *a.text);
    if (a.maps == NULL || a.pages == NULL || a.text == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t i = 0; i < a.n; i++) {
        WG_TRY(draw_sheet(ctx, job, &a, i));
    }
    WG_TRY(wg_map_write_pdf(ctx, a.pages, a.n, wg_report_say(job, "Grid cells", "网格分布图"), path));
done:
    release(&a);
    return status;
}
