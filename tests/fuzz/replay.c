/* Run a fuzz target without libFuzzer: on the files given, and on mutations of them. usage: fuzz_X ROUNDS [FILE...] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "fuzz.h"

enum { LARGEST = 1 << 16 };

/** Change a few bytes, cut, or double a run. The copy has its exact size, so that a sanitiser sees reads past the end.
 */
static void one_mutation(wg_random *random, const uint8_t *seed, size_t size) {
    size_t length = size;
    uint8_t *copy = malloc(2 * size + 16);
    if (copy == NULL) {
        exit(1);
    }
    memcpy(copy, seed, size);
    const uint32_t changes = 1 + wg_random_below(random, 8);
    for (uint32_t i = 0; i < changes; i++) {
        const size_t at = length > 0 ? wg_random_below(random, (uint32_t)length) : 0;
        switch (wg_random_below(random, 5)) {
        case 0:
            length = at;
            break;
        case 1:
            if (2 * length <= 2 * size) {
                memmove(copy + at, copy, length - at);
            }
            break;
        case 2:
            if (length > 0) {
                static const uint8_t edge[] = {0, 1, 2, 3, 7, 0x7f, 0x80, 0xff};
                copy[at] = edge[wg_random_below(random, sizeof edge)];
            }
            break;
        default:
            if (length > 0) {
                copy[at] = (uint8_t)wg_random_next(random);
            }
            break;
        }
    }
    uint8_t *exact = malloc(length > 0 ? length : 1);
    if (exact == NULL) {
        exit(1);
    }
    memcpy(exact, copy, length);
    (void)LLVMFuzzerTestOneInput(exact, length);
    free(exact);
    free(copy);
}

int main(int argc, char **argv) {
    static uint8_t bytes[LARGEST];
    if (argc < 2) {
        fprintf(stderr, "usage: %s ROUNDS [FILE...]\n", argv[0]);
        return 2;
    }
    const long rounds = strtol(argv[1], NULL, 10);
    wg_random random;
    wg_random_seed(&random, 1, argv[0] + (strrchr(argv[0], '/') != NULL ? strrchr(argv[0], '/') - argv[0] : 0));
    (void)LLVMFuzzerTestOneInput(bytes, 0);
    for (int i = 2; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (file == NULL) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 1;
        }
        const size_t size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        (void)LLVMFuzzerTestOneInput(bytes, size);
        for (long round = 0; round < rounds; round++) {
            one_mutation(&random, bytes, size);
        }
    }
    printf("%ld rounds on each of %d files\n", rounds, argc - 2);
    return 0;
}
