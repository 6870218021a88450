/* Contests of plans on contracted units: what is kept, what a mix makes of it, when there is none. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../support/lattice_instance.h"
#include "zoning/levels.h"

static wg_contestant plan_worth(double score, uint32_t number) {
    wg_contestant plan = {.label = wg_malloc(1, sizeof *plan.label), .key = {.score = score}};
    assert_non_null(plan.label);
    plan.label[0] = number;
    return plan;
}

static void the_best_are_kept_in_order(void **state) {
    (void)state;
    static const double scores[] = {5, 3, 9, 3, 7, 1, 8, 6, 4, 9, 2};
    static const uint32_t kept[WG_BEST_PLANS] = {5, 10, 1, 3, 8, 0, 7, 4}; /* of equal ones the earlier first */
    wg_best best = {.n = 0};
    for (uint32_t i = 0; i < sizeof scores / sizeof scores[0]; i++) {
        wg_contestant plan = plan_worth(scores[i], i);
        wg_best_take(&best, &plan);
        assert_int_equal(best.n, i + 1 < WG_BEST_PLANS ? i + 1 : WG_BEST_PLANS);
        assert_int_equal(plan.label != NULL, i == 9); /* only the second 9 finds eight that are better */
        free(plan.label);
    }
    for (uint32_t i = 0; i < WG_BEST_PLANS; i++) {
        assert_int_equal(best.plan[i].label[0], kept[i]);
    }
    wg_best_release(&best);
}

/** Every plan is whole, worth what it says, and in its place. */
static void check(wg_search *search, const wg_instance *in, uint32_t k, const wg_best *best) {
    uint32_t units[8];
    for (uint32_t i = 0; i < best->n; i++) {
        wg_zi_key key;
        const wg_contestant *plan = &best->plan[i];
        assert_int_equal(WG_OK, wg_judge(search, in, k, plan->label, &key));
        assert_false(wg_key_better(&key, &plan->key) || wg_key_better(&plan->key, &key));
        assert_true(i == 0 || !wg_key_better(&plan->key, &best->plan[i - 1].key));
        memset(units, 0, sizeof units);
        for (uint32_t v = 0; v < in->n; v++) {
            assert_true(plan->label[v] < k);
            units[plan->label[v]]++;
        }
        for (uint32_t v = 0; v < in->n; v++) { /* what a cell reaches from its first unit is all of it */
            const uint32_t c = plan->label[v];
            uint32_t queue[2048], reached = 0;
            bool seen[2048] = {false};
            if (units[c] == 0) {
                continue;
            }
            queue[reached++] = v;
            seen[v] = true;
            for (uint32_t at = 0; at < reached; at++) {
                for (uint32_t h = in->start[queue[at]]; h < in->link_end[queue[at]]; h++) {
                    const uint32_t w = in->to[h];
                    if (plan->label[w] == c && !seen[w]) {
                        seen[w] = true;
                        queue[reached++] = w;
                    }
                }
            }
            assert_int_equal(reached, units[c]);
            units[c] = 0;
        }
    }
}

static void a_mix_keeps_what_is_good(void **state) {
    (void)state;
    enum { K = 7, STEPS = 800000 };
    wg_context *ctx = wg_context_new();
    wg_instance *in = NULL;
    wg_search search = {.ctx = ctx, .effort = 5, .deadline = INFINITY};
    wg_best best = {.n = 0};
    bool enough = false;
    wg_random_seed(&search.random, 1, "contest");
    assert_int_equal(WG_OK, lattice_instance(ctx, 24, 30, K, &in));
    assert_int_equal(WG_OK, wg_hold_contest(&search, in, K, false, STEPS, &best, &enough));
    assert_true(enough);
    assert_int_equal(best.n, 4);
    assert_true(search.steps > STEPS * 9 / 10 && search.steps < STEPS * 11 / 10);
    assert_int_equal(WG_OK, wg_hold_contest(&search, in, K, false, STEPS, &best, &enough));
    assert_int_equal(best.n, WG_BEST_PLANS);
    check(&search, in, K, &best);
    const wg_zi_key before = best.plan[0].key;
    assert_int_equal(WG_OK, wg_hold_contest(&search, in, K, true, STEPS, &best, &enough));
    assert_true(enough);
    assert_false(wg_key_better(&before, &best.plan[0].key));
    assert_int_equal(best.plan[0].key.out, 0);
    check(&search, in, K, &best);
    wg_best_release(&best);
    wg_instance_free(in);
    wg_context_free(ctx);
}

static void few_steps_hold_no_contest(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    wg_instance *in = NULL;
    wg_search search = {.ctx = ctx, .effort = 5, .deadline = INFINITY};
    wg_best best = {.n = 0};
    bool enough = true;
    wg_random_seed(&search.random, 2, "contest");
    assert_int_equal(WG_OK, lattice_instance(ctx, 20, 20, 3, &in));
    assert_int_equal(WG_OK, wg_hold_contest(&search, in, 3, false, 1000, &best, &enough));
    assert_false(enough);
    enough = true; /* 20 units a cell: there is nothing to contract */
    assert_int_equal(WG_OK, wg_hold_contest(&search, in, 20, false, 1e9, &best, &enough));
    assert_false(enough);
    assert_int_equal(best.n, 0);
    assert_int_equal(search.steps, 0);
    wg_instance_free(in);
    wg_context_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_best_are_kept_in_order),
                                       cmocka_unit_test(a_mix_keeps_what_is_good),
                                       cmocka_unit_test(few_steps_hold_no_contest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
