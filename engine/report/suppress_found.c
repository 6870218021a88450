/* Which hidden values follow from the sums: a random vector is projected onto the null space of the sums. */
#include <math.h>
#include <string.h>

#include "core/random.h"
#include "report/suppress.h"

/* Rounding moves a determined value by far less, and a random change moves a free one by far more. */
#define STILL 1e-7
#define CLOSE 1e-11

enum { RESTARTS = 12, ITERATIONS_MOST = 4000 };

/** The sums as a sparse matrix: a row a rule with hidden members, a column a hidden item. */
typedef struct equations {
    size_t rows, columns;
    size_t *start; /**< rows + 1 */
    uint32_t *column;
    double *sign;
    double *x, *direction;               /**< columns */
    double *y, *residual, *step, *image; /**< rows */
} equations;

static void release(equations *s) {
    void *all[] = {s->start, s->column, s->sign, s->x, s->direction, s->image, s->y, s->residual, s->step};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        free(all[i]);
    }
}

static wg_status build(wg_context *ctx, const wg_sum_rules *rules, const uint32_t *number, equations *s) {
    s->start = wg_calloc(rules->n + 1, sizeof *s->start);
    s->column = wg_malloc(rules->n_parts + rules->n, sizeof *s->column);
    s->sign = wg_malloc(rules->n_parts + rules->n, sizeof *s->sign);
    if (s->start == NULL || s->column == NULL || s->sign == NULL) {
        return wg_fail_memory(ctx);
    }
    size_t n = 0;
    for (size_t r = 0; r < rules->n; r++) {
        const wg_sum_rule *rule = &rules->rules[r];
        for (size_t i = rule->first; i < rule->first + rule->n; i++) {
            const uint32_t item = number[rules->parts[i] & ~WG_SUM_MINUS];
            if (item != WG_UNASSIGNED) {
                s->sign[n] = (rules->parts[i] & WG_SUM_MINUS) != 0 ? -1.0 : 1.0;
                s->column[n++] = item;
            }
        }
        if (rule->whole != WG_UNASSIGNED && number[rule->whole] != WG_UNASSIGNED) {
            s->sign[n] = -1.0;
            s->column[n++] = number[rule->whole];
        }
        s->rows += n > s->start[s->rows] ? 1 : 0;
        s->start[s->rows] = n;
    }
    double **const vectors[] = {&s->x, &s->direction, &s->y, &s->residual, &s->step, &s->image};
    bool good = true;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        *vectors[i] = wg_calloc(i < 2 ? s->columns : s->rows, sizeof(double));
        good = good && *vectors[i] != NULL;
    }
    return good ? WG_OK : wg_fail_memory(ctx);
}

static void times(const equations *s, const double *x, double *out) {
    for (size_t r = 0; r < s->rows; r++) {
        out[r] = 0.0;
        for (size_t i = s->start[r]; i < s->start[r + 1]; i++) {
            out[r] += s->sign[i] * x[s->column[i]];
        }
    }
}

static void transposed(const equations *s, const double *y, double *out) {
    memset(out, 0, s->columns * sizeof *out);
    for (size_t r = 0; r < s->rows; r++) {
        for (size_t i = s->start[r]; i < s->start[r + 1]; i++) {
            out[s->column[i]] += s->sign[i] * y[r];
        }
    }
}

static double squared(const double *values, size_t n) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i] * values[i];
    }
    return sum;
}

/** Take off x what the sums see of it: x - A' y with A A' y = A x, by conjugate gradients. */
static void project(equations *s, double goal) {
    memset(s->y, 0, s->rows * sizeof *s->y);
    times(s, s->x, s->residual);
    memcpy(s->step, s->residual, s->rows * sizeof *s->step);
    double now = squared(s->residual, s->rows);
    for (size_t k = 0; k < ITERATIONS_MOST && now > goal; k++) {
        transposed(s, s->step, s->direction);
        const double curve = squared(s->direction, s->columns);
        if (!(curve > 0.0)) {
            break;
        }
        const double length = now / curve;
        times(s, s->direction, s->image);
        for (size_t r = 0; r < s->rows; r++) {
            s->y[r] += length * s->step[r];
            s->residual[r] -= length * s->image[r];
        }
        const double next = squared(s->residual, s->rows);
        for (size_t r = 0; r < s->rows; r++) {
            s->step[r] = s->residual[r] + next / now * s->step[r];
        }
        now = next;
    }
    transposed(s, s->y, s->direction);
    for (size_t c = 0; c < s->columns; c++) {
        s->x[c] -= s->direction[c];
    }
}

/** A random change of the hidden values that no sum sees. Rounding is taken off by projecting again. */
static void find_change(equations *s) {
    wg_random random;
    wg_random_seed(&random, 1, "suppress");
    for (size_t c = 0; c < s->columns; c++) {
        s->x[c] = 2.0 * wg_random_unit(&random) - 1.0;
    }
    for (size_t k = 0; k < RESTARTS; k++) {
        times(s, s->x, s->residual);
        if (squared(s->residual, s->rows) <= CLOSE * CLOSE) {
            break;
        }
        project(s, CLOSE * CLOSE / 16.0);
    }
}

wg_status wg_sum_rules_found(wg_context *ctx, const wg_sum_rules *rules, const bool *hidden, size_t n, bool *found) {
    wg_status status = WG_OK;
    equations s = {.rows = 0};
    uint32_t *number = wg_malloc(n, sizeof *number);
    if (number == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t i = 0; i < n; i++) {
        number[i] = hidden[i] ? (uint32_t)s.columns++ : WG_UNASSIGNED;
        found[i] = false;
    }
    WG_TRY(build(ctx, rules, number, &s));
    find_change(&s);
    for (size_t i = 0; i < n; i++) {
        found[i] = hidden[i] && fabs(s.x[number[i]]) < STILL;
    }
done:
    release(&s);
    free(number);
    return status;
}
