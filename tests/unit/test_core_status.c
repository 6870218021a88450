/* The context: errors, log, progress, cancelling. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/status.h"

static void the_first_error_stays(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    assert_string_equal(wg_context_error(ctx), "");
    assert_int_equal(wg_fail(ctx, WG_EDATA, "feature %d: torn", 17), WG_EDATA);
    assert_int_equal(wg_fail(ctx, WG_EIO, "a later one"), WG_EIO);
    assert_string_equal(wg_context_error(ctx), "feature 17: torn");
    wg_clear_error(ctx);
    assert_string_equal(wg_context_error(ctx), "");
    assert_int_equal(wg_fail(NULL, WG_EIO, "no context"), WG_EIO);
    wg_context_free(ctx);
    wg_context_free(NULL);
}

static void a_long_error_is_cut_not_overrun(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    char longer[2 * WG_ERROR_BYTES];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    wg_fail(ctx, WG_EDATA, "%s", longer);
    assert_int_equal(strlen(wg_context_error(ctx)), WG_ERROR_BYTES - 1);
    wg_context_free(ctx);
}

static void every_status_has_a_text(void **state) {
    (void)state;
    for (int s = WG_OK; s <= WG_EINTERNAL; s++) {
        assert_string_not_equal(wg_status_text((wg_status)s), "unknown status");
    }
    assert_string_equal(wg_status_text((wg_status)(WG_EINTERNAL + 1)), "unknown status");
    assert_string_equal(wg_status_text((wg_status)-1), "unknown status");
}

static void keep_line(wg_log_level level, const char *message, void *user) {
    (void)snprintf(user, 64, "%d %s", (int)level, message);
}

/* Lines of several threads come one after the other: the callback counts without a lock of its own. */
static void count_line(wg_log_level level, const char *message, void *user) {
    (void)level;
    (void)message;
    volatile size_t *lines = user;
    const size_t before = *lines;
    sched_yield();
    *lines = before + 1;
}

static void *log_lines(void *parent) {
    wg_context child;
    wg_context_child(&child, parent);
    for (int i = 0; i < 2000; i++) {
        wg_log(&child, WG_LOG_WARNING, "line %d", i);
    }
    return NULL;
}

static void lines_of_threads_do_not_meet(void **state) {
    (void)state;
    size_t lines = 0;
    pthread_t thread[3];
    wg_context *ctx = wg_context_new();
    wg_context_set_log(ctx, WG_LOG_WARNING, count_line, &lines);
    for (int t = 0; t < 3; t++) {
        assert_int_equal(pthread_create(&thread[t], NULL, log_lines, ctx), 0);
    }
    (void)log_lines(ctx);
    for (int t = 0; t < 3; t++) {
        assert_int_equal(pthread_join(thread[t], NULL), 0);
    }
    assert_int_equal(lines, 8000);
    wg_context_free(ctx);
}

static void the_log_obeys_its_level(void **state) {
    (void)state;
    char line[64] = "";
    wg_context *ctx = wg_context_new();
    wg_log(ctx, WG_LOG_ERROR, "nobody listens");
    wg_context_set_log(ctx, WG_LOG_WARNING, keep_line, line);
    wg_log(ctx, WG_LOG_INFO, "too low");
    assert_string_equal(line, "");
    wg_log(ctx, WG_LOG_WARNING, "%d doubts", 2);
    assert_string_equal(line, "1 2 doubts");
    wg_log(NULL, WG_LOG_ERROR, "no context");
    wg_context_free(ctx);
}

static bool until_half(double fraction, const char *stage, void *user) {
    (void)stage;
    *(double *)user = fraction;
    return fraction < 0.5;
}

static void progress_that_says_no_cancels(void **state) {
    (void)state;
    double seen = -1;
    wg_context *ctx = wg_context_new();
    assert_int_equal(wg_progress(ctx, 0.1, "quiet"), WG_OK);
    wg_context_set_progress(ctx, until_half, &seen);
    assert_int_equal(wg_progress_rows(ctx, 0.2, "rows", 17), WG_OK);
    assert_int_equal(wg_context_rows_done(ctx), 17);
    assert_int_equal(wg_progress(ctx, 0.25, "units"), WG_OK);
    assert_int_equal(wg_context_rows_done(ctx), 0); /* that stage counts none */
    assert_true(seen == 0.25);
    assert_false(wg_cancelled(ctx));
    assert_int_equal(wg_progress(ctx, 0.75, "units"), WG_ECANCELLED);
    assert_true(wg_cancelled(ctx));
    assert_string_equal(wg_context_error(ctx), "interrupted");
    assert_int_equal(wg_progress(NULL, 0.5, "units"), WG_OK);
    wg_context_free(ctx);
}

static void a_child_shares_the_cancel_flag_and_not_the_error(void **state) {
    (void)state;
    wg_context *parent = wg_context_new();
    wg_context child;
    wg_context_set_threads(parent, 3);
    assert_int_equal(wg_context_threads(parent), 3);
    wg_context_child(&child, parent);
    assert_int_equal(wg_context_threads(&child), 1);
    wg_fail(&child, WG_EDATA, "the child's");
    assert_string_equal(wg_context_error(parent), "");
    wg_context_cancel(parent);
    assert_true(wg_cancelled(&child));
    wg_context_child(&child, NULL);
    assert_false(wg_cancelled(&child));
    wg_context_set_threads(parent, 0);
    assert_true(wg_context_threads(parent) >= 1);
    wg_context_free(parent);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_error_stays),
        cmocka_unit_test(a_long_error_is_cut_not_overrun),
        cmocka_unit_test(every_status_has_a_text),
        cmocka_unit_test(the_log_obeys_its_level),
        cmocka_unit_test(lines_of_threads_do_not_meet),
        cmocka_unit_test(progress_that_says_no_cancels),
        cmocka_unit_test(a_child_shares_the_cancel_flag_and_not_the_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
