#include "geo/merge.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "geo/heap.h"
#include "model/barrier.h"

wg_status wg_plots_init(wg_context *ctx, wg_plots *plots, uint32_t n, uint32_t n_weights) {
    *plots = (wg_plots){.n = n, .n_weights = n_weights};
    plots->plot = wg_calloc(n, sizeof *plots->plot);
    plots->parent = wg_malloc(n, sizeof *plots->parent);
    plots->weight = wg_calloc((size_t)n * n_weights, sizeof *plots->weight);
    plots->mark = wg_malloc(n, sizeof *plots->mark);
    if (plots->plot == NULL || plots->parent == NULL || plots->weight == NULL || plots->mark == NULL) {
        wg_plots_release(plots);
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < n; i++) {
        plots->parent[i] = i;
        plots->mark[i] = WG_NONE;
    }
    return WG_OK;
}

void wg_plots_release(wg_plots *plots) {
    for (uint32_t i = 0; plots->plot != NULL && i < plots->n; i++) {
        free(plots->plot[i].contact);
    }
    free(plots->plot);
    free(plots->parent);
    free(plots->weight);
    free(plots->mark);
    free(plots->merged);
    *plots = (wg_plots){0};
}

static wg_status touch_one(wg_context *ctx, wg_plot *plot, uint32_t other, double length, uint8_t rank, bool hard) {
    wg_contact *last = plot->n_contacts > 0 ? &plot->contact[plot->n_contacts - 1] : NULL;
    if (last == NULL || last->other != other) {
        if (!WG_RESERVE(plot->contact, plot->capacity, plot->n_contacts + 1)) {
            return wg_fail_memory(ctx);
        }
        last = &plot->contact[plot->n_contacts++];
        *last = (wg_contact){.other = other};
    }
    if (hard) {
        last->hard += length;
    } else {
        last->length[rank] += length;
    }
    plot->perimeter += length;
    return WG_OK;
}

wg_status wg_plots_touch(wg_context *ctx, wg_plots *plots, uint32_t a, uint32_t b, double length, uint8_t rank,
                         bool hard) {
    const wg_status status = touch_one(ctx, &plots->plot[a], b, length, rank, hard);
    return status == WG_OK ? touch_one(ctx, &plots->plot[b], a, length, rank, hard) : status;
}

/** Bring the contacts of plot i up to date: joined neighbours are one, its own parts none. */
static void tidy(wg_plots *plots, uint32_t i) {
    wg_plot *plot = &plots->plot[i];
    size_t kept = 0;
    for (size_t c = 0; c < plot->n_contacts; c++) {
        wg_contact contact = plot->contact[c];
        contact.other = wg_sets_find(plots->parent, contact.other);
        if (contact.other == i) {
            continue;
        }
        const uint32_t at = plots->mark[contact.other];
        if (at == WG_NONE) {
            plots->mark[contact.other] = (uint32_t)kept;
            plot->contact[kept++] = contact;
            continue;
        }
        for (int r = 0; r < 10; r++) {
            plot->contact[at].length[r] += contact.length[r];
        }
        plot->contact[at].hard += contact.hard;
    }
    plot->n_contacts = kept;
    for (size_t c = 0; c < kept; c++) {
        plots->mark[plot->contact[c].other] = WG_NONE;
    }
}

static double contact_length(const wg_contact *contact) {
    double sum = contact->hard;
    for (int r = 0; r < 10; r++) {
        sum += contact->length[r];
    }
    return sum;
}

/** The best rank that holds along at least half of the line; 10 where less than half runs along barriers. */
static int contact_rank(const wg_contact *contact) {
    const double half = (contact_length(contact) - contact->hard) / 2;
    double sum = 0;
    for (int r = 1; r < 10; r++) {
        sum += contact->length[r];
        if (sum > 0 && sum >= half) {
            return r;
        }
    }
    return 10;
}

static uint32_t lower_of(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/** Join j to i (roots). @return the root */
static wg_status join(wg_context *ctx, wg_plots *plots, uint32_t i, uint32_t j, uint32_t *root) {
    *root = wg_sets_join(plots->parent, i, j);
    const uint32_t gone = *root == i ? j : i;
    wg_plot *to = &plots->plot[*root], *from = &plots->plot[gone];
    if (!WG_RESERVE(to->contact, to->capacity, to->n_contacts + from->n_contacts)) {
        return wg_fail_memory(ctx);
    }
    if (from->n_contacts > 0) {
        memcpy(to->contact + to->n_contacts, from->contact, from->n_contacts * sizeof *to->contact);
    }
    to->n_contacts += from->n_contacts;
    double shared = 0;
    for (size_t c = 0; c < from->n_contacts; c++) {
        shared += wg_sets_find(plots->parent, from->contact[c].other) == *root ? contact_length(&from->contact[c]) : 0;
    }
    free(from->contact);
    from->contact = NULL;
    from->n_contacts = from->capacity = 0;
    to->area += from->area;
    to->perimeter += from->perimeter - 2 * shared;
    to->n_buildings += from->n_buildings;
    to->compound = lower_of(to->compound, from->compound);
    to->dedicated = lower_of(to->dedicated, from->dedicated);
    to->given = lower_of(to->given, from->given);
    for (uint32_t k = 0; k < plots->n_weights; k++) {
        plots->weight[(size_t)*root * plots->n_weights + k] += plots->weight[(size_t)gone * plots->n_weights + k];
    }
    tidy(plots, *root);
    return WG_OK;
}

/** Largest ratio of a weight to what is heavy. */
static double load_of(const wg_plots *plots, const double *weight, const double *heavy) {
    double load = 0;
    for (uint32_t k = 0; k < plots->n_weights; k++) {
        if (heavy != NULL && heavy[k] > 0 && weight[k] / heavy[k] > load) {
            load = weight[k] / heavy[k];
        }
    }
    return load;
}

/** All connected plots of one compound (or dedicated polygon) become one, unless the compound is too heavy, or open. */
static wg_status merge_wholes(wg_context *ctx, wg_plots *plots, const double *limit, const bool *open, bool dedicated) {
    wg_lists lists = {0};
    wg_status status = WG_OK;
    uint32_t *key = wg_malloc(plots->n, sizeof *key), *dense = NULL;
    double *sum = wg_calloc(plots->n_weights, sizeof *sum);
    uint32_t n_keys = 0;
    if (key == NULL || sum == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (uint32_t i = 0; i < plots->n; i++) {
        key[i] = dedicated ? plots->plot[i].dedicated : plots->plot[i].compound;
        n_keys = key[i] != WG_NONE && key[i] >= n_keys ? key[i] + 1 : n_keys;
        if (plots->plot[i].surface != WG_NONE || wg_sets_find(plots->parent, i) != i) {
            key[i] = WG_NONE;
        }
    }
    WG_TRY(wg_lists_of(ctx, key, plots->n, n_keys, &lists));
    for (uint32_t c = 0; c < n_keys; c++) {
        memset(sum, 0, plots->n_weights * sizeof *sum);
        for (uint32_t m = lists.first[c]; m < lists.first[c + 1]; m++) {
            for (uint32_t k = 0; k < plots->n_weights; k++) {
                sum[k] += plots->weight[(size_t)lists.item[m] * plots->n_weights + k];
            }
        }
        if (load_of(plots, sum, limit) > 1 || (open != NULL && open[c])) {
            continue;
        }
        for (uint32_t m = lists.first[c]; m < lists.first[c + 1]; m++) {
            uint32_t i = wg_sets_find(plots->parent, lists.item[m]);
            tidy(plots, i);
            for (size_t k = 0; k < plots->plot[i].n_contacts; k++) {
                const wg_contact contact = plots->plot[i].contact[k];
                if (key[contact.other] == c && contact_length(&contact) > contact.hard) {
                    WG_TRY(join(ctx, plots, i, contact.other, &i));
                    k = (size_t)-1; /* contacts changed: begin again */
                }
            }
        }
    }
done:
    free(key);
    free(dense);
    free(sum);
    wg_lists_release(&lists);
    return status;
}

static bool is_sliver(const wg_plot *plot, const wg_merge_rules *rules) {
    if (plot->given != WG_NONE) {
        return false;
    }
    if (plot->strip) { /* to be divided by the sides of its compounds, unless there is hardly anything to divide */
        return plot->area < rules->sliver_area || 2 * plot->area < 0.05 * rules->strip_width * plot->perimeter;
    }
    return plot->area < rules->sliver_area ||
           (plot->n_buildings == 0 &&
            (plot->area < 10 * rules->sliver_area || 2 * plot->area < rules->sliver_width * plot->perimeter));
}

/** The neighbour that a sliver joins: the longest common line, weak barriers rather than strong ones. */
static uint32_t best_neighbour(const wg_plots *plots, uint32_t i) {
    const wg_plot *plot = &plots->plot[i];
    uint32_t best = WG_NONE;
    double best_score = 0;
    for (size_t c = 0; c < plot->n_contacts; c++) {
        const wg_contact *contact = &plot->contact[c];
        const wg_plot *other = &plots->plot[contact->other];
        double score = contact->hard * 1e-6 + contact->length[0];
        for (int r = 1; r < 10; r++) {
            score += contact->length[r] * (0.4 + 0.06 * r);
        }
        if ((other->compound != plot->compound && !plot->strip) || other->dedicated != plot->dedicated) {
            score *= 0.05;
        }
        if ((other->surface == WG_NONE) != (plot->surface == WG_NONE)) {
            score *= 1e-3;
        }
        if (score > best_score || (!(score < best_score) && contact->other < best)) {
            best_score = score;
            best = contact->other;
        }
    }
    return best_score > 0 ? best : WG_NONE;
}

wg_status wg_plots_merge_slivers(wg_context *ctx, wg_plots *plots, const wg_merge_rules *rules) {
    wg_heap heap = {0};
    wg_status status = WG_OK;
    for (uint32_t i = 0; i < plots->n; i++) {
        if (plots->parent[i] == i && is_sliver(&plots->plot[i], rules) &&
            !wg_heap_push(&heap, plots->plot[i].area, i, 0)) {
            WG_TRY(wg_fail_memory(ctx));
        }
    }
    while (heap.n > 0) {
        const wg_heap_item item = wg_heap_pop(&heap);
        if (plots->parent[item.a] != item.a || plots->plot[item.a].area > item.key ||
            !is_sliver(&plots->plot[item.a], rules)) {
            continue;
        }
        tidy(plots, item.a);
        const uint32_t other = best_neighbour(plots, item.a);
        uint32_t root;
        if (other == WG_NONE) {
            continue;
        }
        if (!WG_RESERVE(plots->merged, plots->merged_capacity, plots->n_merged + 1)) {
            WG_TRY(wg_fail_memory(ctx));
        }
        plots->merged[plots->n_merged++] = item.a;
        const wg_plot kept = plots->plot[other];
        WG_TRY(join(ctx, plots, item.a, other, &root));
        /* A sliver takes the nature of what it joins. */
        plots->plot[root].compound = kept.compound;
        plots->plot[root].dedicated = kept.dedicated;
        plots->plot[root].surface = kept.surface;
        plots->plot[root].strip = kept.strip;
        if (is_sliver(&plots->plot[root], rules) && !wg_heap_push(&heap, plots->plot[root].area, root, 0)) {
            WG_TRY(wg_fail_memory(ctx));
        }
    }
done:
    free(heap.item);
    return status;
}

/** Light blocks join up to this share of what is heavy: coarser pieces leave the search less to choose from. */
static const double LIGHT = 0.4;

/** A plot that lies wholly inside another one would be a hole in a cell. */
static bool is_enclosed(const wg_plots *plots, uint32_t i, const wg_contact *contact) {
    const double length = contact_length(contact) / 0.999;
    return length > plots->plot[i].perimeter || length > plots->plot[contact->other].perimeter;
}

/** How full the union of two plots would be: 1 is too heavy or too large. What is enclosed may be of any size. */
static double joint_load(const wg_plots *plots, uint32_t i, const wg_contact *contact, const wg_merge_rules *rules) {
    const uint32_t j = contact->other;
    double load = is_enclosed(plots, i, contact) ? 0 : (plots->plot[i].area + plots->plot[j].area) / rules->area_cap;
    for (uint32_t k = 0; k < plots->n_weights; k++) {
        const double sum =
            plots->weight[(size_t)i * plots->n_weights + k] + plots->weight[(size_t)j * plots->n_weights + k];
        const double ratio = rules->heavy[k] > 0 ? sum / rules->heavy[k] : 0;
        load = ratio > load ? ratio : load;
    }
    return load;
}

/**
 * Whether the line between two plots is one that only divides where there is need, and their union still has a shape.
 * Around a plot that lies wholly inside another one any line is.
 */
static bool may_join(const wg_plots *plots, uint32_t i, const wg_contact *contact) {
    const wg_plot *a = &plots->plot[i], *b = &plots->plot[contact->other];
    if (a->compound != b->compound || a->dedicated != b->dedicated || a->surface != b->surface ||
        a->given != b->given || a->strip || b->strip || a->dedicated != WG_NONE || a->given != WG_NONE ||
        contact->hard > 0 || (contact_rank(contact) <= WG_RANK_STREET && !is_enclosed(plots, i, contact))) {
        return false;
    }
    const double shorter = a->perimeter < b->perimeter ? a->perimeter : b->perimeter;
    return contact_length(contact) > 0.12 * shorter;
}

static bool push_contacts(const wg_plots *plots, uint32_t i, const wg_merge_rules *rules, bool all, wg_heap *heap) {
    for (size_t c = 0; c < plots->plot[i].n_contacts; c++) {
        const wg_contact *contact = &plots->plot[i].contact[c];
        if ((!all && contact->other < i) || !may_join(plots, i, contact)) {
            continue;
        }
        const double load = joint_load(plots, i, contact, rules);
        const uint32_t low = i < contact->other ? i : contact->other, high = i < contact->other ? contact->other : i;
        if (load <= LIGHT && !wg_heap_push(heap, load - 10.0 * contact_rank(contact), low, high)) {
            return false;
        }
    }
    return true;
}

/** Join light blocks across weak lines, the weakest lines and the lightest blocks first. */
static wg_status merge_light(wg_context *ctx, wg_plots *plots, const wg_merge_rules *rules) {
    wg_heap heap = {0};
    wg_status status = WG_OK;
    for (uint32_t i = 0; i < plots->n; i++) {
        if (plots->parent[i] == i) {
            tidy(plots, i);
        }
    }
    for (uint32_t i = 0; i < plots->n; i++) {
        if (plots->parent[i] == i && !push_contacts(plots, i, rules, false, &heap)) {
            WG_TRY(wg_fail_memory(ctx));
        }
    }
    while (heap.n > 0) {
        const wg_heap_item item = wg_heap_pop(&heap);
        if (plots->parent[item.a] != item.a || plots->parent[item.b] != item.b) {
            continue;
        }
        tidy(plots, item.a);
        const wg_plot *plot = &plots->plot[item.a];
        const wg_contact *contact = NULL;
        for (size_t c = 0; c < plot->n_contacts && contact == NULL; c++) {
            contact = plot->contact[c].other == item.b ? &plot->contact[c] : NULL;
        }
        /* An entry from before one of the two grew is out of date; the new one is in the heap. */
        if (contact == NULL || !may_join(plots, item.a, contact) ||
            fabs(joint_load(plots, item.a, contact, rules) - 10.0 * contact_rank(contact) - item.key) > 1e-9) {
            continue;
        }
        uint32_t root;
        WG_TRY(join(ctx, plots, item.a, item.b, &root));
        if (!push_contacts(plots, root, rules, true, &heap)) {
            WG_TRY(wg_fail_memory(ctx));
        }
    }
done:
    free(heap.item);
    return status;
}

/** Land between a compound's wall and the street belongs with the compound's sides, not with the blocks over the
 * street. */
static void mark_strips(wg_plots *plots, const wg_merge_rules *rules) {
    for (uint32_t i = 0; i < plots->n; i++) {
        wg_plot *plot = &plots->plot[i];
        if (plots->parent[i] != i || plot->n_buildings > 0 || plot->compound != WG_NONE || plot->dedicated != WG_NONE ||
            plot->surface != WG_NONE || plot->given != WG_NONE ||
            !(2 * plot->area < rules->strip_width * plot->perimeter)) {
            continue;
        }
        tidy(plots, i);
        for (size_t c = 0; c < plot->n_contacts; c++) {
            plot->strip = plot->strip || plots->plot[plot->contact[c].other].compound != WG_NONE;
        }
    }
}

wg_status wg_plots_merge(wg_context *ctx, wg_plots *plots, const wg_merge_rules *rules) {
    wg_status status = WG_OK;
    WG_TRY(merge_wholes(ctx, plots, NULL, NULL, true));
    WG_TRY(merge_wholes(ctx, plots, rules->compound_heavy, rules->compound_open, false));
    mark_strips(plots, rules);
    WG_TRY(wg_plots_merge_slivers(ctx, plots, rules));
    WG_TRY(merge_light(ctx, plots, rules));
    WG_TRY(wg_plots_merge_slivers(ctx, plots, rules));
done:
    return status;
}
