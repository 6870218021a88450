/** Chinese names that sound like places and are none in particular. */
#include "citygen.h"

#include <stdio.h>
#include <string.h>

const char *const use_names[] = {"residential", "commercial", "office", "industrial", "school",
                                 "hospital",    "public",     "market", "dormitory",  ""};
const char *const class_names[] = {"", "主干路", "次干路", "支路", "小路", "铁路", "", "河流", ""};

static const char *const first_words[64] = {
    "云", "翠", "金", "锦", "龙", "凤", "东", "西", "南", "北", "新", "永", "长", "安", "和", "文",
    "明", "华", "景", "星", "月", "石", "松", "竹", "梅", "桂", "莲", "柳", "枫", "榕", "荔", "棠",
    "海", "江", "湖", "溪", "泉", "沙", "青", "白", "红", "紫", "碧", "银", "玉", "宝", "福", "瑞",
    "祥", "康", "富", "兴", "盛", "昌", "同", "太", "平", "光", "春", "秋", "晴", "朝", "向", "望"};
static const char *const last_words[64] = {"山", "河", "湖", "溪", "泉", "港", "湾", "洲", "滩", "岸", "林", "园", "岭",
                                           "岗", "坡", "谷", "塘", "桥", "渡", "津", "门", "城", "楼", "阁", "台", "亭",
                                           "苑", "庭", "居", "里", "坊", "巷", "乐", "安", "宁", "和", "顺", "兴", "隆",
                                           "盛", "丰", "泰", "阳", "辉", "霞", "虹", "雅", "秀", "丽", "翠", "芳", "荫",
                                           "苍", "英", "华", "德", "仁", "义", "信", "贤", "文", "明", "光", "晖"};

/** The n-th of 4096 two-word names in an order of its own for each kind and seed: no name comes twice before all did.
 */
static void two_words(const city_plan *where, uint32_t kind, uint32_t n, char *out, size_t bytes) {
    const uint64_t h = wg_hash_u64(where->options->seed * 64 + kind);
    const uint32_t step = (uint32_t)(h >> 20) | 1u;
    uint32_t at = (n * step + (uint32_t)h) & 4095u;
    at = (at ^ (at >> 5)) & 4095u;
    if (strcmp(first_words[at >> 6], last_words[at & 63]) == 0) {
        snprintf(out, bytes, "大%s", last_words[at & 63]);
    } else {
        snprintf(out, bytes, "%s%s", first_words[at >> 6], last_words[at & 63]);
    }
}

void name_number(uint32_t n, char *out, size_t bytes) {
    static const char *const digits[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
    if (n < 10) {
        snprintf(out, bytes, "%s", digits[n]);
    } else if (n < 20) {
        snprintf(out, bytes, "十%s", n % 10 != 0 ? digits[n % 10] : "");
    } else if (n < 100) {
        snprintf(out, bytes, "%s十%s", digits[n / 10], n % 10 != 0 ? digits[n % 10] : "");
    } else {
        snprintf(out, bytes, "%u", n);
    }
}

/** Districts (449101, 449102 …: no such county exists) of 12 streets each. */
void code_town(const city_plan *where, uint32_t town, char out[10]) {
    (void)where;
    snprintf(out, 10, "%06u%03u", 449101 + town / 12 % 99, 1 + town % 12);
}

void name_town(const city_plan *where, uint32_t town, char *out, size_t bytes) {
    char words[24];
    two_words(where, 1, town, words, sizeof words);
    snprintf(out, bytes, "%s街道", words);
}

void name_road(const town_map *t, const town_road *r, char *out, size_t bytes) {
    char words[24], number[32];
    out[0] = '\0';
    if (r->name == NONE) {
        return;
    }
    switch (r->class) {
    case LINE_TRUNK:
        two_words(t->where, 2, t->number * 16 + r->name, words, sizeof words);
        snprintf(out, bytes, "%s%s", words, r->dual ? "大道" : "路");
        break;
    case LINE_SECONDARY:
        two_words(t->where, 3, t->number * 64 + r->name, words, sizeof words);
        snprintf(out, bytes, "%s路", words);
        break;
    case LINE_BRANCH:
        two_words(t->where, 4, t->number * 512 + r->name, words, sizeof words);
        snprintf(out, bytes, "%s%s", words, r->name % 3 == 0 ? "路" : "街");
        break;
    case LINE_LANE: {
        char parent[64];
        name_road(t, &t->roads[r->name / 1024], parent, sizeof parent);
        name_number(r->name % 1024, number, sizeof number);
        snprintf(out, bytes, "%s%s巷", parent, number);
        break;
    }
    default:
        break;
    }
}

void name_compound(const town_map *t, uint32_t number, enum land land, char *out, size_t bytes) {
    static const char *const ends[] = {"花园", "小区", "新村", "家园", "苑",   "名邸",
                                       "华府", "雅居", "公寓", "广场", "豪庭", "花城"};
    static const char *const villas[] = {"山庄", "别墅", "半岛"};
    char words[24];
    two_words(t->where, 5, t->number * 512 + number, words, sizeof words);
    const uint32_t pick = (uint32_t)(wg_hash_u64(t->where->options->seed + number * 31 + t->number) >> 33);
    const char *end = land == LAND_VILLAS ? villas[pick % 3] : land == LAND_SLABS ? ends[pick % 5] : ends[pick % 12];
    snprintf(out, bytes, "%s%s", words, end);
}

void name_community(const town_map *t, uint32_t number, bool village, char *out, size_t bytes) {
    char words[24];
    two_words(t->where, 6, t->number * 41 + number, words, sizeof words);
    snprintf(out, bytes, "%s%s", words, village ? "村" : "社区");
}

void name_group(const town_map *t, uint32_t group, char *out, size_t bytes) {
    char street[48], number[32];
    name_town(t->where, t->number, street, sizeof street);
    name_number(group + 1, number, sizeof number);
    snprintf(out, bytes, "%.6s第%s片组", street, number);
}
