/**
 * Commands and their options, declared as tables. Parsing, --help, man pages, bash completion and YAML files all come
 * from the same rows, so that they cannot disagree.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pool.h"
#include "wangge.h"

/** Exit statuses, fixed by contract. */
enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_FINDINGS = 3, CLI_INTERRUPTED = 130 };

typedef struct cli_text {
    const char *en, *zh;
} cli_text;

/** How the text of an option becomes a value; what it is stored as is in parentheses. */
typedef enum cli_type {
    CLI_FLAG = 0,    /**< (bool) no argument; true or false in YAML */
    CLI_TEXT,        /**< (const char *) */
    CLI_FILE,        /**< (const char *) a path that is not an OGR data source */
    CLI_INPUT,       /**< (wg_input) a data source */
    CLI_INPUTS,      /**< (const wg_input *, count) repeated; without `count_at` a pointer to one */
    CLI_LIST,        /**< (const char *const *, count) A,B,…; repeated */
    CLI_FIELDS,      /**< (const wg_field *, count) ROLE=NAME; repeated */
    CLI_LIMIT,       /**< (const wg_limit *, count) MIN:[TARGET:]MAX of the field that the option is named after */
    CLI_LIMITS,      /**< (const wg_limit *, count) FIELD=MIN:[TARGET:]MAX; repeated */
    CLI_FLOORS,      /**< (const wg_limit *, count) FIELD=N; repeated */
    CLI_COUNTS,      /**< (uint32_t, uint32_t at count_at) MIN:MAX or one number; 0 is open */
    CLI_RANGE,       /**< (double, double at count_at) MIN:MAX */
    CLI_REAL,        /**< (double) in `low`..`high` */
    CLI_U32,         /**< (uint32_t) in `low`..`high` */
    CLI_U64,         /**< (uint64_t) */
    CLI_CHOICE,      /**< (an enum of the width of int) position among `choices` */
    CLI_SWEEP,       /**< (double, and two more at count_at) A or A:B:STEP, each in 0..1 */
    CLI_CRS_OF,      /**< (no place) NAME=CRS for the input option NAME, NAME:2 for its second */
    CLI_ENCODING_OF, /**< (no place) NAME=ENCODING, likewise */
    CLI_WEIGHT_OF,   /**< (no place) NAME=WEIGHT, likewise */
    CLI_EDIT         /**< (const wg_edit *, count) in the order given; `edit` says which */
} cli_type;

typedef enum cli_group {
    CLI_GROUP_INPUT = 0,
    CLI_GROUP_LIMITS,
    CLI_GROUP_LAND,
    CLI_GROUP_SEARCH,
    CLI_GROUP_CELLS,
    CLI_GROUP_RULES,
    CLI_GROUP_OUTPUT,
    CLI_GROUP_COMMON,
    CLI_GROUPS
} cli_group;

/** One row. A table ends with a row without a name. */
typedef struct cli_option {
    const char *name; /**< long flag without dashes; also the key in YAML */
    char letter;      /**< short flag, 0 for none */
    cli_type type;
    cli_group group;
    const char *argument; /**< what help calls the argument; NULL where there is none */
    const char *choices;  /**< "a|b|c" for CLI_CHOICE; also offered by completion for CLI_LIST and CLI_TEXT */
    size_t at, count_at;  /**< offsets in the command's options (`common`: in cli_common) */
    double low, high;     /**< closed range of CLI_REAL and CLI_U32; both 0: from 0 up */
    wg_edit_kind edit;
    bool common;         /**< stored in cli_common */
    bool positional;     /**< taken from the arguments without a flag */
    bool required;       /**< unless one of `instead` is given */
    const char *instead; /**< "a|b" */
    cli_text help;
} cli_option;

#define CLI_NOWHERE SIZE_MAX

/** What every command understands. */
typedef struct cli_common {
    bool help, quiet, verbose, json, overwrite, strict;
    wg_lang lang;
    uint32_t threads;
    uint64_t seed;
    const char *config;
} cli_common;

struct cli_invocation;

typedef struct cli_command {
    const char *name;
    const char *usage; /**< arguments after the name; lines separated by \n */
    cli_text summary;  /**< one line without a full stop */
    cli_text about;    /**< paragraphs separated by \n */
    const char *example;
    cli_text example_note;
    const cli_option *tables[3]; /**< its rows, in this order, and the common ones after them */
    size_t options_bytes;        /**< size of the public options structure */
    /** A job of the library; NULL for a command that the program answers itself. */
    wg_status (*job)(wg_context *ctx, void *options, const cli_common *common, wg_result **result);
    bool findings_fail; /**< findings end with status 3 also without --strict */
    /** What the rows cannot say about a bound call; NULL: nothing. @return NULL, or what is wrong (and what to do) */
    const char *(*objection)(const void *options);
    /** Is the text of the result what was asked for, and not a report on it? It is printed with --quiet, too. */
    bool (*text_is_result)(const void *options);
    /** @return exit status */
    int (*answer)(struct cli_invocation *invocation);
} cli_command;

extern const cli_option cli_common_options[];
/** All commands, in the order of help; ends with NULL. */
extern const cli_command *const cli_commands[];

/** @return the i-th option of a command, its own before the common ones; NULL past the end */
const cli_option *cli_option_at(const cli_command *command, size_t index);
const cli_option *cli_option_find(const cli_command *command, const char *name, size_t length);
const cli_command *cli_command_find(const char *name);
bool cli_option_repeats(const cli_option *option);
/** Text in `lang`. */
const char *cli_say(cli_text text, wg_lang lang);
cli_text cli_group_title(cli_group group);
/** Name among those of commands or of a command's options that `typed` was probably meant to be; NULL for none. */
const char *cli_suggest_command(const char *typed);
const char *cli_suggest_option(const cli_command *command, const char *typed);

#endif
