/* What the program answers about itself: help, version, man, completion. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "help.h"
#include "message.h"
#include "session.h"

/** The command that the only operand names. @return false where it is unknown (message printed) or there are more */
static bool named_command(const cli_invocation *invocation, const cli_command **command) {
    *command = NULL;
    if (invocation->n_arguments > 1) {
        cli_usage_error("unexpected argument \"%s\" (see 'wangge help %s')", invocation->arguments[1],
                        invocation->command->name);
        return false;
    }
    if (invocation->n_arguments == 1) {
        const char *name = invocation->arguments[0];
        *command = cli_command_find(name);
        if (*command == NULL) {
            const char *near = cli_suggest_command(name);
            cli_usage_error("unknown command \"%s\" (%s%s%s)", name,
                            near != NULL ? "did you mean " : "see 'wangge help'", near != NULL ? near : "",
                            near != NULL ? "?" : "");
            return false;
        }
    }
    return true;
}

static int answer_help(cli_invocation *invocation) {
    const cli_command *command;
    if (!named_command(invocation, &command)) {
        return CLI_USAGE;
    }
    if (command != NULL) {
        cli_help_command(stdout, command, invocation->common.lang);
    } else {
        cli_help_program(stdout, invocation->common.lang);
    }
    return cli_flush();
}

const cli_command cli_command_help = {
    .name = "help",
    .usage = "[COMMAND]",
    .summary = {"show help for a command", "显示命令的帮助"},
    .about = {"The list of commands, or every option of one with an example.",
              "命令列表，或某个命令的全部选项和示例。"},
    .example = "wangge help partition",
    .answer = answer_help,
};

static int answer_version(cli_invocation *invocation) {
    if (invocation->n_arguments > 0) {
        return cli_usage_error("unexpected argument \"%s\" (see 'wangge help version')", invocation->arguments[0]);
    }
    printf(invocation->common.json ? "{\"name\": \"wangge\", \"version\": \"%s\"}\n" : "wangge %s\n", wg_version());
    return cli_flush();
}

const cli_command cli_command_version = {
    .name = "version",
    .usage = "[--json]",
    .summary = {"show the version", "显示版本"},
    .about = {"The version of the library that is in use.", "所用程序库的版本。"},
    .example = "wangge version",
    .answer = answer_version,
};

static int answer_man(cli_invocation *invocation) {
    const cli_command *command;
    if (!named_command(invocation, &command)) {
        return CLI_USAGE;
    }
    cli_man(stdout, command, invocation->common.lang);
    return cli_flush();
}

const cli_command cli_command_man = {
    .name = "man",
    .usage = "[COMMAND]",
    .summary = {"write the manual page of a command", "输出命令的手册页"},
    .about = {"The page in roff, for man(1); without a command the page of the program.",
              "roff 格式的手册页；不给命令则为程序总页。"},
    .example = "wangge man partition | man -l -",
    .answer = answer_man,
};

static int answer_completion(cli_invocation *invocation) {
    if (invocation->n_arguments != 1 || strcmp(invocation->arguments[0], "bash") != 0) {
        return cli_usage_error("completion: which shell? (write 'wangge completion bash')");
    }
    cli_completion_bash(stdout);
    return cli_flush();
}

const cli_command cli_command_completion = {
    .name = "completion",
    .usage = "bash",
    .summary = {"write the completion script for bash", "输出 bash 补全脚本"},
    .about = {"Completion of commands, flags and their values.", "补全命令、选项及其取值。"},
    .example = "source <(wangge completion bash)",
    .answer = answer_completion,
};
