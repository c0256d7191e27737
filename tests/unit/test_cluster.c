/* Repeated questions: what is the same, what is only alike, and that nothing alike is ever the same. */
#include "gateway/core/cluster.h"
#include "gateway/core/cluster_order.h"

/* Each pair: alike, but not the same question. Never merged without a person. */
static const char *const hard_negatives[][2] = {
    {"国家助学金什么时候发放？", "国家奖学金什么时候发放？"},
    {"国家励志奖学金怎么申请", "国家奖学金怎么申请"},
    {"助学贷款怎么办理", "助学金怎么办理"},
    {"生源地助学贷款怎么办", "校园地助学贷款怎么办"},
    {"四级什么时候报名", "六级什么时候报名"},
    {"四级成绩什么时候出", "四级准考证什么时候出"},
    {"宿舍可以换吗", "宿舍不可以换吗"},
    {"能不能转专业", "能不能转学"},
    {"大一可以转专业吗", "大二可以转专业吗"},
    {"补考什么时候", "重修什么时候"},
    {"补考在哪里考试", "缓考在哪里考试"},
    {"图书馆几点开门", "图书馆几点关门"},
    {"食堂几点开饭", "食堂几点关门"},
    {"校医院在哪里", "校医院电话是多少"},
    {"医保卡怎么办", "医保怎么报销"},
    {"学生证丢了怎么补办", "校园卡丢了怎么补办"},
    {"一卡通怎么充值", "一卡通怎么挂失"},
    {"3号楼停水了", "5号楼停水了"},
    {"3号楼停水了", "3号楼停电了"},
    {"5月10日放假吗", "5月11日放假吗"},
    {"绩点3.5怎么算", "绩点35怎么算"},
    {"C语言在哪里上课", "C++语言在哪里上课"},
    {"入党需要什么材料", "入团需要什么材料"},
    {"入党申请书怎么写", "入党思想汇报怎么写"},
    {"预备党员转正要多久", "预备党员发展要多久"},
    {"南校区班车几点", "北校区班车几点"},
    {"班车从南校区到北校区几点", "班车从北校区到南校区几点"},
    {"研究生宿舍有空调吗", "本科生宿舍有空调吗"},
    {"男生宿舍几点熄灯", "女生宿舍几点熄灯"},
    {"毕业证什么时候发", "学位证什么时候发"},
    {"毕业答辩什么时候", "毕业典礼什么时候"},
    {"实习证明去哪里盖章", "在读证明去哪里盖章"},
    {"成绩单怎么打印", "成绩单怎么翻译"},
    {"校园网怎么连", "校园网怎么缴费"},
    {"校园网断了怎么办", "校园网慢怎么办"},
    {"体测什么时候", "体检什么时候"},
    {"体育课可以免修吗", "体育课可以免测吗"},
    {"选课系统打不开", "选课系统关闭了吗"},
    {"选修课怎么退", "选修课怎么补选"},
    {"学费什么时候交", "住宿费什么时候交"},
    {"学费可以缓交吗", "学费可以分期交吗"},
    {"保研需要什么条件", "考研需要什么条件"},
    {"社团怎么报名", "学生会怎么报名"},
    {"志愿时长怎么录入", "志愿时长怎么查询"},
    {"请假怎么办理", "销假怎么办理"},
    {"事假可以请几天", "病假可以请几天"},
    {"快递站几点关门", "快递站在哪里"},
    {"寒假什么时候放", "暑假什么时候放"},
    {"寒假可以留校吗", "寒假必须离校吗"},
    {"不，能退款", "不能退款"},
    {"没有，交过", "没有交过"},
    {"房间10 20", "房间1020"},
    {"党员可以参加吗", "非党员可以参加吗"},
    {"When does the gym open?", "When does the gym close?"},
    {"How do I join the rowing club?", "How do I leave the rowing club?"},
    {"", ""},
};

static void test_never_same(void) {
    g_assert_cmpuint(G_N_ELEMENTS(hard_negatives), >=, 50);
    for (gsize i = 0; i < G_N_ELEMENTS(hard_negatives); i++)
        if (cluster_is_same(hard_negatives[i][0], hard_negatives[i][1]))
            g_error("merged: %s / %s", hard_negatives[i][0], hard_negatives[i][1]);
}

static void test_same(void) {
    static const char *const pairs[][2] = {
        {"学生证丢了，怎么补办？", "学生证丢了怎么补办"},
        {"请问：图书馆几点开门", "图书馆几点开门？？"},
        {"老师好，请问四级什么时候报名", "四级什么时候报名"},
        {"３号楼停水了！", "3号楼停水了"},
        {"  WiFi 怎么 连 ", "wifi怎么连"},
        {"绩点３．５怎么算", "绩点3.5怎么算"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++)
        if (!cluster_is_same(pairs[i][0], pairs[i][1]))
            g_error("not merged: %s / %s", pairs[i][0], pairs[i][1]);
    g_autofree char *politeness = cluster_normal_form("请问");
    g_assert_cmpstr(politeness, ==, "请问");
}

static const char *const questions[] = {
    "宿舍的空调坏了怎么报修",       /* 0 */
    "请问宿舍的空调坏了怎么报修？", /* 1: the same as 0 */
    "宿舍的空调坏了，怎么样报修",   /* 2: alike to 0 */
    "图书馆周末开放到几点",         /* 3 */
    "3号楼的热水几点供应",          /* 4 */
    "5号楼的热水几点供应",          /* 5: another number */
    "",                             /* 6 */
    "班车从南校区到北校区几点发车", /* 7 */
    "班车从北校区到南校区几点发车", /* 8: another order */
    "入党申请书用什么纸写",         /* 9 */
};

static void test_groups(void) {
    static const guint expected[] = {0, 0, 0, 3, 4, 5, 6, 7, 8, 9};
    guint groups[G_N_ELEMENTS(questions)];
    g_autoptr(ClusterIndex) index = cluster_index_new(questions, G_N_ELEMENTS(questions));
    cluster_groups(index, groups);
    for (gsize i = 0; i < G_N_ELEMENTS(questions); i++)
        g_assert_cmpuint(groups[i], ==, expected[i]);
}

/* The slow way: a table of all prefixes. */
static guint common_subsequence(const gunichar *a, guint n, const gunichar *b, guint m) {
    g_autofree guint *row = g_new0(guint, m + 1);
    for (guint i = 0; i < n; i++) {
        guint diagonal = 0;
        for (guint j = 0; j < m; j++) {
            guint above = row[j + 1];
            row[j + 1] = a[i] == b[j] ? diagonal + 1 : MAX(above, row[j]);
            diagonal = above;
        }
    }
    return row[m];
}

static void test_order(void) {
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    gunichar a[CLUSTER_TEXT_MAX], b[CLUSTER_TEXT_MAX];
    for (guint round = 0; round < 200; round++) {
        guint n = (guint)g_rand_int_range(random, 0, round < 100 ? 20 : CLUSTER_TEXT_MAX + 1);
        guint m = (guint)g_rand_int_range(random, 0, round < 100 ? 20 : CLUSTER_TEXT_MAX + 1);
        guint counts[2][8] = {0}, common = 0;
        for (guint i = 0; i < n; i++)
            counts[0][a[i] = (gunichar)g_rand_int_range(random, 0, 8)]++;
        for (guint i = 0; i < m; i++)
            counts[1][b[i] = (gunichar)g_rand_int_range(random, 0, 8)]++;
        for (guint i = 0; i < 8; i++)
            common += MIN(counts[0][i], counts[1][i]);
        g_autoptr(ClusterOrder) order = cluster_order_new(a, n);
        double expected = common > 0 ? (double)common_subsequence(a, n, b, m) / common : 1;
        g_assert_cmpfloat(cluster_order_share(order, b, m), ==, expected);
        g_assert_cmpfloat(cluster_order_share(order, b, m), ==, expected); /* the scratch is clean again */
    }
}

static void test_words(void) {
    g_autoptr(ClusterIndex) index = cluster_index_new(questions, G_N_ELEMENTS(questions));
    g_auto(GStrv) words = cluster_shared_words(index, questions[0], questions[2], 3);
    g_assert_cmpstr(words[0], ==, "宿舍的空调坏了怎么");
    g_auto(GStrv) none = cluster_shared_words(index, questions[0], questions[9], 3);
    g_assert_null(none[0]);
}

static void test_neighbours(void) {
    g_autoptr(ClusterIndex) index = cluster_index_new(questions, G_N_ELEMENTS(questions));
    g_autoptr(GArray) near = cluster_neighbours(index, 0, 2);
    g_assert_cmpuint(near->len, ==, 2);
    g_assert_cmpuint(g_array_index(near, ClusterNeighbour, 0).question, ==, 1);
    g_assert_cmpfloat(g_array_index(near, ClusterNeighbour, 0).likeness, ==, 1.0);
    g_assert_cmpuint(g_array_index(near, ClusterNeighbour, 1).question, ==, 2);
    g_autoptr(GArray) none = cluster_neighbours(index, 6, 5);
    g_assert_cmpuint(none->len, ==, 0);
    g_autoptr(ClusterIndex) empty = cluster_index_new(NULL, 0);
    cluster_groups(empty, NULL);
}

/* All alike, or all the same: the work a question stays bounded. */
static void test_many(void) {
    enum { N = 5000 };
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < N; i++)
        g_ptr_array_add(texts, i % 2 ? g_strdup("食堂几点关门") : g_strdup_printf("宿舍%u号的灯坏了", i));
    g_autoptr(ClusterIndex) index = cluster_index_new((const char *const *)texts->pdata, N);
    g_autofree guint *groups = g_new(guint, N);
    gint64 start_us = g_get_monotonic_time();
    cluster_groups(index, groups);
    g_assert_cmpint(g_get_monotonic_time() - start_us, <, 30 * G_USEC_PER_SEC);
    for (guint i = 0; i < N; i++)
        g_assert_cmpuint(groups[i], ==, i % 2 ? 1 : i);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cluster/order", test_order);
    g_test_add_func("/cluster/words", test_words);
    g_test_add_func("/cluster/never-same", test_never_same);
    g_test_add_func("/cluster/same", test_same);
    g_test_add_func("/cluster/groups", test_groups);
    g_test_add_func("/cluster/neighbours", test_neighbours);
    g_test_add_func("/cluster/many", test_many);
    return g_test_run();
}
