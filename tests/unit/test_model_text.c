/* UTF-8, encodings and keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>

#include "model/text.h"

/** Street and community names of Chinese cities, two to twelve characters, as they stand in such files. */
static const char *const places[] = {"幸福社区",   "东风路",   "人民街道", "解放里",   "和平村",   "新华社区居委会",
                                     "建设路12号", "中山公园", "朝阳区",   "海淀区",   "东城区",   "西城区",
                                     "丰台区",     "石景山",   "门头沟",   "房山",     "通州",     "顺义",
                                     "昌平",       "大兴",     "怀柔",     "平谷",     "密云",     "延庆",
                                     "王府井",     "东直门",   "西直门",   "建国门",   "复兴门",   "阜成门",
                                     "安定门",     "德胜门",   "崇文门",   "宣武门",   "前门大街", "天桥街道",
                                     "牛街",       "陶然亭",   "广安门内", "白纸坊",   "金融街",   "新街口",
                                     "什刹海",     "展览路",   "月坛",     "黄浦区",   "徐汇区",   "长宁区",
                                     "静安区",     "普陀区",   "虹口区",   "杨浦区",   "闵行区",   "宝山区",
                                     "嘉定区",     "浦东新区", "金山区",   "松江区",   "青浦区",   "奉贤区",
                                     "崇明岛",     "外滩",     "南京东路", "豫园",     "打浦桥",   "五里桥",
                                     "半淞园",     "老西门",   "小东门",   "淮海中路", "瑞金二路", "天平路",
                                     "湖南路",     "斜土路",   "枫林路",   "荔湾区",   "越秀区",   "海珠区",
                                     "天河区",     "白云区",   "黄埔区",   "番禺区",   "花都区",   "南沙区",
                                     "从化区",     "增城区",   "沙面街",   "岭南街",   "华林街",   "多宝街",
                                     "昌华街",     "逢源街",   "龙津街",   "金花街",   "彩虹街",   "南源街",
                                     "西村街",     "站前街",   "桥中街",   "白鹤洞",   "冲口街",   "花地街",
                                     "石围塘",     "茶滘街",   "东漖街",   "福田区",   "罗湖区",   "南山区",
                                     "盐田区",     "宝安区",   "龙岗区",   "龙华区",   "坪山区",   "光明区",
                                     "园岭街道",   "沙头街道", "香蜜湖",   "梅林街道", "莲花街道", "锦江区",
                                     "青羊区",     "金牛区",   "武侯区",   "成华区",   "龙泉驿",   "青白江",
                                     "新都区",     "温江区",   "双流区",   "郫都区",   "春熙路",   "宽窄巷子",
                                     "草堂社区",   "浣花溪",   "江汉区",   "江岸区",   "硚口区",   "汉阳区",
                                     "武昌区",     "青山区",   "洪山区",   "东西湖",   "汉南区",   "蔡甸区",
                                     "江夏区",     "黄陂区",   "新洲区",   "户部巷",   "黄鹤楼",   "联通",
                                     "移动",       "电信",     "路",       "街",       "村",       "里",
                                     "巷",         "城",       "镇",       "一号楼",   "二单元",   "三栋",
                                     "B区5号楼",   "A座",      "12幢",     "住宅",     "商业",     "办公",
                                     "学校",       "医院",     "工业",     "仓库",     "户籍人口", "流动人口",
                                     "常住人口",   "建筑面积", "层数",     "户数",     "名称",     "编码",
                                     "备注",       "地址",     "单元",     "社区",     "街道",     "网格",
                                     "网格员",     "张伟",     "王芳",     "李娜",     "刘洋",     "陈静",
                                     "杨勇",       "赵磊",     "黄丽",     "周杰",     "吴敏",     "徐强",
                                     "孙艳",       "马超",     "朱军",     "胡涛",     "郭明",     "何平",
                                     "高峰",       "林霞",     "罗兰",     "郑爽",     "梁朝",     "谢霆",
                                     "宋佳",       "唐婷",     "许巍",     "韩梅",     "冯刚",     "邓超",
                                     "曹颖",       "彭磊",     "曾黎",     "萧山",     "余杭",     "临安",
                                     "富阳",       "桐庐",     "建德",     "淳安",     "鄞州",     "镇海",
                                     "北仑",       "奉化",     "余姚",     "慈溪",     "象山",     "宁海",
                                     "鹿城",       "龙湾",     "瓯海",     "洞头",     "瑞安",     "乐清",
                                     "永嘉",       "平阳",     "苍南",     "文成",     "泰顺",     "占道经营",
                                     "乱堆物料",   "暴露垃圾", "井盖缺失", "路灯不亮", "噪音扰民", "邻里纠纷",
                                     "消防隐患",   "已处置",   "未办结",   "超期",     "待派遣"};
enum { N_PLACES = sizeof places / sizeof places[0] };

static size_t encode(const char *to, const char *text, char *out, size_t room) {
    iconv_t converter = iconv_open(to, "UTF-8");
    char *in = (char *)(uintptr_t)text, *at = out;
    size_t left = strlen(text), space = room;
    assert_true(converter != (iconv_t)-1);
    const bool good = iconv(converter, &in, &left, &at, &space) != (size_t)-1;
    (void)iconv_close(converter);
    return good ? room - space : 0;
}

static wg_encoding detect(const char *bytes, size_t length) {
    wg_detector detector = {0};
    wg_detector_add(&detector, bytes, length, false);
    return wg_detector_result(&detector, NULL);
}

/** Each text alone, the hardest case: at least 99 of 100 in each encoding. */
static void single_texts_are_told_apart(void **state) {
    (void)state;
    size_t wrong[2] = {0, 0};
    for (size_t i = 0; i < N_PLACES; i++) {
        char gbk[128];
        const size_t n = encode("GBK", places[i], gbk, sizeof gbk);
        assert_true(n > 0);
        wrong[0] += detect(places[i], strlen(places[i])) != WG_ENCODING_UTF8 ? 1 : 0;
        wrong[1] += detect(gbk, n) != WG_ENCODING_GB18030 ? 1 : 0;
        if (detect(gbk, n) != WG_ENCODING_GB18030) {
            print_message("GBK %s read as %s\n", places[i], wg_encoding_name(detect(gbk, n)));
        }
    }
    assert_true(N_PLACES >= 250);
    assert_true(100 * wrong[0] <= N_PLACES);
    assert_true(100 * wrong[1] <= N_PLACES);
}

/* ---------------------------------------------------------------- real texts of others */

/** What a message catalogue translates to: Debian's iso-codes and programs' own, short Chinese texts that people wrote.
 */
static const char *const catalogues[] = {"iso_3166-2", "iso_3166-1", "iso_639-3", "iso_639-2", "iso_4217",  "iso_15924",
                                         "adduser",    "apt",        "shadow",    "passwd",    "util-linux"};

static uint32_t u32_at(const uint8_t *bytes, size_t at) {
    return (uint32_t)bytes[at] | (uint32_t)bytes[at + 1] << 8 | (uint32_t)bytes[at + 2] << 16 |
           (uint32_t)bytes[at + 3] << 24;
}

typedef struct told {
    size_t n[2], right[2]; /**< as UTF-8, as GB18030 */
} told;

/** A text of two to twelve characters, Chinese ones among them, on one line. */
static bool is_short_chinese(const char *text, size_t length) {
    size_t characters = 0, chinese = 0;
    if (!wg_utf8_valid(text, length)) {
        return false;
    }
    for (size_t at = 0; at < length; characters++) {
        uint32_t c = 0;
        at += wg_utf8_next(text + at, length - at, &c);
        chinese += c >= 0x4E00 && c <= 0x9FFF ? 1 : 0;
        if (c < 0x20) {
            return false;
        }
    }
    return characters >= 2 && characters <= 12 && chinese >= 2;
}

static void tell(const char *text, size_t length, told *sum) {
    char copy[64], gb[64];
    memcpy(copy, text, length);
    copy[length] = '\0';
    const size_t n = encode("GB18030", copy, gb, sizeof gb);
    sum->n[0]++;
    sum->right[0] += detect(copy, length) == WG_ENCODING_UTF8 ? 1 : 0;
    sum->n[1]++;
    sum->right[1] += n > 0 && detect(gb, n) == WG_ENCODING_GB18030 ? 1 : 0;
}

/** The translations in a .mo file (GNU gettext): magic, revision, count, offsets of the originals and of them. */
static void tell_catalogue(const char *name, told *sum) {
    char path[200];
    (void)snprintf(path, sizeof path, "/usr/share/locale/zh_CN/LC_MESSAGES/%s.mo", name);
    FILE *file = fopen(path, "rb");
    static uint8_t bytes[4u << 20];
    const size_t size = file == NULL ? 0 : fread(bytes, 1, sizeof bytes, file);
    if (file != NULL) {
        (void)fclose(file);
    }
    if (size < 28 || u32_at(bytes, 0) != 0x950412de) {
        return;
    }
    const size_t count = u32_at(bytes, 8), table = u32_at(bytes, 16);
    for (size_t i = 1; i < count && table + 8 * i + 8 <= size; i++) {
        const size_t length = u32_at(bytes, table + 8 * i), at = u32_at(bytes, table + 8 * i + 4);
        if (length < 60 && at + length <= size && is_short_chinese((const char *)bytes + at, length)) {
            tell((const char *)bytes + at, length, sum);
        }
    }
}

/** Real short texts one by one: 99 of 100 in each encoding. Skipped where the catalogues are not installed. */
static void real_texts_are_told_apart(void **state) {
    (void)state;
    told sum = {0};
    for (size_t i = 0; i < sizeof catalogues / sizeof catalogues[0]; i++) {
        tell_catalogue(catalogues[i], &sum);
    }
    if (sum.n[0] < 1000) {
        print_message("skipped: only %zu texts (apt install iso-codes)\n", sum.n[0]);
        skip();
    }
    print_message("%zu short Chinese texts: %.2f %% right as UTF-8, %.2f %% right as GB18030\n", sum.n[0],
                  100.0 * (double)sum.right[0] / (double)sum.n[0], 100.0 * (double)sum.right[1] / (double)sum.n[1]);
    assert_true(100 * sum.right[0] >= 99 * sum.n[0]);
    assert_true(100 * sum.right[1] >= 99 * sum.n[1]);
}

/** Ten values of a column together are always right. */
static void columns_are_told_apart(void **state) {
    (void)state;
    for (size_t first = 0; first + 10 <= N_PLACES; first += 3) {
        wg_detector gb = {0}, utf8 = {0};
        for (size_t i = first; i < first + 10; i++) {
            char gbk[128];
            wg_detector_add(&gb, gbk, encode("GBK", places[i], gbk, sizeof gbk), false);
            wg_detector_add(&utf8, places[i], strlen(places[i]), false);
        }
        assert_int_equal(wg_detector_result(&gb, NULL), WG_ENCODING_GB18030);
        assert_int_equal(wg_detector_result(&utf8, NULL), WG_ENCODING_UTF8);
    }
}

static void western_and_big5(void **state) {
    (void)state;
    assert_int_equal(detect("Mühleholz", 10), WG_ENCODING_UTF8);
    assert_int_equal(detect("M\xFChleholz", 9), WG_ENCODING_LATIN1);
    assert_int_equal(detect("Caf\xC3\xA9", 5), WG_ENCODING_UTF8);
    assert_int_equal(detect("plain", 5), WG_ENCODING_UTF8);
    char big5[128];
    const size_t n = encode("BIG5", "臺北市信義區松仁路", big5, sizeof big5);
    assert_int_equal(detect(big5, n), WG_ENCODING_BIG5);
}

static void decoding_mends(void **state) {
    (void)state;
    wg_buffer out = {0};
    assert_int_equal(wg_text_decode(WG_ENCODING_GB18030, "\xD0\xD2\xB8", 3, &out), 0); /* cut in the middle */
    assert_string_equal(out.data, "幸");
    wg_buffer_clear(&out);
    assert_int_equal(wg_text_decode(WG_ENCODING_UTF8,
                                    "a\xFF"
                                    "b\xE5\xB9",
                                    5, &out),
                     1);
    assert_string_equal(out.data, "a\xEF\xBF\xBD"
                                  "b");
    wg_buffer_clear(&out);
    assert_int_equal(wg_text_decode(WG_ENCODING_GB18030, "\x82\x35\x8F\x33", 4, &out), 0); /* four bytes: 㐀-like */
    assert_int_equal(wg_utf8_count(out.data), 1);
    wg_buffer_clear(&out);
    assert_int_equal(wg_text_encode(WG_ENCODING_BIG5, "a国b", 5, &out), 1); /* a simplified character that Big5 lacks */
    assert_string_equal(out.data, "a?b");
    wg_buffer_release(&out);
}

static void utf8(void **state) {
    (void)state;
    assert_true(wg_utf8_valid("网格 plain é 𠀀", strlen("网格 plain é 𠀀")));
    assert_false(wg_utf8_valid("\xC0\xAF", 2));         /* overlong */
    assert_false(wg_utf8_valid("\xED\xA0\x80", 3));     /* surrogate */
    assert_false(wg_utf8_valid("\xF4\x90\x80\x80", 4)); /* beyond Unicode */
    assert_false(wg_utf8_valid("12345678\xE7\xBD", 10));
    assert_int_equal(wg_utf8_cut("网格员", 7), 6);
    assert_int_equal(wg_utf8_cut("网格员", 9), 9);
    assert_int_equal(wg_utf8_cut("abc", 254), 3);
    assert_int_equal(wg_utf8_count("网格a"), 3);
}

static void names_of_encodings(void **state) {
    (void)state;
    static const struct {
        const char *name;
        wg_encoding encoding;
    } good[] = {{"utf8", WG_ENCODING_UTF8},      {"UTF-8", WG_ENCODING_UTF8},    {"65001", WG_ENCODING_UTF8},
                {"936", WG_ENCODING_GB18030},    {"CP936", WG_ENCODING_GB18030}, {"gbk", WG_ENCODING_GB18030},
                {"GB2312", WG_ENCODING_GB18030}, {"Big-5", WG_ENCODING_BIG5},    {"ISO-8859-1", WG_ENCODING_LATIN1}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        wg_encoding encoding = WG_ENCODING_UTF16BE;
        assert_true(wg_encoding_parse(good[i].name, &encoding));
        assert_int_equal(encoding, good[i].encoding);
    }
    wg_encoding encoding;
    assert_false(wg_encoding_parse("klingon", &encoding));
    assert_false(wg_encoding_parse("", &encoding));
}

/* ---------------------------------------------------------------- keys */

static void keys_meet(char *(*key)(const char *), const char *a, const char *b, bool meet) {
    char *one = key(a), *two = key(b);
    if ((strcmp(one, two) == 0) != meet) {
        fail_msg("\"%s\" and \"%s\": keys \"%s\" and \"%s\"", a, b, one, two);
    }
    free(one);
    free(two);
}

static void addresses(void **state) {
    (void)state;
    keys_meet(wg_text_address_key, "幸福路 12号 ３栋", "幸福路12号3#", true);
    keys_meet(wg_text_address_key, "幸福路12号3号楼", "幸福路12号三幢", true);
    keys_meet(wg_text_address_key, "幸福路12号03栋2单元501室", "幸福路１２号3号楼二单元501房", true);
    keys_meet(wg_text_address_key, "幸福小区（东区）5栋", "幸福小区东区5座", true);
    keys_meet(wg_text_address_key, "A栋", "a座", true);
    keys_meet(wg_text_address_key, "幸福里3-2-501", "幸福里３－２－501", true);
    keys_meet(wg_text_address_key, "幸福路1-11", "幸福路11-1", false);
    keys_meet(wg_text_address_key, "幸福路1-11", "幸福路111", false);
    keys_meet(wg_text_address_key, "幸福路12号3栋", "幸福路12号13栋", false);
    keys_meet(wg_text_address_key, "幸福路12号3栋", "幸福路1号23栋", false);
    keys_meet(wg_text_address_key, "十二号楼", "12幢", true);
    keys_meet(wg_text_address_key, "三里屯二号楼", "三里屯2栋", true); /* 三 in a name stays */
    keys_meet(wg_text_address_key, "三里屯二号楼", "3里屯2栋", false);
}

static void codes(void **state) {
    (void)state;
    keys_meet(wg_text_code_key, " 110101001001 ", "１１０１０１００１００１", true);
    keys_meet(wg_text_code_key, "110101001001.0", "110101001001", true);
    keys_meet(wg_text_code_key, "'007", "007", true);
    keys_meet(wg_text_code_key, "007", "7", false);
    keys_meet(wg_text_code_key, "A-1", "a-1", true);
    keys_meet(wg_text_code_key, "1-11", "11-1", false);
    keys_meet(wg_text_folded, "Building_ID", "building id", true);
    keys_meet(wg_text_folded, "户　数", "户数", true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_texts_are_told_apart),
        cmocka_unit_test(real_texts_are_told_apart),
        cmocka_unit_test(columns_are_told_apart),
        cmocka_unit_test(western_and_big5),
        cmocka_unit_test(decoding_mends),
        cmocka_unit_test(utf8),
        cmocka_unit_test(names_of_encodings),
        cmocka_unit_test(addresses),
        cmocka_unit_test(codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
