/* The public header alone, strictly, in C++: compiled in several standards, never run. */
#include "wangge.h"

int wangge_alone_cpp();
int wangge_alone_cpp() {
    const wg_partition_options partition = WG_PARTITION_OPTIONS_INIT;
    const wg_solve_options solve = WG_SOLVE_OPTIONS_INIT;
    static_assert(WG_OK == 0, "success is zero");
    return partition.overwrite ? 1 : static_cast<int>(solve.objective);
}
