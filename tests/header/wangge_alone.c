/* The public header alone, strictly, in C: compiled in several standards, never run. */
#include "wangge.h"

int wangge_alone_c(void);
int wangge_alone_c(void) {
    const wg_partition_options partition = WG_PARTITION_OPTIONS_INIT;
    const wg_assign_options assign = WG_ASSIGN_OPTIONS_INIT;
    const wg_report_options report = WG_REPORT_OPTIONS_INIT;
    const wg_export_options export_options = WG_EXPORT_OPTIONS_INIT;
    const wg_check_options check = WG_CHECK_OPTIONS_INIT;
    const wg_compare_options compare = WG_COMPARE_OPTIONS_INIT;
    const wg_populate_options populate = WG_POPULATE_OPTIONS_INIT;
    const wg_edit_options edit = WG_EDIT_OPTIONS_INIT;
    const wg_zone_options zone = WG_ZONE_OPTIONS_INIT;
    const wg_info_options info = WG_INFO_OPTIONS_INIT;
    const wg_solve_options solve = WG_SOLVE_OPTIONS_INIT;
    return partition.overwrite + assign.overwrite + report.overwrite + export_options.overwrite + (int)check.lang +
           compare.overwrite + populate.overwrite + (int)edit.lang + zone.overwrite + (int)info.lang +
           (int)solve.objective;
}
