/* XML as events: the plain reading, libxml2's, and that both tell the same. */
#include "parsers/xml.h"

#include <string.h>

#include "parsers/xml_plain.h"

enum { TOKEN_A = 1, TOKEN_B, TOKEN_SPACED, TOKEN_PROPERTIES };

#define SPACE_URI "urn:example:space"

static const char *const URIS[] = {SPACE_URI, "urn:example:strict", NULL};
static const char *const *const SPACES[] = {URIS};
static const XmlName NAMES[] = {{"a", XML_ANY_SPACE, TOKEN_A},
                                {"b", XML_ANY_SPACE, TOKEN_B},
                                {"s", 0, TOKEN_SPACED},
                                {"aPr", XML_ANY_SPACE, TOKEN_PROPERTIES}};
static const XmlGrammar GRAMMAR = {NAMES, G_N_ELEMENTS(NAMES), SPACES, G_N_ELEMENTS(SPACES)};

static bool on_start(void *user, int token, const XmlAttributes *attributes) {
    g_autofree char *value = xml_attribute_dup(attributes, "v");
    g_string_append_printf(user, "<%d", token);
    if (value)
        g_string_append_printf(user, " v=[%s]", value);
    g_string_append_c(user, '>');
    return true;
}

static void on_end(void *user, int token) {
    g_string_append_printf(user, "</%d>", token);
}

static void on_text(void *user, const char *text, gsize length) {
    g_string_append_len(user, text, (gssize)length);
}

/* The events, and the name of what is wrong. */
static char *log_of(const char *xml, gsize length) {
    static const XmlHandler handler = {&GRAMMAR, on_start, on_end, on_text};
    g_autoptr(GBytes) bytes = g_bytes_new_static(xml, length);
    GString *log = g_string_new(NULL);
    ProblemCode code;
    if (!xml_read(bytes, &handler, log, &code))
        g_string_append_printf(log, " !%s", problem_code_name(code));
    return g_string_free(log, FALSE);
}

static bool ignore_start(void *user, const XmlPlainTag *tag) {
    return true;
}

static bool ignore_end(void *user, const char *behind) {
    return true;
}

static void ignore_text(void *user, const char *text, gsize length) {
}

static bool ignore_repeat(void *user, const char *tag, gsize left, gsize *ret_length) {
    return true;
}

static bool is_plain(const char *xml) {
    static const XmlPlainEvents events = {ignore_start, ignore_end, ignore_text, ignore_repeat};
    gsize length = strlen(xml);
    g_autofree char *exact = g_memdup2(xml, length); /* so that a byte behind it is noticed */
    return xml_plain_read(exact, length, &events, NULL);
}

typedef struct {
    const char *why, *xml, *log;
    bool is_plain;
} Case;

#define NS "xmlns:w='" SPACE_URI "'"

static const Case CASES[] = {
    {"text and empty elements", "<a>x<b/>y<b></b></a>", "<1>x<2></2>y<2></2></1>", true},
    {"attributes in any quotes", "<a q='1' v=\"it's\"><b v = 'a>b' /></a>", "<1 v=[it's]><2 v=[a>b]></2></1>",
     true},
    {"references", "<a v='&lt;&#65;&#x4e2d;&quot;'>&amp;&#x20;&gt;&apos;</a>", "<1 v=[<A中\"]>& >'</1>",
     true},
    {"white space of a value", "<a v='x\n\ty&#10;z'/>", "<1 v=[x  y\nz]></1>", true},
    {"line ends", "<a>x\r\ny\rz</a>", "<1>x\ny\nz</1>", true},
    {"the name with its space", "<r " NS "><w:s/><s/><x:s xmlns:x='urn:example:strict'/></r>",
     "<0><3></3><0></0><3></3></0>", true},
    {"a prefix declared anew inside", "<r " NS "><q xmlns:w='urn:other'><w:s/></q><w:s/></r>",
     "<0><0><0></0></0><3></3></0>", true},
    {"the default space, and none again", "<s xmlns='" SPACE_URI "'><q xmlns=''><s/></q><s/></s>",
     "<3><0><0></0></0><3></3></3>", true},
    {"a prefix of an attribute does not matter", "<a " NS " w:v='1'/>", "<1 v=[1]></1>", true},
    {"comments, instructions, CDATA",
     "<?xml version='1.0' encoding='utf-8'?><!-- <b> --><a><?p x?><![CDATA[<b>]]></a>\n", "<1><b></1>", true},
    {"byte order mark", "\xEF\xBB\xBF<a>é</a>", "<1>é</1>", true},
    {"a prefix of two", "<a w:w:v='2' v='1'/>", "<1 v=[1]></1>", true},
    {"broken late", "<a v='1'>x&amp;y<!-- c -->z<b/>&lt;<b>u<![CDATA[v]]>w&nbsp;</b>x</a>",
     "<1 v=[1]>x&yz<2></2><<2>uvw</2>x</1> !damaged", false},
    {"mismatched tags", "<a><b>x</a>", "<1><2>x</2></1> !damaged", false},
    {"cut off", "<a>x<b>y", "<1>x<2>y</2></1> !damaged", false},
    {"an unknown entity", "<a>x&nbsp;y</a>", "<1>xy</1> !damaged", false},
    {"a control character", "<a>x\x01y</a>", NULL, false},
    {"no UTF-8", "<a>x\xFFy</a>", NULL, false},
    {"another charset", "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>", "<1>é</1>", false},
    {"a document type", "<!DOCTYPE a><a>x</a>", " !damaged", false},
    {"entities declared", "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", NULL, false},
    {"two roots", "<a/><b/>", NULL, false},
    {"text outside", "x<a/>", NULL, false},
    {"a less-than sign in a value", "<a v='<'/>", NULL, false},
    {"attributes that touch", "<a q='1'v='2'/>", NULL, false},
    {"nothing", "", " !damaged", false},
};

/* A NUL byte, which ends what C takes for a string, is well-formed nowhere; in a comment it harms nobody. */
static void test_nul_byte(void) {
    static const char document[] = "<r " NS " v='1' value='2'><w:sheet q='a'>x</w:sheet><!-- c --><w:s/></r>";
    gsize length = strlen(document), comment = (gsize)(strstr(document, "<!--") - document);
    for (gsize i = 0; i < length; i++) {
        g_autofree char *changed = g_memdup2(document, length);
        changed[i] = 0;
        g_autofree char *log = log_of(changed, length);
        g_test_message("%" G_GSIZE_FORMAT ": %s", i, log);
        if (i < comment || i >= comment + strlen("<!-- c -->"))
            g_assert_nonnull(strstr(log, " !damaged"));
    }
}

static void test_cases(void) {
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const Case *c = &CASES[i];
        g_autofree char *log = log_of(c->xml, strlen(c->xml));
        g_test_message("%s: %s", c->why, log);
        if (c->log)
            g_assert_cmpstr(log, ==, c->log);
        g_assert_cmpint(is_plain(c->xml), ==, c->is_plain);
    }
}

/* A comment inside a declared subset makes it another kind; ISO-8859-1 leaves ASCII as it is. */
static void test_same_events(void) {
    static const char declaration[] = "<?xml version='1.0' encoding='ISO-8859-1'?>";
    guint compared = 0;
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        if (!CASES[i].is_plain || *CASES[i].xml != '<' || CASES[i].xml[1] == '?')
            continue;
        g_autofree char *other = g_strconcat(declaration, CASES[i].xml, NULL);
        g_autofree char *plain = log_of(CASES[i].xml, strlen(CASES[i].xml));
        g_autofree char *complete = log_of(other, strlen(other));
        g_assert_false(is_plain(other));
        g_assert_cmpstr(plain, ==, complete);
        compared++;
    }
    g_assert_cmpuint(compared, >=, 8);
}

/* Whatever a few changed bytes make of a document: what is taken as plain is also well-formed for libxml2,
 * and tells the same; where the plain reading gave up half way, libxml2 goes on without saying anything
 * twice.
 */
/* Empty elements that the grammar does not know may be told or not. */
static char *without_unknown(const char *log) {
    g_autoptr(GRegex) unknown = g_regex_new("<0(?: v=\\[[^]]*\\])?></0>", G_REGEX_OPTIMIZE, 0, NULL);
    char *left = g_strdup(log);
    while (g_regex_match(unknown, left, 0, NULL)) {
        char *fewer = g_regex_replace_literal(unknown, left, -1, 0, "", 0, NULL);
        g_free(left);
        left = fewer;
    }
    return left;
}

static void compare_mutated(const char *document, guint rounds) {
    static const char declaration[] = "<?xml version='1.0' encoding='ISO-8859-1'?>";
    static const char letters[] = "<>/&;='\" abx!-?:#1\n";
    GRand *random = g_rand_new_with_seed(20161127);
    guint plain = 0;
    for (guint round = 0; round < rounds; round++) {
        g_autofree char *mutated = g_strdup(document);
        for (guint k = 0; k < 1 + round % 3; k++)
            mutated[g_rand_int_range(random, 0, (gint)strlen(document))] =
                letters[g_rand_int_range(random, 0, (gint)sizeof letters - 1)];
        g_autofree char *other = g_strconcat(declaration, mutated, NULL);
        g_autofree char *log = log_of(mutated, strlen(mutated)), *complete = log_of(other, strlen(other));
        bool is_whole = is_plain(mutated);
        plain += is_whole;
        if (strcmp(log, complete) == 0 || (strstr(complete, " !") && is_whole))
            continue; /* an attribute that stands twice is no damage */
        g_autofree char *known = without_unknown(log), *known_of_all = without_unknown(complete);
        g_assert_cmpstr(known, ==, known_of_all);
    }
    g_rand_free(random);
    g_assert_cmpuint(plain, >, rounds / 40);
}

static void test_same_events_mutated(void) {
    compare_mutated("<r " NS " v='1 &amp; 2'><w:s v='a'>x &lt; y</w:s><!-- c --><a/><b>z</b></r>", 40000);
}

/* Properties that repeat are told again as if they were read again: plain, with a comment, with text, with a
 * namespace of their own, one in another. */
static void test_same_events_repeated(void) {
#define PROPERTIES "<aPr v='1'><b v='&lt;'/><w:s/></aPr>"
    compare_mutated("<r " NS ">" PROPERTIES "x" PROPERTIES "<a>" PROPERTIES "</a></r>", 8000);
    compare_mutated("<r " NS
                    "><aPr><!-- c --><b/></aPr><aPr><!-- c --><b/></aPr><aPr>t<b/></aPr><aPr>t<b/></aPr>"
                    "<aPr/><aPr/><aPr></aPr></r>",
                    8000);
    compare_mutated("<r " NS "><aPr><w:s xmlns:w='urn:other'/></aPr><aPr><w:s xmlns:w='urn:other'/></aPr>"
                    "<a xmlns:w='urn:third'><aPr><w:s/></aPr></a><aPr><w:s/></aPr><aPr><w:s/></aPr></r>",
                    8000);
    compare_mutated("<r " NS "><aPr><aPr v='2'/><b/></aPr><aPr v='2'/><aPr><aPr v='2'/><b/></aPr></r>", 8000);
#undef PROPERTIES
}

/* What nobody knows is passed over the second time, but for the way to something known. */
static void test_repeated_unknown(void) {
    static const char xml[] = "<r><rPr><u/><w><a v='1'/></w></rPr><rPr><u/><w><a v='1'/></w></rPr></r>";
    g_autofree char *log = log_of(xml, strlen(xml));
    g_assert_cmpstr(log, ==, "<0><0><0></0><0><1 v=[1]></1></0></0><0><0><1 v=[1]></1></0></0></0>");
}

static bool stop_at_second(void *user, int token, const XmlAttributes *attributes) {
    guint *left = user;
    return token != TOKEN_A || (*left)-- > 0;
}

static void count_end(void *user, int token) {
}

/* A handler that has enough while a repeated element is told is asked nothing more. */
static void test_repeated_stopped(void) {
    static const XmlHandler handler = {&GRAMMAR, stop_at_second, count_end, ignore_text};
    g_autoptr(GBytes) bytes = g_bytes_new_static("<r><aPr><a/></aPr><aPr><a/></aPr><a/><a/></r>", 45);
    guint left = 1;
    ProblemCode code;
    g_assert_false(xml_read(bytes, &handler, &left, &code));
    g_assert_cmpint(code, ==, PROBLEM_LIMIT);
    g_assert_cmpuint(left, ==, G_MAXUINT);
}

/* More than is kept, and longer: all of it is still read. */
static void test_repeated_many(void) {
    g_autoptr(GString) xml = g_string_new("<r>");
    for (guint round = 0; round < 3; round++)
        for (guint i = 0; i < 400; i++) {
            g_string_append_printf(xml, "<aPr v='%u'>", i % 100);
            for (guint k = 0; k < (i % 100 == 99 ? 300u : 3u); k++)
                g_string_append_printf(xml, "<b v='%u'/>", k);
            g_string_append(xml, "</aPr>");
        }
    g_string_append(xml, "</r>");
    g_autofree char *other = g_strconcat("<?xml version='1.0' encoding='ISO-8859-1'?>", xml->str, NULL);
    g_autofree char *log = log_of(xml->str, xml->len), *complete = log_of(other, strlen(other));
    g_assert_cmpstr(log, ==, complete);
}

/* More namespaces than any document declares are a limit, not quadratic work. */
static void test_namespaces_limited(void) {
    g_autoptr(GString) xml = g_string_new("<a");
    for (guint i = 0; i < 5000; i++)
        g_string_append_printf(xml, " xmlns:n%u='urn:%u'", i, i);
    g_string_append(xml, ">x</a>");
    g_autofree char *log = log_of(xml->str, xml->len);
    g_assert_cmpstr(log, ==, " !limit");
}

static void test_depth_limited(void) {
    g_autoptr(GString) xml = g_string_new(NULL);
    for (guint i = 0; i < 2000; i++)
        g_string_append(xml, "<a>");
    g_autofree char *log = log_of(xml->str, xml->len);
    g_assert_true(g_str_has_suffix(log, " !limit"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml/cases", test_cases);
    g_test_add_func("/xml/nul-byte", test_nul_byte);
    g_test_add_func("/xml/same-events", test_same_events);
    g_test_add_func("/xml/same-events-mutated", test_same_events_mutated);
    g_test_add_func("/xml/same-events-repeated", test_same_events_repeated);
    g_test_add_func("/xml/repeated-unknown", test_repeated_unknown);
    g_test_add_func("/xml/repeated-stopped", test_repeated_stopped);
    g_test_add_func("/xml/repeated-many", test_repeated_many);
    g_test_add_func("/xml/namespaces-limited", test_namespaces_limited);
    g_test_add_func("/xml/depth-limited", test_depth_limited);
    return g_test_run();
}
