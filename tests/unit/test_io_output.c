/*
 * A Shapefile that is replaced by a run that is killed, or refused, at every single step: what is read afterwards is
 * the old set or the new one, whole; and nothing is left over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "io/output.h"

/* ---------------------------------------------------------------- steps that can go wrong */

static int kill_at, refuse_at, steps; /* 0: never */

/** Counts a step. @return whether it is refused */
static bool step(void) {
    steps++;
    if (steps == kill_at) {
        (void)kill(getpid(), SIGKILL);
    }
    if (steps == refuse_at) {
        errno = EACCES;
        return true;
    }
    return false;
}

/* These take the place of libc's in this program. */
int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    return step() ? -1 : (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
}
int rename(const char *from, const char *to) {
    return step() ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0u);
}
int unlink(const char *path) {
    return step() ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}
int remove(const char *path) {
    if (step()) {
        return -1;
    }
    const int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    return done == 0 || (errno != EISDIR && errno != EPERM) ? done
                                                            : (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

/* ---------------------------------------------------------------- sets of files */

static void put(const char *directory, const char *name, const char *text) {
    char path[600];
    (void)snprintf(path, sizeof path, "%.500s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static const char *const old_set[] = {"r.shp", "r.shx", "r.dbf", "r.prj", "r.cpg", "r.qix", NULL};
static const char *const new_set[] = {"r.shp", "r.shx", "r.dbf", "r.cpg", "r.fields.csv", NULL};

/** Whether the directory holds exactly these files of the set, each with this text. */
static bool holds(const char *directory, const char *const *names, const char *text, const char **why) {
    static char what[400];
    size_t wanted = 0, found = 0;
    for (; names[wanted] != NULL; wanted++) {
        char path[600], got[64] = "";
        (void)snprintf(path, sizeof path, "%.500s/%s", directory, names[wanted]);
        FILE *file = fopen(path, "rb");
        const size_t n = file == NULL ? 0 : fread(got, 1, sizeof got - 1, file);
        if (file != NULL) {
            (void)fclose(file);
        }
        if (n == 0 || strcmp(got, text) != 0) {
            (void)snprintf(what, sizeof what, "%s is \"%s\", not \"%s\"", names[wanted], got, text);
            *why = what;
            return false;
        }
    }
    DIR *open_directory = opendir(directory);
    for (struct dirent *entry = readdir(open_directory); entry != NULL; entry = readdir(open_directory)) {
        char path[900];
        (void)snprintf(path, sizeof path, "%.500s/%s", directory, entry->d_name);
        (void)(strncmp(entry->d_name, ".wangge-", 8) == 0 && rmdir(path)); /* nobody's any more, and empty */
    }
    rewinddir(open_directory);
    for (struct dirent *entry = readdir(open_directory); entry != NULL; entry = readdir(open_directory)) {
        found += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 ? 1 : 0;
    }
    (void)closedir(open_directory);
    (void)snprintf(what, sizeof what, "%zu files, not %zu", found, wanted);
    *why = what;
    return found == wanted;
}

/** An empty directory, with the old set in it or not. */
static void begin(scratch *s, bool with_old) {
    kill_at = refuse_at = 0;
    (void)nftw(s->dir, scratch_remove, 16, FTW_DEPTH | FTW_PHYS);
    assert_int_equal(mkdir(s->dir, 0700), 0);
    for (size_t i = 0; with_old && old_set[i] != NULL; i++) {
        put(s->dir, old_set[i], "old");
    }
}

static wg_status write_new(scratch *s, bool replace) {
    wg_output *output = NULL;
    char directory[600];
    wg_status status = wg_output_begin(s->ctx, scratch_path(s, "r.shp"), WG_OUTPUT_SHAPEFILE, replace, &output);
    if (status != WG_OK) {
        return status;
    }
    (void)snprintf(directory, sizeof directory, "%.500s", wg_output_path(output));
    *strrchr(directory, '/') = '\0';
    for (size_t i = 0; new_set[i] != NULL; i++) {
        put(directory, new_set[i], "new");
    }
    return wg_output_commit(s->ctx, output);
}

/** Do it in a child that is killed at a step. @return whether it was */
static bool killed_at(scratch *s, bool replace, int at, int refused) {
    const pid_t child = fork();
    if (child == 0) {
        steps = 0;
        kill_at = at;
        refuse_at = refused;
        (void)write_new(s, replace);
        _exit(0);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    return WIFSIGNALED(how);
}

static void check_whole(scratch *s, const char *when, int at) {
    const char *why_old = "", *why_new = "";
    if (!holds(s->dir, old_set, "old", &why_old)) {
        char kept[400];
        (void)snprintf(kept, sizeof kept, "%s", why_old);
        if (!holds(s->dir, new_set, "new", &why_new)) {
            fail_msg("%s step %d: neither the old set (%s) nor the new one (%s)", when, at, kept, why_new);
        }
    }
}

/** Step 1 says whose the work directory is: one that is nobody's yet is empty, and stays. */
enum { FIRST_STEP = 2 };

/** Killed at step n = 2, 3, …; the next run that opens the set finds one of both. */
static void a_kill_leaves_one_set_or_the_other(void **state) {
    scratch *s = *state;
    int at = FIRST_STEP, without_main = 0;
    for (bool killed = true; killed; at++) {
        begin(s, true);
        killed = killed_at(s, true, at, 0);
        without_main += access(scratch_path(s, "r.shp"), F_OK) != 0 ? 1 : 0;
        wg_output_recover(s->ctx, scratch_path(s, "r.shp"));
        if (killed) { /* what has not begun to move is left for the next writer */
            wg_output *output = NULL;
            assert_int_equal(wg_output_begin(s->ctx, scratch_path(s, "r.shp"), WG_OUTPUT_SHAPEFILE, true, &output),
                             WG_OK);
            wg_output_abort(output);
        }
        check_whole(s, "killed at", at);
    }
    assert_true(at > 15);
    assert_true(without_main > 5); /* the kills came in the middle of it */
    assert_non_null(strstr(s->log, "a run was interrupted while it put the file in its place; this is finished now"));
}

/** The run that finishes it is killed as well, at each of its steps. */
static void kills_may_follow_each_other(void **state) {
    scratch *s = *state;
    int at = FIRST_STEP, pairs = 0;
    for (bool killed = true; killed; at += 2) {
        int again = 1;
        for (bool second = true; second; again++) {
            begin(s, true);
            killed = killed_at(s, true, at, 0);
            const pid_t child = fork();
            if (child == 0) {
                steps = 0;
                kill_at = again;
                wg_output_recover(s->ctx, scratch_path(s, "r.shp"));
                _exit(0);
            }
            int how = 0;
            assert_int_equal(waitpid(child, &how, 0), child);
            second = WIFSIGNALED(how);
            pairs += second ? 1 : 0;
            wg_output_recover(s->ctx, scratch_path(s, "r.shp"));
            check_whole(s, "killed twice, first at", at);
        }
    }
    assert_true(pairs > 50);
}

/** The same where nothing was there: nothing, or the new set. */
static void a_kill_leaves_nothing_or_the_set(void **state) {
    scratch *s = *state;
    static const char *const nothing[] = {NULL};
    int at = FIRST_STEP, finished = 0;
    for (bool killed = true; killed; at++) {
        const char *why = "";
        wg_output *output = NULL;
        begin(s, false);
        killed = killed_at(s, false, at, 0);
        const wg_status status = wg_output_begin(s->ctx, scratch_path(s, "r.shp"), WG_OUTPUT_SHAPEFILE, false, &output);
        wg_output_abort(output);
        wg_clear_error(s->ctx);
        finished += status == WG_EEXISTS ? 1 : 0;
        if (!(status == WG_OK ? holds(s->dir, nothing, "", &why) : holds(s->dir, new_set, "new", &why))) {
            fail_msg("killed at step %d: %s", at, why);
        }
    }
    assert_true(at > 10 && finished > 5);
}

/** A step fails: an error, and everything as it was; with a kill while it is put back. */
static void a_refusal_puts_everything_back(void **state) {
    scratch *s = *state;
    int last = 0;
    for (int at = FIRST_STEP; at < 40; at++) {
        const char *why = "";
        begin(s, true);
        steps = 0;
        refuse_at = at;
        const wg_status status = write_new(s, true);
        refuse_at = 0;
        wg_clear_error(s->ctx);
        if (status != WG_OK) {
            last = at;
            if (!holds(s->dir, old_set, "old", &why)) {
                fail_msg("refused at step %d: %s", at, why);
            }
        }
    }
    assert_true(last > 10);
    for (int refused = 4; refused <= last; refused += 3) {
        int at = refused + 1;
        for (bool killed = true; killed; at++) {
            begin(s, true);
            killed = killed_at(s, true, at, refused);
            wg_output *output = NULL;
            assert_int_equal(wg_output_begin(s->ctx, scratch_path(s, "r.shp"), WG_OUTPUT_SHAPEFILE, true, &output),
                             WG_OK);
            wg_output_abort(output);
            char when[64];
            (void)snprintf(when, sizeof when, "refused at step %d, killed at", refused);
            check_whole(s, when, at);
        }
    }
}

/** A run that is alive keeps what it is doing. */
static void a_live_run_is_left_alone(void **state) {
    scratch *s = *state;
    wg_output *output = NULL;
    begin(s, true);
    assert_int_equal(wg_output_begin(s->ctx, scratch_path(s, "r.shp"), WG_OUTPUT_SHAPEFILE, true, &output), WG_OK);
    char directory[600];
    (void)snprintf(directory, sizeof directory, "%.500s", wg_output_path(output));
    *strrchr(directory, '/') = '\0';
    put(directory, ".commit", "replace\nr.shp\n");
    wg_output_recover(s->ctx, scratch_path(s, "r.dbf"));
    assert_int_equal(access(directory, F_OK), 0);
    assert_int_equal(access(scratch_path(s, "r.shp"), F_OK), 0);
    wg_output_abort(output);
}

int main(void) {
#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(a_kill_leaves_one_set_or_the_other), SCRATCH_TEST(kills_may_follow_each_other),
        SCRATCH_TEST(a_kill_leaves_nothing_or_the_set),   SCRATCH_TEST(a_refusal_puts_everything_back),
        SCRATCH_TEST(a_live_run_is_left_alone),
    };
    return cmocka_run_group_tests_name("outputs of several files", tests, NULL, NULL);
}
