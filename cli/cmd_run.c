/* wangge run: the jobs of a plan file, in order. All are parsed before the first one starts. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "message.h"
#include "session.h"
#include "yamlfile.h"

typedef struct run_options {
    const char *file, *directory;
} run_options;

static const cli_option rows[] = {
    {.name = "plan",
     .type = CLI_FILE,
     .argument = "FILE.yaml",
     .at = offsetof(run_options, file),
     .positional = true,
     .required = true,
     .help = {"the jobs", "任务文件"}},
    {.name = "directory",
     .letter = 'C',
     .type = CLI_FILE,
     .argument = "DIR",
     .at = offsetof(run_options, directory),
     .help = {"work in this directory: paths in the file count from here", "工作目录，文件中的路径由此算起"}},
    {0}};

/** The jobs of one file, each an invocation that waits. */
typedef struct job_list {
    cli_invocation *items;
    size_t n;
} job_list;

/** Options of `run` itself that hold for every job win over the file. */
static void inherit(cli_invocation *job, const cli_invocation *from) {
    for (size_t i = 0; i < from->values.n; i++) {
        const cli_value *value = &from->values.items[i];
        if (value->option->common && value->file == NULL && strcmp(value->option->name, "config") != 0) {
            cli_values_add(job, value->option, value->text, NULL, 0);
        }
    }
}

/** "- partition: {…}": one key, the command. */
static int parse_job(const char *path, const cli_yaml *item, const cli_yaml *shared, const cli_invocation *from,
                     cli_invocation *job) {
    if (item->kind != CLI_YAML_MAP || item->n != 1) {
        return cli_yaml_error(path, item, "a job is a command with its options (write - partition: ...)");
    }
    const char *name = item->keys[0]->text;
    job->command = cli_command_find(name);
    if (job->command == NULL || job->command->job == NULL) {
        const char *near = cli_suggest_command(name);
        return cli_yaml_error(path, item->keys[0], "unknown job \"%s\" (%s%s%s)", name,
                              near != NULL ? "did you mean \"" : "see 'wangge help'", near != NULL ? near : "",
                              near != NULL ? "\"?" : "");
    }
    inherit(job, from);
    const int status = cli_values_from_yaml(job, path, item->items[0]);
    return status == CLI_DONE ? cli_values_from_yaml(job, path, shared) : status;
}

/** Split the file's top level into `jobs` and what all of them share. */
static int parse_top(const char *path, const cli_yaml *root, cli_pool *pool, const cli_yaml **list, cli_yaml *shared) {
    *list = NULL;
    if (root->kind != CLI_YAML_MAP) {
        return cli_yaml_error(path, root, "a mapping with \"jobs\" is expected");
    }
    *shared = (cli_yaml){.kind = CLI_YAML_MAP, .line = root->line};
    shared->keys = cli_pool_alloc(pool, (root->n + 1) * sizeof(cli_yaml *));
    shared->items = cli_pool_alloc(pool, (root->n + 1) * sizeof(cli_yaml *));
    for (size_t i = 0; i < root->n; i++) {
        const char *key = root->keys[i]->text;
        if (strcmp(key, "jobs") == 0) {
            *list = root->items[i];
            continue;
        }
        bool known = false;
        for (const cli_option *option = cli_common_options; option->name != NULL; option++) {
            known = known || (strcmp(option->name, key) == 0 && strcmp(key, "config") != 0 && strcmp(key, "help") != 0);
        }
        if (!known) {
            return cli_yaml_error(path, root->keys[i], "unknown key \"%s\" (\"jobs\", or an option of every command)",
                                  key);
        }
        shared->keys[shared->n] = root->keys[i];
        shared->items[shared->n++] = root->items[i];
    }
    if (*list == NULL || (*list)->kind != CLI_YAML_LIST || (*list)->n == 0) {
        return cli_yaml_error(path, *list != NULL ? *list : root,
                              "\"jobs\" must be a list of jobs (write jobs: and - partition: ...)");
    }
    return CLI_DONE;
}

static int parse_jobs(cli_invocation *invocation, const char *path, wg_context *ctx, job_list *jobs) {
    cli_yaml *root, shared;
    const cli_yaml *list;
    int status = cli_yaml_load(&invocation->pool, path, &root);
    if (status == CLI_DONE) {
        status = parse_top(path, root, &invocation->pool, &list, &shared);
    }
    if (status != CLI_DONE) {
        return status;
    }
    jobs->items = cli_pool_alloc(&invocation->pool, list->n * sizeof *jobs->items);
    for (; status == CLI_DONE && jobs->n < list->n; jobs->n++) {
        status = parse_job(path, list->items[jobs->n], &shared, invocation, &jobs->items[jobs->n]);
        if (status == CLI_DONE) {
            status = cli_values_bind(&jobs->items[jobs->n], ctx);
        }
    }
    return status;
}

static int run_job(wg_context *ctx, cli_invocation *job, bool json, const char *separator) {
    wg_result *result = NULL;
    const int status = cli_session_run(ctx, job, &result);
    int printed = CLI_DONE;
    if (json) {
        printf("%s{\"job\": \"%s\", \"status\": %d, \"result\": %s}", separator, job->command->name, status,
               result != NULL ? wg_result_json(result) : "null");
    } else {
        printed = cli_session_print(job, result);
    }
    wg_result_free(result);
    return printed != CLI_DONE ? printed : status;
}

static int run_jobs(wg_context *ctx, const cli_invocation *invocation, const job_list *jobs) {
    int status = CLI_DONE;
    const bool json = invocation->common.json;
    for (size_t i = 0; i < jobs->n && (status == CLI_DONE || status == CLI_FINDINGS); i++) {
        cli_invocation *job = &jobs->items[i];
        if (!job->common.quiet) {
            cli_message(NULL, "job %zu of %zu: %s", i + 1, jobs->n, job->command->name);
        }
        const int ended = run_job(ctx, job, json, i == 0 ? "[" : ",\n ");
        status = ended != CLI_DONE ? ended : status; /* findings of an early job are not forgotten */
    }
    if (json) {
        printf("]\n");
    }
    const int flushed = cli_flush();
    return status != CLI_DONE ? status : flushed;
}

static int answer(cli_invocation *invocation) {
    const run_options *options = invocation->options;
    job_list jobs = {0};
    wg_context *ctx = cli_session_new();
    int status = ctx == NULL ? CLI_FAILED : parse_jobs(invocation, options->file, ctx, &jobs);
    if (status == CLI_DONE && options->directory != NULL && chdir(options->directory) != 0) {
        cli_message("error", "%s: cannot work there: %s", options->directory, strerror(errno));
        status = CLI_FAILED;
    }
    if (status == CLI_DONE) {
        status = run_jobs(ctx, invocation, &jobs);
    }
    for (size_t i = 0; i < jobs.n; i++) {
        cli_invocation_release(&jobs.items[i]);
    }
    if (ctx != NULL) {
        cli_session_free(ctx);
    }
    return status;
}

const cli_command cli_command_run = {
    .name = "run",
    .usage = "FILE.yaml [-C DIR] [options]",
    .summary = {"everything that a file names, in order", "按文件依次执行各项任务"},
    .about = {"The file lists jobs; each is a command with its options by the same names. Options of every command may "
              "stand at the "
              "top and hold for all jobs; a job's own win over them, the command line over both. An option that "
              "repeats takes a list; "
              "ROLE=NAME, FIELD=LIMIT and NAME=CRS may be written as a mapping. Unknown keys are errors. All jobs are "
              "read before the "
              "first one starts; the first that fails ends the run. With --json the results come as one array.",
              "文件列出任务，每项是一个命令及其同名选项。通用选项可写在顶层，对各任务有效；任务自己的优先，命令行最优先"
              "。可重复的选项写成列"
              "表；ROLE=NAME、FIELD=LIMIT、NAME=CRS 可写成映射。未知的键是错误。全部任务读完后才开始，遇到失败即停。加 "
              "--json 时结果为一个"
              "数组。"},
    .example = "cat > year.yaml <<END\n"
               "lang: zh\n"
               "jobs:\n"
               "  - partition:\n"
               "      communities: communities.geojson\n"
               "      buildings: buildings.geojson\n"
               "      barriers: [roads.geojson, rivers.geojson]\n"
               "      households: 150:300\n"
               "      field: {households: HH_CNT}\n"
               "      output: plan.sqlite\n"
               "  - report:\n"
               "      plan: plan.sqlite\n"
               "      output: report\n"
               "END\n"
               "wangge run year.yaml --overwrite",
    .tables = {rows},
    .options_bytes = sizeof(run_options),
    .answer = answer,
};
