/* METIS graph files, as in section 4.1.1 of the METIS 5 manual. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan/zone.h"

typedef struct metis_file {
    const char *path;
    FILE *file;
    char *line; /**< getline's */
    size_t capacity;
    unsigned long number;
    char *at; /**< next token */
} metis_file;

/** The next line that is no comment. @return false at the end */
static bool next_line(metis_file *f) {
    do {
        if (getline(&f->line, &f->capacity, f->file) < 0) {
            return false;
        }
        f->number++;
        f->at = f->line;
    } while (f->line[0] == '%');
    return true;
}

/** The line's next number. @return 1 found, 0 none left, -1 not a number */
static int next_number(metis_file *f, double *value) {
    while (*f->at == ' ' || *f->at == '\t' || *f->at == '\r' || *f->at == '\n') {
        f->at++;
    }
    if (*f->at == '\0') {
        return 0;
    }
    char *end = NULL;
    *value = strtod(f->at, &end);
    if (end == f->at || (*end != '\0' && strchr(" \t\r\n", *end) == NULL) || !isfinite(*value) || *value < 0) {
        return -1;
    }
    f->at = end;
    return 1;
}

static wg_status fail_line(wg_context *ctx, const metis_file *f, const char *what) {
    return wg_fail(ctx, WG_EDATA, "%s: line %lu: %s", f->path, f->number, what);
}

typedef struct metis_form {
    uint32_t n, n_weights;
    double m;
    bool sizes, vertex_weights, edge_weights;
} metis_form;

static wg_status read_head(wg_context *ctx, metis_file *f, metis_form *form) {
    double n = 0, m = 0, format = 0, weights = 1;
    if (!next_line(f) || next_number(f, &n) != 1 || next_number(f, &m) != 1 || next_number(f, &format) < 0 ||
        next_number(f, &weights) < 0) {
        return fail_line(ctx, f, "the head is not \"units edges [format [weights]]\"");
    }
    const int digits = (int)format;
    if (n < 1 || n >= WG_UNASSIGNED || m >= WG_UNASSIGNED / 2 || floor(n) != n || floor(m) != m || weights < 1 ||
        weights > 1000 || format > 111 || digits % 10 > 1 || digits / 10 % 10 > 1) {
        return fail_line(ctx, f, "the head's numbers are out of range");
    }
    *form = (metis_form){.n = (uint32_t)n,
                         .m = m,
                         .sizes = digits / 100 == 1,
                         .vertex_weights = digits / 10 % 10 == 1,
                         .edge_weights = digits % 10 == 1,
                         .n_weights = (uint32_t)weights};
    return WG_OK;
}

static wg_status allocate(wg_context *ctx, const metis_form *form, wg_zone_input *input) {
    input->n = form->n;
    input->id = wg_calloc(form->n, sizeof *input->id);
    input->weight = wg_calloc(form->n_weights, sizeof *input->weight);
    input->edges = wg_calloc((size_t)form->m, sizeof *input->edges);
    if (input->id == NULL || input->weight == NULL || input->edges == NULL) {
        return wg_fail_memory(ctx);
    }
    for (; input->n_weights < form->n_weights; input->n_weights++) {
        input->weight[input->n_weights] = wg_calloc(form->n, sizeof(double));
        if (input->weight[input->n_weights] == NULL) {
            return wg_fail_memory(ctx);
        }
    }
    return WG_OK;
}

/** One unit's line: [size] weights, then neighbours (from 1) with their weights. */
static wg_status read_unit(wg_context *ctx, metis_file *f, const metis_form *form, uint32_t v, wg_zone_input *input) {
    char name[16];
    double number = 0;
    (void)snprintf(name, sizeof name, "%u", v + 1);
    input->id[v] = wg_arena_strdup(&input->text, name, strlen(name));
    if (input->id[v] == NULL) {
        return wg_fail_memory(ctx);
    }
    if (form->sizes && next_number(f, &number) != 1) {
        return fail_line(ctx, f, "the size is missing");
    }
    for (uint32_t w = 0; w < form->n_weights; w++) {
        input->weight[w][v] = 1;
        if (form->vertex_weights && next_number(f, &input->weight[w][v]) != 1) {
            return fail_line(ctx, f, "a weight is missing or not a number of 0 or more");
        }
    }
    for (int found; (found = next_number(f, &number)) != 0;) {
        double length = 1;
        if (found < 0 || number < 1 || number > form->n || floor(number) != number) {
            return fail_line(ctx, f, "a neighbour is not a unit's number");
        }
        if (form->edge_weights && next_number(f, &length) != 1) {
            return fail_line(ctx, f, "an edge's weight is missing");
        }
        const uint32_t u = (uint32_t)number - 1;
        if (u > v) { /* each edge stands in two lines: the lower unit's counts */
            if (input->n_edges >= (size_t)form->m) {
                return fail_line(ctx, f, "there are more edges than the head says");
            }
            input->edges[input->n_edges++] = (wg_edge){.u = v, .v = u, .length = length};
        } else if (u == v) {
            return fail_line(ctx, f, "a unit is its own neighbour");
        }
    }
    return WG_OK;
}

wg_status wg_zone_read_metis(wg_context *ctx, const char *path, wg_zone_input *input) {
    wg_status status = WG_OK;
    metis_form form = {0};
    metis_file f = {.path = path, .file = fopen(path, "rb")};
    if (f.file == NULL) {
        return wg_fail(ctx, WG_EIO, "%s: cannot be read: %s", path, strerror(errno));
    }
    WG_TRY(read_head(ctx, &f, &form));
    WG_TRY(allocate(ctx, &form, input));
    for (uint32_t v = 0; v < form.n; v++) {
        if (!next_line(&f)) {
            status = fail_line(ctx, &f, "there are fewer lines than units");
            goto done;
        }
        WG_TRY(read_unit(ctx, &f, &form, v, input));
    }
    if ((double)input->n_edges < form.m) {
        status = fail_line(ctx, &f, "there are fewer edges than the head says");
    }
done:
    free(f.line);
    (void)fclose(f.file);
    return status;
}
