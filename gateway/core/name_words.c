#include "gateway/core/name_words.h"

#include <string.h>

/* A line a kind of body: its usual words, the full one first. Faculties have one of each, so which of them is
 * written tells nothing. */
static const char *const bodies[][10] = {
    {"学生会", "学生分会", "学生联合会", "学联", NULL},
    {"团委", "分团委", "团总支", "团工委", "团委会", "分团委会", "共青团委员会", NULL},
    {"团委学生会", "分团委学生会", "团总支学生会", "团学", "团学会", "团学联", "团学组织", NULL},
    {"研究生会", "研会", "研究生分会", "研究生联合会", "研究生学生会", NULL},
    {"青年志愿者协会", "青协", "志愿者协会", "青志协", "志协", "青年志愿者服务队", "青年志愿者联合会",
     "志愿者联合会", NULL},
    {"社团联合会", "社联", "学生社团联合会", "大学生社团联合会", "社团联", NULL},
    {"心理协会", "大学生心理协会", "心协", "心理健康协会", "大学生心理健康协会", "学生心理协会", NULL},
    {"科技协会", "科协", "大学生科技协会", "学生科技协会", "学生科协", "大学生科协", "科学技术协会", NULL},
    {"创业协会", "大学生创业协会", "创协", "创新创业协会", "大学生创新创业协会", NULL},
    {"新媒体中心", "新媒体", "新媒体运营中心", NULL},
    {"融媒体中心", "融媒体", NULL},
    {"广播台", "广播站", "校园广播台", "校园广播站", NULL},
    {"艺术团", "大学生艺术团", "学生艺术团", NULL},
    {"记者团", "大学生记者团", "学生记者团", NULL},
    {"辩论协会", "辩协", NULL},
    {"自律委员会", "自律会", "自管会", NULL},
    {"学生党支部", "学生支部", NULL},
    {"党支部", NULL},
    {"团支部", NULL},
    {"党委", NULL},
    {"校友会", NULL},
    {"教师党支部", NULL},
    {"就业服务中心", "学生就业服务中心", NULL},
};

int name_words_body(const char *normal) {
    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++)
        if (g_strv_contains(bodies[i], normal))
            return (int)i;
    return -1;
}

bool name_words_is_telling(gunichar character) {
    static const char telling[] =
        "一二三四五六七八九十甲乙丙丁东西南北中上下前后左右男女本专研博硕新老大小"
        "医药护理文史哲法政经管商工农林牧水电气机械化物数计算信息软网通测地质矿石油材料土木建筑"
        "环境生命食品动植园艺音乐美术体育外语英日俄德教师范心历社公共国际海航空汽车船铁道交纺服"
        "轻核冶金财会贸旅酒店新闻传播影视设马克思继续成人远程留民族口腔临床基础卫检影康针灸骨兽";
    char text[8] = {0};
    g_unichar_to_utf8(character, text);
    return strstr(telling, text) != NULL;
}

static bool is_among(const char *const *words, const char *word) {
    return g_strv_contains(words, word);
}

bool name_words_is_kind(const char *word) {
    static const char *const kinds[] = {"club",  "clubs",       "society", "societies", "soc",
                                        "assoc", "association", "group",   NULL};
    return is_among(kinds, word);
}

bool name_words_is_filler(const char *word) {
    static const char *const fillers[] = {"the", "of", "and", "for", "at", "a", "an", "our", NULL};
    return is_among(fillers, word);
}

bool name_words_is_institution(const char *word) {
    static const char *const institutions[] = {"university",  "uni",    "college", "institute",
                                               "polytechnic", "campus", NULL};
    return is_among(institutions, word);
}
