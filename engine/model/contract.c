#include "model/contract.h"

#include <string.h>

#define TEXT(name, en, zh)                                                                                             \
    { name, WG_TEXT, false, en, zh }
#define KEY(name, en, zh)                                                                                              \
    { name, WG_TEXT, true, en, zh }
#define COUNT(name, en, zh)                                                                                            \
    { name, WG_INTEGER, false, en, zh }
#define REAL(name, en, zh)                                                                                             \
    { name, WG_REAL, false, en, zh }

static const wg_contract_field communities[] = {
    KEY("code", "Code", "编码"),
    TEXT("name", "Name", "名称"),
    COUNT("cells", "Cells", "网格数"),
    REAL("households", "Households", "户数"),
    REAL("population", "Population", "人口"),
    REAL("area_m2", "Area (m²)", "面积(平方米)"),
    TEXT("status", "Status", "状态"),
    TEXT("reason", "Reason", "原因"),
};

static const wg_contract_field levels[] = {
    KEY("code", "Code", "编码"),
    KEY("parent", "Parent code", "上级编码"),
    TEXT("level", "Level", "层级"),
    TEXT("name", "Name", "名称"),
};

static const wg_contract_field barriers[] = {
    KEY("id", "Identifier", "编号"),
    TEXT("kind", "Kind", "类型"),
    TEXT("class", "Class", "等级类别"),
    COUNT("rank", "Rank (1 highest)", "级别(1最高)"),
    COUNT("hard", "Never crossed", "不可跨越"),
};

static const wg_contract_field units[] = {
    KEY("id", "Identifier", "编号"),
    TEXT("community", "Community code", "社区编码"),
    KEY("cell", "Cell code", "网格编码"),
    TEXT("kind", "Kind", "类型"),
    REAL("households", "Households", "户数"),
    REAL("population", "Population", "人口"),
    REAL("area_m2", "Area (m²)", "面积(平方米)"),
    REAL("registered", "Registered people", "户籍人口"),
    REAL("floating", "Floating people", "流动人口"),
};

static const wg_contract_field edges[] = {
    KEY("u", "Unit", "单元一"),
    KEY("v", "Other unit", "单元二"),
    REAL("shared_m", "Common line (m)", "公共边长(米)"),
    COUNT("rank", "Barrier rank", "屏障级别"),
    COUNT("hard", "Never crossed", "不可跨越"),
};

static const wg_contract_field cells[] = {
    KEY("code", "Code", "网格编码"),
    TEXT("name", "Name", "网格名称"),
    KEY("community", "Community code", "社区编码"),
    TEXT("grp", "Group", "片组"),
    TEXT("kind", "Kind", "网格类型"),
    REAL("households", "Households", "户数"),
    REAL("population", "Population", "人口"),
    REAL("registered", "Registered people", "户籍人口"),
    REAL("floating", "Floating people", "流动人口"),
    COUNT("buildings", "Buildings", "楼栋数"),
    REAL("area_m2", "Area (m²)", "面积(平方米)"),
    REAL("perim_m", "Perimeter (m)", "周长(米)"),
    REAL("compact", "Compactness (0–1)", "紧凑度(0–1)"),
    COUNT("parts", "Parts", "部分数"),
    TEXT("status", "Status", "状态"),
    TEXT("reason", "Reason code", "原因代码"),
    TEXT("reason_txt", "Reason", "原因说明"),
};

static const wg_contract_field buildings[] = {
    KEY("id", "Identifier", "编号"),          TEXT("community", "Community code", "社区编码"),
    KEY("cell", "Cell code", "网格编码"),     REAL("households", "Households", "户数"),
    REAL("population", "Population", "人口"), TEXT("how", "How assigned", "归属方式"),
};

static const wg_contract_field shares[] = {
    KEY("building", "Building", "楼栋编号"),   KEY("cell", "Cell code", "网格编码"),
    REAL("share", "Share (0–1)", "份额(0–1)"), REAL("households", "Households", "户数"),
    REAL("population", "Population", "人口"),
};

static const wg_contract_field incidents[] = {
    KEY("id", "Identifier", "编号"),         TEXT("category", "Category", "类别"),
    TEXT("status", "Status", "状态"),        TEXT("opened", "Opened", "上报时间"),
    TEXT("due", "Due", "截止时间"),          TEXT("closed", "Closed", "结案时间"),
    KEY("cell", "Cell code", "网格编码"),    TEXT("community", "Community code", "社区编码"),
    TEXT("how", "How assigned", "归属方式"), REAL("share", "Share (0–1)", "份额(0–1)"),
    TEXT("reason", "Reason", "原因"),
};

static const wg_contract_field workers[] = {
    KEY("id", "Identifier", "编号"),
    TEXT("role", "Role", "角色"),
    REAL("fte", "Full-time equivalent", "全职当量"),
    KEY("cell", "Cell code", "网格编码"),
};

static const wg_contract_field exceptions[] = {
    TEXT("layer", "Layer", "图层"),   TEXT("feature", "Feature", "要素"), TEXT("problem", "Problem", "问题"),
    TEXT("detail", "Detail", "说明"), TEXT("advice", "Advice", "建议"),
};

static const wg_contract_field runs[] = {
    TEXT("when", "When", "时间"),
    TEXT("version", "Version", "版本"),
    TEXT("command", "Command", "命令"),
    TEXT("inputs", "Inputs (JSON)", "输入(JSON)"),
    TEXT("limits", "Limits (JSON)", "阈值(JSON)"),
    TEXT("seed", "Seed", "随机种子"),
    TEXT("crs", "Working CRS", "工作坐标系"),
    REAL("grid", "Precision grid (m)", "精度网格(米)"),
    TEXT("origin", "Origin of the grid", "网格原点"),
    TEXT("score", "Score (JSON)", "评分(JSON)"),
    TEXT("attrib", "Attribution", "数据来源"),
};

static const wg_contract_field coverage[] = {
    KEY("code", "Code", "编码"),
    TEXT("level", "Level", "层级"),
    REAL("area_m2", "Area (m²)", "面积(平方米)"),
    REAL("gap_m2", "Gaps (m²)", "空白(平方米)"),
    REAL("overlap_m2", "Overlaps (m²)", "重叠(平方米)"),
    REAL("cover_pct", "Area covered (%)", "面积覆盖率(%)"),
    COUNT("bld", "Buildings", "楼栋数"),
    COUNT("bld_in", "Buildings covered", "覆盖楼栋数"),
    REAL("hh", "Households", "户数"),
    REAL("hh_in", "Households covered", "覆盖户数"),
    REAL("pop", "People", "人口"),
    REAL("pop_in", "People covered", "覆盖人口"),
    COUNT("cells", "Cells", "网格数"),
    COUNT("cells_ok", "Cells within limits", "达标网格数"),
    REAL("ok_pct", "Within limits (%)", "达标率(%)"),
    COUNT("roles_miss", "Roles missing", "缺岗数"),
    REAL("svc_hh", "Households served", "服务覆盖户数"),
    REAL("svc_pct", "Served (%)", "服务覆盖率(%)"),
    COUNT("visit_bld", "Buildings visited", "走访楼栋数"),
    REAL("visit_pct", "Visited (%)", "走访率(%)"),
    REAL("fresh_days", "Age of the data (days)", "数据时效(天)"),
};

static const wg_contract_field workload[] = {
    KEY("code", "Code", "编码"),
    TEXT("level", "Level", "层级"),
    COUNT("bld", "Buildings", "楼栋数"),
    REAL("hh", "Households", "户数"),
    REAL("pop", "People", "人口"),
    COUNT("workers", "Workers", "网格员数"),
    REAL("fte", "Full-time equivalents", "全职当量"),
    REAL("hh_fte", "Households a worker", "人均管户数"),
    REAL("pop_fte", "People a worker", "人均服务人口"),
    REAL("inc", "Incidents", "事件数"),
    REAL("inc_open", "Incidents open", "未结事件数"),
    REAL("inc_closed", "Incidents closed", "已结事件数"),
    REAL("inc_late", "Incidents overdue", "超期事件数"),
    REAL("handle_pct", "Handled (%)", "处置率(%)"),
    REAL("close_pct", "Closed (%)", "结案率(%)"),
    REAL("ontime_pct", "Closed on time (%)", "按期结案率(%)"),
    REAL("rework_pct", "Rework (%)", "返工率(%)"),
    REAL("days_med", "Days to close, median", "结案天数(中位数)"),
    REAL("days_p90", "Days to close, 90 %", "结案天数(九成)"),
    REAL("load", "Workload", "工作量"),
    REAL("load_idx", "Workload index", "工作量指数"),
    COUNT("rank", "Rank", "排名"),
    TEXT("grade", "Grade", "等次"),
    REAL("org", "Organisations", "单位数"),
    REAL("special", "People of special classes", "特殊人群"),
};

static const wg_contract_field retired[] = {
    KEY("code", "Retired code", "停用编码"),
    TEXT("name", "Name", "名称"),
    TEXT("community", "Community code", "社区编码"),
    TEXT("successor", "Successor", "承接网格"),
    TEXT("reason", "Reason", "原因"),
};

#define TABLE(fields, geometry, en, zh)                                                                                \
    { #fields, geometry, en, zh, fields, (uint32_t)(sizeof fields / sizeof fields[0]) }

static const wg_contract_table tables[] = {
    TABLE(cells, WG_GEOMETRY_POLYGON, "Cells", "网格"),
    TABLE(communities, WG_GEOMETRY_POLYGON, "Communities", "社区"),
    TABLE(levels, WG_GEOMETRY_POLYGON, "Levels", "层级"),
    TABLE(buildings, WG_GEOMETRY_ANY, "Buildings", "楼栋"),
    TABLE(shares, WG_GEOMETRY_NONE, "Divided buildings", "楼栋分摊"),
    TABLE(units, WG_GEOMETRY_POLYGON, "Units", "基本单元"),
    TABLE(edges, WG_GEOMETRY_LINE, "Unit graph", "单元邻接"),
    TABLE(barriers, WG_GEOMETRY_ANY, "Barriers", "屏障"),
    TABLE(incidents, WG_GEOMETRY_ANY, "Incidents", "事件"),
    TABLE(workers, WG_GEOMETRY_ANY, "Workers", "网格员"),
    TABLE(exceptions, WG_GEOMETRY_POINT, "Exceptions", "异常清单"),
    TABLE(coverage, WG_GEOMETRY_POLYGON, "Coverage", "覆盖情况"),
    TABLE(workload, WG_GEOMETRY_POLYGON, "Workload", "工作量"),
    TABLE(retired, WG_GEOMETRY_NONE, "Retired codes", "停用编码"),
    TABLE(runs, WG_GEOMETRY_NONE, "Runs", "运行记录"),
};

enum { N_TABLES = sizeof tables / sizeof tables[0] };

const wg_contract_table *wg_contract_tables(size_t *n) {
    *n = N_TABLES;
    return tables;
}

const wg_contract_table *wg_contract_layer(const char *name) {
    const char *underscore = strchr(name, '_');
    for (size_t i = 0; i < N_TABLES; i++) {
        const size_t length = strlen(tables[i].name);
        const bool exact = strcmp(tables[i].name, name) == 0;
        const bool has_levels = tables[i].fields == coverage || tables[i].fields == workload;
        const bool level = has_levels && underscore == name + length && strncmp(name, tables[i].name, length) == 0;
        if (exact || (level && underscore[1] != '\0')) {
            return &tables[i];
        }
    }
    return NULL;
}

const wg_contract_field *wg_contract_field_of(const wg_contract_table *table, const char *name) {
    for (uint32_t i = 0; i < table->n_fields; i++) {
        if (strcmp(table->fields[i].name, name) == 0) {
            return &table->fields[i];
        }
    }
    return NULL;
}

wg_status wg_contract_new_layer(wg_context *ctx, const char *name, const char *crs, wg_layer **layer) {
    *layer = NULL;
    const wg_contract_table *table = wg_contract_layer(name);
    if (table == NULL) {
        return wg_fail(ctx, WG_EINVAL, "%s: a plan has no layer of this name", name);
    }
    wg_layer *made = NULL;
    wg_status status = wg_layer_new(ctx, name, crs, &made);
    for (uint32_t i = 0; status == WG_OK && i < table->n_fields; i++) {
        status = wg_layer_add_column(ctx, made, table->fields[i].name, table->fields[i].type, NULL);
    }
    if (status != WG_OK) {
        wg_layer_free(made);
        return status;
    }
    *layer = made;
    return WG_OK;
}
