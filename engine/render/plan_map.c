#include "render/plan_map.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/barrier.h"
#include "model/wkb.h"

enum { MOST_LAYERS = 12, STREET_CLASSES = 3, VALUE_CLASSES = WG_PALETTE_STEPS_MAX + 1, SHORT_CODE = 3 };

struct wg_plan_map {
    wg_map map;
    wg_map_layer layers[MOST_LAYERS];
    wg_map_class streets[STREET_CLASSES];
    wg_map_class pastels[WG_PALETTE_PASTELS];
    wg_map_class steps[VALUE_CLASSES];
    wg_map_class status[2];
    uint32_t *fill_of, *status_of, *street_of; /**< a row of cells, cells, barriers */
    bool *water, *rail, *street;               /**< a row of barriers */
    const char **code, **code_short, **community, **sheet;
    wg_arena text;
};

static const char *say(wg_lang lang, const char *en, const char *zh) {
    return lang == WG_LANG_ZH ? zh : en;
}

wg_barrier_look wg_barrier_look_of(const char *kind) {
    static const char *const water[] = {"water", "river", "canal", "stream", "lake", "河", "水", "渠", "湖"};
    static const char *const rail[] = {"rail", "subway", "铁", "轨"};
    for (size_t i = 0; kind != NULL && i < sizeof water / sizeof *water; i++) {
        if (strstr(kind, water[i]) != NULL) {
            return WG_LOOK_WATER;
        }
    }
    for (size_t i = 0; kind != NULL && i < sizeof rail / sizeof *rail; i++) {
        if (strstr(kind, rail[i]) != NULL) {
            return WG_LOOK_RAIL;
        }
    }
    return WG_LOOK_STREET;
}

static const char *cell_text(const wg_layer *layer, size_t row, const char *column) {
    const uint32_t index = layer == NULL ? UINT32_MAX : wg_layer_column(layer, column);
    return index == UINT32_MAX ? NULL : wg_layer_text(layer, row, index);
}

static wg_map_layer *add_layer(wg_plan_map *m, const wg_layer *layer) {
    wg_map_layer *made = &m->layers[m->map.n_layers++];
    *made = (wg_map_layer){.layer = layer};
    return made;
}

/* ------------------------------------------------------------------ cells' fills */

static wg_status fill_pastels(wg_context *ctx, wg_plan_map *m, const wg_layer *cells, const uint32_t *given) {
    for (uint32_t i = 0; i < WG_PALETTE_PASTELS; i++) {
        m->pastels[i].fill = wg_palette_pastel(i);
    }
    wg_map_layer *layer = add_layer(m, cells);
    layer->class_of = given != NULL ? given : m->fill_of;
    layer->classes = m->pastels;
    layer->n_classes = WG_PALETTE_PASTELS;
    return given != NULL ? WG_OK : wg_palette_neighbours(ctx, cells, m->fill_of);
}

static wg_status step_label(wg_context *ctx, wg_plan_map *m, double from, double to, bool first, uint32_t decimals,
                            const char **label) {
    char text[96];
    const int digits = (int)decimals;
    if (first) {
        snprintf(text, sizeof text, "≤ %.*f", digits, to);
    } else {
        snprintf(text, sizeof text, "%.*f – %.*f", digits, from, digits, to);
    }
    *label = wg_arena_strdup(&m->text, text, strlen(text));
    return *label == NULL ? wg_fail_memory(ctx) : WG_OK;
}

static wg_status fill_values(wg_context *ctx, wg_plan_map *m, const wg_layer *cells,
                             const wg_plan_map_options *options) {
    double upper[WG_PALETTE_STEPS_MAX];
    const uint32_t wanted = options->steps == 0 ? 5 : options->steps;
    if (wanted > WG_PALETTE_STEPS_MAX) {
        return wg_fail(ctx, WG_EINVAL, "%u steps of colour asked for, at most %d exist", wanted, WG_PALETTE_STEPS_MAX);
    }
    const uint32_t n = wg_classes_quantile(options->values, cells->n, wanted, upper);
    bool unknown = false;
    for (size_t row = 0; row < cells->n; row++) {
        const uint32_t class = wg_class_of(options->values[row], upper, n);
        unknown = unknown || class == WG_UNASSIGNED;
        m->fill_of[row] = class == WG_UNASSIGNED ? n : class;
    }
    for (uint32_t i = 0; i < n; i++) {
        m->steps[i].fill = wg_palette_sequential(i, n);
        const wg_status status =
            step_label(ctx, m, i == 0 ? 0.0 : upper[i - 1], upper[i], i == 0, options->decimals, &m->steps[i].label);
        if (status != WG_OK) {
            return status;
        }
    }
    m->steps[n] =
        (wg_map_class){.fill = WG_COLOUR_NO_DATA, .label = unknown ? say(options->lang, "no data", "无数据") : NULL};
    wg_map_layer *layer = add_layer(m, cells);
    layer->class_of = m->fill_of;
    layer->classes = m->steps;
    layer->n_classes = n + 1;
    layer->legend = options->values_title;
    return WG_OK;
}

static wg_status add_fill(wg_context *ctx, wg_plan_map *m, const wg_layer *cells, const wg_plan_map_options *options) {
    if (options->fill == WG_PLAN_FILL_CELLS) {
        return fill_pastels(ctx, m, cells, options->cell_colour);
    }
    if (options->fill == WG_PLAN_FILL_VALUES) {
        return fill_values(ctx, m, cells, options);
    }
    if (options->fill == WG_PLAN_FILL_CLASSES) {
        wg_map_layer *layer = add_layer(m, cells);
        layer->class_of = options->class_of;
        layer->classes = options->classes;
        layer->n_classes = options->n_classes;
        layer->legend = options->values_title;
    }
    return WG_OK;
}

static void add_status(wg_plan_map *m, const wg_layer *cells, const wg_plan_map_options *options) {
    bool found[2] = {false, false};
    for (size_t row = 0; row < cells->n; row++) {
        const char *status = cell_text(cells, row, "status");
        m->status_of[row] = status == NULL || strcmp(status, "ok") == 0 ? WG_UNASSIGNED : strcmp(status, "under") != 0;
        if (m->status_of[row] != WG_UNASSIGNED) {
            found[m->status_of[row]] = true;
        }
    }
    if (!found[0] && !found[1]) {
        return;
    }
    m->status[0] = (wg_map_class){.hatch = WG_HATCH_DOTS,
                                  .ink = 0x1b4f9cffu,
                                  .label = found[0] ? say(options->lang, "below a limit", "低于下限") : NULL};
    m->status[1] = (wg_map_class){.hatch = WG_HATCH_DIAGONAL,
                                  .ink = WG_COLOUR_BAD,
                                  .label = found[1] ? say(options->lang, "above a limit", "超过上限") : NULL};
    wg_map_layer *layer = add_layer(m, cells);
    layer->class_of = m->status_of;
    layer->classes = m->status;
    layer->n_classes = 2;
    layer->legend = say(options->lang, "Cells out of limits", "未达标网格");
}

/* ------------------------------------------------------------------ underneath and outlines */

uint32_t wg_map_barrier_rank(const wg_layer *barriers, size_t row) {
    const uint32_t column = wg_layer_column(barriers, "rank");
    if (column != UINT32_MAX && !wg_layer_is_null(barriers, row, column)) {
        return (uint32_t)wg_layer_integer(barriers, row, column);
    }
    return wg_barrier_rank(cell_text(barriers, row, "kind"), cell_text(barriers, row, "class"));
}

static double between(double low, double value, double high) {
    return fmin(fmax(value, low), high);
}

/** Under a map of values everything else stays a hint: thin, without casings, half transparent. */
static void quieten(wg_plan_map *m) {
    for (uint32_t i = 0; i < STREET_CLASSES; i++) {
        m->streets[i].fill = 0xffffff8cu;
        m->streets[i].stroke_mm *= 0.6;
    }
}

static void add_barriers(wg_plan_map *m, const wg_layer *barriers, double scale, const wg_plan_map_options *options) {
    const wg_lang lang = options->lang;
    const bool quiet = options->fill == WG_PLAN_FILL_VALUES || options->fill == WG_PLAN_FILL_CLASSES;
    bool any[3] = {false, false, false};
    for (size_t row = 0; row < barriers->n; row++) {
        const wg_barrier_look look = wg_barrier_look_of(cell_text(barriers, row, "kind"));
        const uint32_t rank = wg_map_barrier_rank(barriers, row);
        m->water[row] = look == WG_LOOK_WATER;
        m->rail[row] = look == WG_LOOK_RAIL;
        /* Footpaths only where the map is large enough to tell them from streets. */
        m->street[row] = look == WG_LOOK_STREET && (rank < 8 || scale < 8000.0);
        m->street_of[row] = rank <= 2 ? 0 : rank <= 4 ? 1 : 2;
        any[look] = true;
    }
    const double mm_per_m = 1000.0 / scale;
    wg_map_layer *water = add_layer(m, barriers);
    water->only = m->water;
    water->fill = WG_COLOUR_WATER;
    water->stroke = WG_COLOUR_WATER;
    water->stroke_mm = between(0.25, 6.0 * mm_per_m, 1.6);
    water->legend = any[WG_LOOK_WATER] ? say(lang, "Water", "水系") : NULL;
    m->streets[0] = (wg_map_class){.fill = 0xfdf0c0ffu, .stroke_mm = between(0.42, 14.0 * mm_per_m, 3.2)};
    m->streets[1] = (wg_map_class){.fill = WG_COLOUR_STREET, .stroke_mm = between(0.30, 9.0 * mm_per_m, 2.2)};
    m->streets[2] = (wg_map_class){.fill = WG_COLOUR_STREET, .stroke_mm = between(0.16, 5.0 * mm_per_m, 1.4)};
    if (quiet) {
        quieten(m);
    }
    wg_map_layer *street = add_layer(m, barriers);
    street->only = m->street;
    street->class_of = m->street_of;
    street->classes = m->streets;
    street->n_classes = STREET_CLASSES;
    street->stroke = WG_COLOUR_STREET;
    street->stroke_mm = 0.5;
    street->casing = quiet ? 0 : WG_COLOUR_STREET_EDGE;
    street->casing_mm = between(0.06, 0.5 * mm_per_m, 0.14);
    street->legend = any[WG_LOOK_STREET] && !quiet ? say(lang, "Street", "道路") : NULL;
    wg_map_layer *rail = add_layer(m, barriers);
    rail->only = m->rail;
    rail->stroke = WG_COLOUR_RAIL;
    rail->stroke_mm = between(0.25, 4.0 * mm_per_m, 0.8);
    rail->dash = WG_DASH_DASHED;
    rail->legend = any[WG_LOOK_RAIL] ? say(lang, "Railway", "铁路") : NULL;
}

static void add_cells(wg_plan_map *m, const wg_layer *cells, const wg_plan_map_options *options) {
    wg_map_layer *line = add_layer(m, cells);
    line->stroke = WG_COLOUR_CELL_LINE;
    line->stroke_mm = 0.3;
    line->frame = true;
    line->legend = say(options->lang, "Cell boundary", "网格边界");
    if (options->no_labels) {
        return;
    }
    for (size_t row = 0; row < cells->n; row++) {
        const char *code = cell_text(cells, row, "code");
        const size_t length = code == NULL ? 0 : strlen(code);
        m->code[row] = code;
        m->code_short[row] = length > SHORT_CODE ? code + length - SHORT_CODE : code;
    }
    line->label = options->cell_label != NULL ? options->cell_label : m->code;
    line->label_short = options->cell_label != NULL ? NULL : m->code_short;
    line->label_pt = 7.0;
    line->label_bold = true;
    line->label_colour = 0x86005affu;
}

static void add_communities(wg_plan_map *m, const wg_layer *communities, const wg_plan_map_options *options) {
    wg_map_layer *line = add_layer(m, communities);
    line->stroke = WG_COLOUR_COMMUNITY_LINE;
    line->stroke_mm = 0.5;
    line->frame = true;
    line->legend = say(options->lang, "Community boundary", "社区边界");
    if (options->no_labels) {
        return;
    }
    for (size_t row = 0; row < communities->n; row++) {
        const char *name = cell_text(communities, row, "name");
        m->community[row] = name != NULL ? name : cell_text(communities, row, "code");
    }
    line->label = m->community;
    line->label_pt = 10.0;
    line->label_bold = true;
    line->label_loose = true;
    line->label_colour = 0x3b2a4dd0u;
}

/** Outlines and numbers of map sheets. */
static wg_status add_sheets(wg_context *ctx, wg_plan_map *m, const wg_plan_map_options *options) {
    m->sheet = wg_calloc(options->sheets->n, sizeof *m->sheet);
    if (m->sheet == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < options->sheets->n; row++) {
        m->sheet[row] = cell_text(options->sheets, row, "name");
    }
    wg_map_layer *sheet = add_layer(m, options->sheets);
    sheet->stroke = 0x1b4f9cffu;
    sheet->stroke_mm = 0.4;
    sheet->label = m->sheet;
    sheet->label_pt = 15.0;
    sheet->label_bold = true;
    sheet->label_loose = true;
    sheet->label_colour = 0x1b4f9cffu;
    sheet->frame = true;
    sheet->legend = say(options->lang, "Map sheet", "图幅");
    return WG_OK;
}

/* ------------------------------------------------------------------ the whole */

static bool reserve_rows(wg_plan_map *m, const wg_plan_layers *layers) {
    const size_t n_cells = layers->cells == NULL ? 0 : layers->cells->n;
    const size_t n_barriers = layers->barriers == NULL ? 0 : layers->barriers->n;
    const size_t n_communities = layers->communities == NULL ? 0 : layers->communities->n;
    m->fill_of = wg_calloc(n_cells, sizeof *m->fill_of);
    m->status_of = wg_calloc(n_cells, sizeof *m->status_of);
    m->code = wg_calloc(n_cells, sizeof *m->code);
    m->code_short = wg_calloc(n_cells, sizeof *m->code_short);
    m->street_of = wg_calloc(n_barriers, sizeof *m->street_of);
    m->water = wg_calloc(n_barriers, sizeof *m->water);
    m->rail = wg_calloc(n_barriers, sizeof *m->rail);
    m->street = wg_calloc(n_barriers, sizeof *m->street);
    m->community = wg_calloc(n_communities, sizeof *m->community);
    return m->fill_of != NULL && m->status_of != NULL && m->code != NULL && m->code_short != NULL &&
           m->street_of != NULL && m->water != NULL && m->rail != NULL && m->street != NULL && m->community != NULL;
}

/** The scale at which the map will be drawn; line widths depend on it. */
static double expected_scale(const wg_plan_map *m, const wg_plan_layers *layers) {
    wg_map probe = m->map;
    wg_map_layer framed[2];
    probe.layers = framed;
    probe.n_layers = 0;
    if (layers->communities != NULL) {
        framed[probe.n_layers++] = (wg_map_layer){.layer = layers->communities, .frame = true};
    }
    if (layers->cells != NULL) {
        framed[probe.n_layers++] = (wg_map_layer){.layer = layers->cells, .frame = true};
    }
    const double scale = wg_map_scale(&probe);
    return scale > 0.0 ? scale : 10000.0;
}

static wg_status compose(wg_context *ctx, wg_plan_map *m, const wg_plan_layers *layers,
                         const wg_plan_map_options *options) {
    if (!reserve_rows(m, layers)) {
        return wg_fail_memory(ctx);
    }
    const double scale = expected_scale(m, layers);
    m->map.layers = m->layers;
    wg_status status = layers->cells == NULL ? WG_OK : add_fill(ctx, m, layers->cells, options);
    if (status != WG_OK) {
        return status;
    }
    if (layers->barriers != NULL && layers->barriers->n > 0) {
        add_barriers(m, layers->barriers, scale, options);
    }
    if (layers->buildings != NULL && layers->buildings->n > 0) {
        wg_map_layer *building = add_layer(m, layers->buildings);
        const bool quiet = options->fill == WG_PLAN_FILL_VALUES || options->fill == WG_PLAN_FILL_CLASSES;
        building->fill = quiet ? 0x50505048u : WG_COLOUR_BUILDING;
        building->point_mm = 0.35;
        building->legend = quiet ? NULL : say(options->lang, "Building", "楼栋");
    }
    if (layers->cells != NULL && options->status) {
        add_status(m, layers->cells, options);
    }
    if (layers->cells != NULL) {
        add_cells(m, layers->cells, options);
    }
    if (layers->communities != NULL) {
        add_communities(m, layers->communities, options);
    }
    if (layers->overlay != NULL && layers->overlay->n > 0) {
        wg_map_layer *overlay = add_layer(m, layers->overlay);
        overlay->fill = 0xb3261e50u;
        overlay->hatch = WG_HATCH_CROSS;
        overlay->stroke = WG_COLOUR_BAD;
        overlay->stroke_mm = 0.35;
        overlay->legend = layers->overlay_legend;
    }
    return options->sheets == NULL ? WG_OK : add_sheets(ctx, m, options);
}

wg_status wg_plan_map_new(wg_context *ctx, const wg_plan_layers *layers, const wg_plan_map_options *options,
                          wg_plan_map **made) {
    *made = NULL;
    wg_plan_map *m = wg_calloc(1, sizeof *m);
    if (m == NULL) {
        return wg_fail_memory(ctx);
    }
    m->map = (wg_map){.title = options->title,
                      .subtitle = options->subtitle,
                      .note = options->note,
                      .width_mm = options->width_mm,
                      .height_mm = options->height_mm,
                      .scale = options->scale,
                      .round_scale = options->round_scale,
                      .lang = options->lang};
    memcpy(m->map.bounds, options->bounds, sizeof m->map.bounds);
    const wg_status status = compose(ctx, m, layers, options);
    if (status != WG_OK) {
        wg_plan_map_free(m);
        return status;
    }
    *made = m;
    return WG_OK;
}

void wg_plan_map_free(wg_plan_map *made) {
    if (made == NULL) {
        return;
    }
    free(made->fill_of);
    free(made->status_of);
    free(made->street_of);
    free(made->water);
    free(made->rail);
    free(made->street);
    free(made->code);
    free(made->code_short);
    free(made->community);
    free(made->sheet);
    wg_arena_release(&made->text);
    free(made);
}

const wg_map *wg_plan_map_get(const wg_plan_map *made) {
    return &made->map;
}

wg_status wg_plan_map_write_png(wg_context *ctx, const wg_plan_layers *layers, const wg_plan_map_options *options,
                                double dpi, const char *path) {
    wg_plan_map *made;
    wg_status status = wg_plan_map_new(ctx, layers, options, &made);
    if (status == WG_OK) {
        status = wg_map_write_png(ctx, &made->map, dpi, path);
        wg_plan_map_free(made);
    }
    return status;
}
