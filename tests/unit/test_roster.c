/* Who is who: identification never guesses between look-alikes; what a receipt changes. */
#include "gateway/core/roster.h"

#include <string.h>

#include "tests/unit/world.h"

static World *roster_world(void) {
    World *world = world_new();
    Organization *nursing = world_organization(world, 1, "护理学院学生会", "nursing@example.edu.cn");
    world_contact(nursing, "advisor", "指导老师", "advisor@example.edu.cn", NULL);
    g_ptr_array_add(nursing->aliases, g_strdup("护院学生会"));
    world_organization(world, 2, "护理学院团委", "League@Example.edu.cn");
    world_organization(world, 3, "校学生会", "union@example.edu.cn");
    world_organization(world, 4, "化学学院学生会", NULL);
    world_organization(world, 5, "化工学院学生会", NULL);
    world_organization(world, 6, "青年志愿者协会", "shared@example.edu.cn");
    world_organization(world, 7, "Rowing Club", "shared@example.edu.cn");
    world_organization(world, 8, "文学社", NULL);
    world_organization(world, 9, "文学社", "letters@example.edu.cn");
    return world;
}

typedef struct {
    const char *from, *name, *signature, *subject;
    gint64 org_id;
    RosterSure sure;
    bool contradiction, ambiguous;
    const char *why;
} Case;

static const Case cases[] = {
    {"nursing@example.edu.cn", "护理学院学生会", NULL, NULL, 1, SURE_ADDRESS, false, false, "registered"},
    {"NURSING@example.EDU.cn", NULL, NULL, NULL, 1, SURE_ADDRESS, false, false, "case of an address"},
    {"advisor@example.edu.cn", "", NULL, NULL, 1, SURE_ADDRESS, false, false, "the advisor speaks too"},
    {"nursing@example.edu.cn", "护理 学院 学生会：", NULL, NULL, 1, SURE_ADDRESS, false, false,
     "normal form"},
    {"nursing@example.edu.cn", "护院学生会", NULL, NULL, 1, SURE_ADDRESS, false, false, "an alias"},
    {"nursing@example.edu.cn", "某大学护理学院学生会", NULL, NULL, 1, SURE_ADDRESS, false, false,
     "longer name"},
    {"nursing@example.edu.cn", "学生会护理学院", NULL, NULL, 1, SURE_ADDRESS, false, false, "turned round"},
    {"nursing@example.edu.cn", "护里学院学生会", NULL, NULL, 1, SURE_ADDRESS, false, false, "one character"},
    {"nursing@example.edu.cn", "护理学院团委", NULL, NULL, 0, SURE_UNKNOWN, true, false, "another's name"},
    {"nursing@example.edu.cn", "护理学院青协", NULL, NULL, 0, SURE_UNKNOWN, true, false,
     "a name that is not listed but surely another body"},
    {"league@example.edu.cn", "护理学院学生会", NULL, NULL, 0, SURE_UNKNOWN, true, false, "look-alike"},
    {"x@example.com", "护理学院学生会", NULL, NULL, 1, SURE_NAME, false, false, "name alone"},
    {"x@example.com", "护理学院", NULL, NULL, 0, SURE_UNKNOWN, false, false, "two fit a half name"},
    {"x@example.com", "护理学院学生", NULL, NULL, 1, SURE_LIKELY, false, false, "clearly the most alike"},
    {"x@example.com", "化字学院学生会", NULL, NULL, 0, SURE_UNKNOWN, false, false, "学 or 工: never guessed"},
    {"x@example.com", "学生会", NULL, NULL, 0, SURE_UNKNOWN, false, false, "too little"},
    {"x@example.com", "外国语学院团委", NULL, NULL, 0, SURE_UNKNOWN, false, false, "not on the list"},
    {"x@example.com", "文学社", NULL, NULL, 0, SURE_UNKNOWN, false, true, "two of that name"},
    {"letters@example.edu.cn", "文学社", NULL, NULL, 9, SURE_ADDRESS, false, false,
     "the address tells them apart"},
    {"shared@example.edu.cn", NULL, NULL, NULL, 0, SURE_UNKNOWN, false, true, "speaks for two"},
    {"shared@example.edu.cn", "ROWING club", NULL, NULL, 7, SURE_ADDRESS, false, false, "the name decides"},
    {"x@example.com", NULL, "张三\n护理学院学生会 联络员", NULL, 1, SURE_LIKELY, false, false, "signature"},
    {"x@example.com", NULL, "护理学院学生会、护理学院团委", NULL, 0, SURE_UNKNOWN, false, false,
     "a signature of two"},
    {"x@example.com", NULL, "文学社", NULL, 0, SURE_UNKNOWN, false, false, "short names prove nothing"},
    {"x@example.com", NULL, "", "青年志愿者协会双周报", 6, SURE_LIKELY, false, false, "subject"},
    {"x@example.com", "外国语学院团委", "护理学院学生会", NULL, 0, SURE_UNKNOWN, false, false,
     "the form names somebody else: the signature does not count"},
    {NULL, NULL, NULL, NULL, 0, SURE_UNKNOWN, false, false, "nothing at all"},
    {"", "。。。", NULL, NULL, 0, SURE_UNKNOWN, false, false, "a name of punctuation"},
};

static void test_identify(void) {
    g_autoptr(World) world = roster_world();
    g_autoptr(View) view = view_new(world->snapshot);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *c = &cases[i];
        g_auto(RosterMatch) match = {0};
        const RosterClues clues = {
            .from = c->from, .name_in_form = c->name, .signature = c->signature, .subject = c->subject};
        roster_identify(view, &clues, &match);
        if (match.org_id != c->org_id || match.sure != c->sure || match.contradiction != c->contradiction ||
            match.ambiguous != c->ambiguous)
            g_error("%s: organization %d, sure %d, contradiction %d, ambiguous %d (%s)", c->why,
                    (int)match.org_id, (int)match.sure, match.contradiction, match.ambiguous,
                    match.evidence_en);
        g_assert_nonnull(match.evidence_zh);
        g_assert_nonnull(match.evidence_en);
    }
}

static void test_compare(void) {
    static const struct {
        const char *a, *b;
        NameRelation relation;
    } pairs[] = {
        {"护理学院学生会", "护理学院学生会", NAMES_EQUAL},
        {"护理学院学生会", "护理学院团委", NAMES_DIFFERENT},
        {"护理学院学生会", "护理学院", NAMES_ONE_LONGER},
        {"护理学院学生会", "某大学护理学院学生会", NAMES_ONE_LONGER},
        {"文学院", "理学院", NAMES_DIFFERENT},
        {"护理学院学生会", "护里学院学生会", NAMES_NEARLY_EQUAL},
        {"护理学院学生会", "学生会护理学院", NAMES_NEARLY_EQUAL},
        {"护理系学生会", "护理学院学生会", NAMES_DIFFERENT},
        {"甲", "乙", NAMES_DIFFERENT},
        {"", "甲", NAMES_DIFFERENT},
        {"", "", NAMES_EQUAL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_assert_cmpint(roster_compare_names(pairs[i].a, pairs[i].b), ==, pairs[i].relation);
        g_assert_cmpint(roster_compare_names(pairs[i].b, pairs[i].a), ==, pairs[i].relation);
    }
}

/* A very long name must neither crash nor take long. */
static void test_hostile(void) {
    g_autoptr(World) world = roster_world();
    g_autoptr(View) view = view_new(world->snapshot);
    GString *name = g_string_new(NULL);
    for (int i = 0; i < 20000; i++)
        g_string_append(name, i % 2 ? "学生" : "团委");
    g_auto(RosterMatch) match = {0};
    const RosterClues clues = {.from = "x@example.com",
                               .name_in_form = name->str,
                               .signature = name->str,
                               .subject = name->str,
                               .text = name->str};
    roster_identify(view, &clues, &match);
    g_assert_cmpint(match.org_id, ==, 0);
    g_string_free(name, TRUE);
    g_auto(RosterMatch) broken = {0};
    const RosterClues bytes = {
        .from = "\xff\xfe", .name_in_form = "\xe6\x8a", .signature = "\xe6", .subject = "\xff"};
    roster_identify(view, &bytes, &broken);
    g_assert_cmpint(broken.org_id, ==, 0);
}

static void test_contacts(void) {
    g_autoptr(World) world = world_new();
    Organization *organization = world_organization(world, 1, "护理学院学生会", NULL);
    g_assert_null(roster_contact(organization));
    world_contact(organization, "advisor", "甲", "advisor@example.edu.cn", "13800000001");
    g_assert_null(
        roster_contact(organization)); /* an advisor is never reminded in the organization's place */
    g_assert_null(roster_phone_contact(organization));
    world_contact(organization, "leader", "乙", NULL, "13800000002");
    world_contact(organization, "sender", "丙", "sender@example.edu.cn", NULL);
    g_assert_cmpstr(roster_contact(organization)->name, ==, "丙");
    g_assert_cmpstr(roster_phone_contact(organization)->name, ==, "乙");
    world_contact(organization, "liaison", "丁", "liaison@example.edu.cn", "");
    g_assert_cmpstr(roster_contact(organization)->name, ==, "丁");
    g_assert_cmpstr(roster_contact_of_role(organization, "advisor")->name, ==, "甲");
    g_assert_null(roster_contact_of_role(organization, "leader"));
    g_assert_true(roster_has_address(organization, "LIAISON@example.edu.cn"));
    g_assert_false(roster_has_address(organization, ""));
    g_assert_cmpstr(roster_role(world->programme, "section_head", "生活")->address, ==,
                    "head@example.edu.cn");
    g_assert_null(roster_role(world->programme, "section_head", "学习"));
    g_assert_cmpstr(roster_role_of_address(world->programme, "Leader@example.edu.cn")->role, ==, "leader");
}

static char *update_text(const RosterUpdate *update) {
    GString *text = g_string_new(NULL);
    if (update == NULL)
        return g_string_free(g_string_append(text, "none"), FALSE);
    g_string_append_printf(text, "%s%s", update->name != NULL ? "new " : "",
                           update->section != NULL ? update->section : "");
    for (guint i = 0; i < update->contacts->len; i++) {
        const Contact *contact = g_ptr_array_index(update->contacts, i);
        g_string_append_printf(
            text, "|%s:%s,%s,%s", contact->role, contact->name != NULL ? contact->name : "",
            contact->address != NULL ? contact->address : "", contact->phone != NULL ? contact->phone : "");
    }
    if (update->confirm_address != NULL)
        g_string_append_printf(text, "|confirm %s", update->confirm_address);
    return g_string_free(text, FALSE);
}

static void test_update(void) {
    static const struct {
        bool is_new;
        const char *known_name, *known_address; /* of the liaison */
        const char *fields, *sender, *expected, *why;
    } updates[] = {
        {true, NULL, NULL, "{'desk':{'value':'丁'},'desk_mail':{'value':'d@example.com'}}", "d@example.com",
         "new |liaison:丁,d@example.com,", "a new organization"},
        {true, NULL, NULL, "{'desk':{'value':'丁'},'desk_mail':{'value':'d@example.com'}}", "s@example.com",
         "new |liaison:丁,d@example.com,|sender:,s@example.com,", "the sender may report too"},
        {false, "丁", "d@example.com", "{'desk':{'value':'丁'},'desk_mail':{'value':'d@example.com'}}",
         "d@example.com", "none", "nothing new"},
        {false, "丁", "d@example.com", "{'section':{'value':'生活'}}", "D@example.com", "生活",
         "the section"},
        {false, "丁", "d@example.com", "{'desk':{'value':'丁'},'desk_mail':{'value':'e@example.com'}}",
         "d@example.com", "|liaison:丁,e@example.com,|confirm d@example.com",
         "a new address is told to the old"},
        {false, "丁", "d@example.com", "{'desk':{'value':'戊'}}", "d@example.com",
         "|liaison:戊,,|confirm d@example.com", "another person inherits no address"},
        {false, "丁", "d@example.com", "{'boss':{'value':'乙'},'boss_phone':{'value':'13800000002'}}", NULL,
         "|leader:乙,,13800000002", "another role"},
        {false, "丁", "d@example.com", "{'desk':{'value':null}}", "d@example.com", "none", "left blank"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(updates); i++) {
        g_autoptr(World) world = world_new();
        Organization *organization = world_organization(world, 1, "护理学院学生会", NULL);
        if (updates[i].known_name != NULL)
            world_contact(organization, "liaison", updates[i].known_name, updates[i].known_address, NULL);
        json_t *fields = json_of(updates[i].fields);
        g_autoptr(RosterUpdate) update = roster_update_from_fields(
            g_ptr_array_index(world->programme->roster_maps, 0), updates[i].is_new ? NULL : organization,
            "护理学院学生会", fields, updates[i].sender);
        g_autofree char *text = update_text(update);
        if (strcmp(text, updates[i].expected) != 0)
            g_error("%s: %s", updates[i].why, text);
        json_decref(fields);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/roster/identify", test_identify);
    g_test_add_func("/roster/compare", test_compare);
    g_test_add_func("/roster/hostile", test_hostile);
    g_test_add_func("/roster/contacts", test_contacts);
    g_test_add_func("/roster/update", test_update);
    return g_test_run();
}
