/* Every allocation of a contest, and of one that mixes its plans, fails once. Without steps: time is over already. */
#include "fault.h"

#include <math.h>

#include "../support/lattice_instance.h"
#include "zoning/levels.h"

static wg_status hold_two(wg_context *ctx, void *user) {
    enum { K = 2 };
    wg_status status = WG_OK;
    wg_instance *in = NULL;
    wg_search search = {.ctx = ctx, .effort = 5, .deadline = INFINITY, .capped = true};
    wg_best best = {.n = 0};
    bool enough = false;
    (void)user;
    wg_random_seed(&search.random, 3, "contest");
    WG_TRY(lattice_instance(ctx, 16, 19, K, &in));
    WG_TRY(wg_hold_contest(&search, in, K, false, 1e7, &best, &enough));
    assert_true(enough);
    WG_TRY(wg_hold_contest(&search, in, K, true, 1e7, &best, &enough));
    assert_true(enough && best.n > 4);
done:
    wg_best_release(&best);
    wg_instance_free(in);
    return status;
}

static void contests_survive(void **state) {
    (void)state;
    assert_true(fault_each(hold_two, NULL) > 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(contests_survive)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
