#include "plan/residence.h"

#include <math.h>
#include <string.h>

#include "model/text.h"

typedef struct wg_use {
    const char *word; /**< folded; found anywhere in a Chinese use, as a whole in a Latin one */
    double share;
} wg_use;

/* Mixed uses come before the plain words they contain. */
static const wg_use chinese[] = {
    {"商住", 0.6}, {"非住宅", 0.0}, {"非居住", 0.0}, {"住宅", 1.0}, {"居住", 1.0}, {"民房", 1.0}, {"自建房", 1.0},
    {"公寓", 1.0}, {"宿舍", 1.0},   {"别墅", 1.0},   {"平房", 1.0}, {"商业", 0.0}, {"商铺", 0.0}, {"商场", 0.0},
    {"办公", 0.0}, {"写字楼", 0.0}, {"工业", 0.0},   {"厂房", 0.0}, {"仓", 0.0},   {"学校", 0.0}, {"教育", 0.0},
    {"教学", 0.0}, {"医院", 0.0},   {"医疗", 0.0},   {"市场", 0.0}, {"酒店", 0.0}, {"宾馆", 0.0}, {"车库", 0.0},
    {"停车", 0.0}, {"公共", 0.0},   {"公用", 0.0},   {"政府", 0.0}, {"机关", 0.0}, {"配套", 0.0}, {"配电", 0.0},
    {"泵房", 0.0}, {"厕", 0.0},     {"寺", 0.0},     {"教堂", 0.0}, {"体育", 0.0}, {"文化", 0.0}, {"车站", 0.0},
    {"在建", 0.0}, {"大棚", 0.0},   {"设施", 0.0},   {"服务", 0.0}};

static const wg_use latin[] = {{"commercial", 0},
                               {"industrial", 0},
                               {"retail", 0},
                               {"office", 0},
                               {"offices", 0},
                               {"warehouse", 0},
                               {"storage", 0},
                               {"school", 0},
                               {"kindergarten", 0},
                               {"university", 0},
                               {"college", 0},
                               {"hospital", 0},
                               {"clinic", 0},
                               {"church", 0},
                               {"chapel", 0},
                               {"cathedral", 0},
                               {"mosque", 0},
                               {"temple", 0},
                               {"shrine", 0},
                               {"synagogue", 0},
                               {"religious", 0},
                               {"monastery", 0},
                               {"hotel", 0},
                               {"garage", 0},
                               {"garages", 0},
                               {"carport", 0},
                               {"parking", 0},
                               {"shed", 0},
                               {"barn", 0},
                               {"stable", 0},
                               {"sty", 0},
                               {"cowshed", 0},
                               {"farmauxiliary", 0},
                               {"greenhouse", 0},
                               {"greenhousehorticulture", 0},
                               {"glasshouse", 0},
                               {"roof", 0},
                               {"hut", 0},
                               {"cabin", 0.2},
                               {"ruins", 0},
                               {"construction", 0},
                               {"no", 0},
                               {"public", 0},
                               {"civic", 0},
                               {"government", 0},
                               {"museum", 0},
                               {"sport", 0},
                               {"sports", 0},
                               {"sportshall", 0},
                               {"stadium", 0},
                               {"grandstand", 0},
                               {"pavilion", 0},
                               {"trainstation", 0},
                               {"station", 0},
                               {"transportation", 0},
                               {"transformertower", 0},
                               {"service", 0},
                               {"bunker", 0},
                               {"silo", 0},
                               {"storagetank", 0},
                               {"tank", 0},
                               {"watertower", 0},
                               {"bridge", 0},
                               {"toilets", 0},
                               {"kiosk", 0},
                               {"supermarket", 0},
                               {"market", 0},
                               {"factory", 0},
                               {"manufacture", 0},
                               {"hangar", 0},
                               {"firestation", 0},
                               {"allotmenthouse", 0},
                               {"tent", 0},
                               {"digester", 0},
                               {"mixed", 0.6},
                               {"mixeduse", 0.6},
                               {"nonresidential", 0}};

double wg_residence_share(const char *use) {
    double share = 1.0;
    if (use == NULL || use[0] == '\0') {
        return share;
    }
    char folded[256];
    (void)wg_text_fold_into(use, folded, sizeof folded);
    for (size_t i = 0; i < sizeof latin / sizeof latin[0]; i++) {
        if (strcmp(folded, latin[i].word) == 0) {
            share = latin[i].share;
        }
    }
    for (size_t i = 0; i < sizeof chinese / sizeof chinese[0]; i++) {
        if (strstr(folded, chinese[i].word) != NULL) {
            share = chinese[i].share;
            break;
        }
    }
    return share;
}

double wg_residence_floors(double floors, double height_m, double usual) {
    if (floors > 0.0) {
        return floors;
    }
    if (height_m > 0.0) {
        const double by_height = floor(height_m / 3.0);
        return by_height < 1.0 ? 1.0 : by_height;
    }
    return usual;
}
