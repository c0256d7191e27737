/* How close two names of organizations are: every pair that people must not mistake, and every way that they
 * write one. */
#include "gateway/core/names.h"

#include <string.h>

#include "parsers/label.h"

static const char *const listed[] = {"护理学院学生会",
                                     "护理学院团委",
                                     "护理学院团委学生会",
                                     "医学院学生会",
                                     "第一临床学院学生会",
                                     "第二临床学院学生会",
                                     "校学生会",
                                     "计算机科学与技术学院学生会",
                                     "材料科学与工程学院团委",
                                     "机械工程学院学生会",
                                     "经济管理学院学生会",
                                     "大学生艺术团",
                                     "生命科学学院青年志愿者协会",
                                     "理学院研究生会",
                                     "Rowing Club",
                                     "Women's Rowing Club",
                                     "Table Tennis Club",
                                     "Alumni Cheerleading Club"};

/* The vocabulary of a roster with those names. */
static NameVocabulary *vocabulary_of_listed(void) {
    NameVocabulary *vocabulary = name_vocabulary_new();
    for (gsize i = 0; i < G_N_ELEMENTS(listed); i++) {
        g_autoptr(NameForm) form = name_form_new(listed[i]);
        name_vocabulary_add(vocabulary, form);
    }
    return vocabulary;
}

static const struct {
    const char *written, *known;
    NameCloseness closeness;
} pairs[] = {
    {"护理学院 学生会", "护理学院学生会", NAME_SAME},
    {"青山大学护理学院学生会", "护理学院学生会", NAME_SAME},
    {"云岭理工大学生命科学学院青年志愿者协会", "生命科学学院青年志愿者协会", NAME_SAME},
    {"北原学院护理学院学生会", "护理学院学生会", NAME_SAME},
    {"青山大学学生会", "校学生会", NAME_SAME},
    {"学生会", "校学生会", NAME_OTHER},
    {"共青团青山大学护理学院委员会", "护理学院团委", NAME_SAME},
    {"護理學院學生會", "护理学院学生会", NAME_SAME},
    {"护理学院分团委", "护理学院团委", NAME_SYNONYM},
    {"艺术团", "大学生艺术团", NAME_SYNONYM},
    {"生命科学学院青协", "生命科学学院青年志愿者协会", NAME_SYNONYM},
    {"计科院学生会", "计算机科学与技术学院学生会", NAME_SHORT},
    {"材料学院分团委", "材料科学与工程学院团委", NAME_SHORT},
    {"经管院学生会", "经济管理学院学生会", NAME_SHORT},
    {"经济学院学生会", "经济管理学院学生会", NAME_OTHER},
    {"护里学院学生会", "护理学院学生会", NAME_SLIP},
    {"护理学院生学会", "护理学院学生会", NAME_SLIP},
    {"学生会护理学院", "护理学院学生会", NAME_SLIP},
    {"护理学院学生会宣传部", "护理学院学生会", NAME_PART},
    {"护理学院学生会", "护理学院团委学生会", NAME_OTHER},
    {"护理学院团委", "护理学院学生会", NAME_OTHER},
    {"药学院学生会", "医学院学生会", NAME_OTHER},
    {"中医学院学生会", "医学院学生会", NAME_OTHER},
    {"第三临床学院学生会", "第一临床学院学生会", NAME_OTHER},
    {"机电工程学院学生会", "机械工程学院学生会", NAME_OTHER},
    {"管理学院研究生会", "理学院研究生会", NAME_OTHER},
    {"护理系学生会", "护理学院学生会", NAME_OTHER},
    {"医学院学生会", "护理学院学生会", NAME_OTHER},
    {"Student Union of the School of Nursing", "护理学院学生会", NAME_FOREIGN},
    {"University of Riverton Rowing Club", "Rowing Club", NAME_SAME},
    {"Rowing Club, Riverton University", "Rowing Club", NAME_SAME},
    {"Rowing", "Rowing Club", NAME_SYNONYM},
    {"Rowing (Women)", "Women's Rowing Club", NAME_SYNONYM},
    {"Womens Rowing Society", "Women’s Rowing Club", NAME_SYNONYM},
    {"Alumni Cheerledaing Club", "Alumni Cheerleading Club", NAME_SLIP},
    {"Rowing Club", "Women's Rowing Club", NAME_OTHER},
    {"Men's Rowing Club", "Rowing Club", NAME_OTHER},
    {"Tennis Club", "Table Tennis Club", NAME_OTHER},
    {"Club", "Rowing Club", NAME_OTHER},
    {"", "Rowing Club", NAME_OTHER},
    {"", "", NAME_OTHER},
};

static void test_pairs(void) {
    g_autoptr(NameVocabulary) vocabulary = vocabulary_of_listed();
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autoptr(NameForm) written = name_form_new(pairs[i].written);
        g_autoptr(NameForm) known = name_form_new(pairs[i].known);
        NameCloseness found = name_closeness(vocabulary, written, known);
        if (found != pairs[i].closeness)
            g_error("“%s” to “%s”: %d instead of %d", pairs[i].written, pairs[i].known, found,
                    pairs[i].closeness);
    }
}

/* No listed name is ever taken for another listed one. */
static void test_listed(void) {
    g_autoptr(NameVocabulary) vocabulary = vocabulary_of_listed();
    for (gsize i = 0; i < G_N_ELEMENTS(listed); i++)
        for (gsize j = 0; j < G_N_ELEMENTS(listed); j++) {
            g_autoptr(NameForm) a = name_form_new(listed[i]), b = name_form_new(listed[j]);
            NameCloseness found = name_closeness(vocabulary, a, b);
            g_assert_cmpint(found >= NAME_FOREIGN, ==, i != j);
        }
}

static const struct {
    const char *text, *name;
    bool holds;
} texts[] = {
    {"护理学院学生会双周报", "护理学院学生会", true},
    {"张三\n青山大学护理学院学生会 联络员", "护理学院学生会", true},
    {"中医学院学生会双周报", "医学院学生会", false},
    {"护理学院团委学生会双周报", "护理学院团委", false},
    {"护理学院团委 学生会", "护理学院团委", true},
    {"Women's Rowing Club_weekly report.docx", "rowingclub", false},
    {"Women's Rowing Club_weekly report.docx", "womensrowingclub", true},
    {"the Rowing Club", "rowingclub", true},
    {"Rowing Clubs", "rowingclub", false},
    {"", "护理学院学生会", false},
    {"护理学院学生会", "", false},
};

static void test_texts(void) {
    g_autoptr(NameVocabulary) vocabulary = vocabulary_of_listed();
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(NameText) text = name_text_new(texts[i].text);
        g_autofree char *normal = label_normal_form(texts[i].name, -1);
        if (name_text_holds(vocabulary, text, normal) != texts[i].holds)
            g_error("“%s” in “%s”", texts[i].name, texts[i].text);
    }
}

/* Bytes that are no text, and very long names, are taken apart as far as they go. */
static void test_hostile(void) {
    g_autoptr(GString) name = g_string_new(NULL);
    for (int i = 0; i < 20000; i++)
        g_string_append(name, i % 3 ? "学院" : "a' ");
    const char *const hostile[] = {name->str, "\xff\xfe", "\xe6\x8a", "校",
                                   "大学",    "大学学院", "院",       "''' s s"};
    for (gsize i = 0; i < G_N_ELEMENTS(hostile); i++)
        for (gsize j = 0; j < G_N_ELEMENTS(hostile); j++) {
            g_autoptr(NameForm) a = name_form_new(hostile[i]), b = name_form_new(hostile[j]);
            g_autoptr(NameText) text = name_text_new(hostile[i]);
            (void)name_closeness(NULL, a, b);
            (void)name_text_holds(NULL, text, "学院");
        }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/names/pairs", test_pairs);
    g_test_add_func("/names/listed", test_listed);
    g_test_add_func("/names/texts", test_texts);
    g_test_add_func("/names/hostile", test_hostile);
    return g_test_run();
}
