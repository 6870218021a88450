/** Help, man pages and bash completion, made from the option tables. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "command.h"

void cli_help_program(FILE *out, wg_lang lang);
void cli_help_command(FILE *out, const cli_command *command, wg_lang lang);
/** @param command  NULL: the page of the program itself */
void cli_man(FILE *out, const cli_command *command, wg_lang lang);
void cli_completion_bash(FILE *out);
/** --lang among the raw arguments, else Chinese in a Chinese locale, else English: for help, before anything is parsed.
 */
wg_lang cli_help_language(int argc, char **argv);

#endif
