/** From arguments to an exit status. */
#ifndef CLI_INVOKE_H
#define CLI_INVOKE_H

#include "values.h"

/** Parse, bind, run and print one command. @param argv  argv[0] is the command's name. @return exit status */
int cli_invoke(const cli_command *command, int argc, char **argv);

#endif
