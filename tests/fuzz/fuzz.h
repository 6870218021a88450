/** Entry of a fuzz target, for libFuzzer (clang) or for replaying files (any compiler). */
#ifndef WG_TESTS_FUZZ_H
#define WG_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** One input. Must not crash, hang or leak, whatever the bytes are. @return 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
