#include <locale.h>
#include <string.h>

#include "parsers/docx_names.h"
#include "parsers/formats.h"
#include "parsers/numerals.h"
#include "tests/unit/ole_writer.h"
#include "tests/unit/zip_writer.h"

#define W       "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
#define W14     "xmlns:w14=\"http://schemas.microsoft.com/office/word/2010/wordml\""
#define MC      "xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\""
#define R_SPACE "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""
#define A       "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\""
#define C       "xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\""
#define REL     "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

static GBytes *make_docx(const char *body, const ZipWriterEntry *more, guint n_more) {
    g_autofree char *xml = g_strconcat("<w:document " W " " W14 " " MC " " R_SPACE "><w:body>", body,
                                       "</w:body></w:document>", NULL);
    ZipWriterEntry entries[12] = {{"word/document.xml", xml, strlen(xml), 0, true, 0, 0}};
    for (guint i = 0; i < n_more; i++)
        entries[i + 1] = more[i];
    return zip_writer_write(entries, n_more + 1);
}

static char *read_text(const char *body, GPtrArray *problems) {
    g_autoptr(GBytes) bytes = make_docx(body, NULL, 0);
    g_autoptr(Document) document = docx_read(bytes, "a.docx", problems);
    return document ? document_to_text(document) : NULL;
}

typedef struct {
    const char *why, *body, *text;
} Case;

#define P(text)      "<w:p><w:r><w:t>" text "</w:t></w:r></w:p>"
#define TC(text)     "<w:tc>" P(text) "</w:tc>"
#define STRUCK(text) "<w:r><w:rPr><w:strike/></w:rPr><w:t>" text "</w:t></w:r>"
#define BOX          "<w:txbxContent>" P("box") "</w:txbxContent>"

static const Case CASES[] = {
    {"runs are joined without spaces",
     "<w:p><w:r><w:t>138</w:t></w:r><w:r><w:t>0000</w:t></w:r><w:r><w:t>1234</w:t></w:r></w:p>",
     "13800001234\n"},
    {"white space alone",
     "<w:p><w:r><w:t>a</w:t></w:r><w:r><w:t xml:space=\"preserve\"> </w:t></w:r>"
     "<w:r><w:t>b</w:t></w:r></w:p>",
     "a b\n"},
    {"tabs, breaks and tab stops",
     "<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t>"
     "<w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t><w:softHyphen/><w:t>e</w:t></w:r></w:p>",
     "a\tb\nc-d\u00ADe\n"},
    {"insertions stay, deletions are hidden",
     "<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
     "<w:moveFrom><w:r><w:t>from</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>to</w:t></w:r></w:moveTo></w:p>",
     "newto\nold\n"},
    {"hidden text",
     "<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r>"
     "<w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>y</w:t></w:r></w:p>",
     "y\nx\n"},
    {"struck text is hidden, in either way",
     "<w:p>" STRUCK("12") "<w:r><w:t>15</w:t></w:r>" STRUCK(
         "3") "</w:p><w:tbl><w:tr><w:tc><w:p>"
              "<w:r><w:rPr><w:dstrike/><w:strike w:val=\"0\"/></w:rPr><w:t>7</w:t></w:r></w:p></w:tc>" TC(
                  "8") "</w:tr></w:tbl>",
     "15\n\t8\t\n12 3\n7\n"},
    {"old properties do not hide",
     "<w:p><w:r><w:rPr><w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange></w:rPr><w:t>x</w:t></w:r></w:p>",
     "x\n"},
    {"field codes go, results stay",
     "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
     "<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>7</w:t></w:r><w:r><w:fldChar "
     "w:fldCharType=\"end\"/></w:r></w:p>",
     "7\n"},
    {"legacy checkboxes",
     "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:checkBox><w:default w:val=\"0\"/><w:checked/>"
     "</w:checkBox></w:ffData></w:fldChar></w:r><w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r>"
     "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r><w:r><w:t>yes</w:t></w:r>"
     "<w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:checkBox><w:default w:val=\"0\"/></w:checkBox>"
     "</w:ffData></w:fldChar></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
     "<w:r><w:t>no</w:t></w:r></w:p>",
     "☑yes☐no\n"},
    {"legacy drop-down",
     "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:ddList><w:result w:val=\"1\"/>"
     "<w:listEntry w:val=\"a\"/><w:listEntry w:val=\"b\"/></w:ddList></w:ffData></w:fldChar></w:r>"
     "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>",
     "b\n"},
    {"checkbox controls",
     "<w:p><w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val=\"1\"/></w14:checkbox></w:sdtPr><w:sdtContent>"
     "<w:r><w:t>☒</w:t></w:r></w:sdtContent></w:sdt><w:r><w:t>A</w:t></w:r>"
     "<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val=\"0\"/></w14:checkbox></w:sdtPr><w:sdtContent>"
     "<w:r><w:sym w:font=\"Wingdings\" w:char=\"F0A8\"/></w:r></w:sdtContent></w:sdt>"
     "<w:r><w:t>B</w:t></w:r></w:p>",
     "☑A☐B\n"},
    {"symbols",
     "<w:p><w:r><w:sym w:font=\"Wingdings\" w:char=\"F0FE\"/>"
     "<w:sym w:font=\"Wingdings 2\" w:char=\"F0A3\"/></w:r>"
     "<w:r><w:rPr><w:rFonts w:ascii=\"Wingdings\"/></w:rPr><w:t>þ</w:t></w:r><w:r><w:t>þ</w:t></w:r></w:p>",
     "☑☐☑þ\n"},
    {"placeholders of Word are no entry",
     "<w:p><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>单击此处</w:t></w:r>"
     "<w:r><w:t>输入文字。</w:t></w:r></w:sdtContent></w:sdt><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr>"
     "<w:sdtContent><w:r><w:t>姓名</w:t></w:r></w:sdtContent></w:sdt></w:p>",
     "姓名\n单击此处输入文字。\n"},
    {"one branch of the alternatives",
     "<w:p><w:r><mc:AlternateContent><mc:Choice Requires=\"wps\">" BOX "</mc:Choice>"
     "<mc:Fallback>" BOX "</mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>a</w:t></w:r></w:p>",
     "a\nbox\n"},
    {"an empty choice",
     "<w:p><mc:AlternateContent><mc:Choice Requires=\"x\"/><mc:Fallback><w:r><w:t>f</w:t></w:r></mc:Fallback>"
     "</mc:AlternateContent></w:p>",
     "f\n"},
    {"controls round rows and cells",
     "<w:tbl><w:sdt><w:sdtContent><w:tr>" TC("a") "<w:sdt><w:sdtContent>" TC(
         "b") "</w:sdtContent></w:sdt>" TC("c") "</w:tr></w:sdtContent></w:sdt></w:tbl>",
     "a\tb\tc\t\n"},
    {"a deleted row",
     "<w:tbl><w:tr>" TC("a") "</w:tr><w:tr><w:trPr><w:del/></w:trPr>" TC("x") "</w:tr><w:tr>" TC(
         "b") "</w:tr></w:tbl>",
     "a\t\nb\t\nx\n"},
    {"paragraphs of a drawing",
     "<w:p><w:r><a:p " A "><a:r><a:t>box</a:t></a:r></a:p><w:t>a</w:t></w:r></w:p>", "box\na\n"},
    {"the reading above a word is hidden",
     "<w:p><w:r><w:ruby><w:rt><w:r><w:t>xue</w:t></w:r></w:rt>"
     "<w:rubyBase><w:r><w:t>学</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>",
     "学\nxue\n"},
    {"entities", P("a &amp; b &lt; &#x59D3;"), "a & b < 姓\n"},
};

static void test_cases(void) {
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_test_message("%s", CASES[i].why);
        g_autofree char *text = read_text(CASES[i].body, problems);
        g_assert_cmpstr(text, ==, CASES[i].text);
        g_assert_cmpuint(problems->len, ==, 0);
    }
}

#define NESTED "<w:tbl><w:tr>" TC("n") "</w:tr></w:tbl><w:p/>"

static void test_merges(void) {
#define CELL(properties, text) "<w:tc><w:tcPr>" properties "</w:tcPr>" text "</w:tc>"
    static const char FIRST[] =
        CELL("<w:vMerge w:val=\"restart\"/>", P("v")) CELL("<w:gridSpan w:val=\"2\"/>", P("wide"));
    static const char SECOND[] = CELL("<w:vMerge/>", "<w:p/>") CELL("<w:hMerge w:val=\"restart\"/>", P("h"))
        CELL("<w:hMerge/>", "<w:p/>");
    g_autofree char *body = g_strconcat("<w:tbl><w:tr>", FIRST, "</w:tr><w:tr>", SECOND, "</w:tr>",
                                        "<w:tr><w:trPr><w:gridBefore w:val=\"1\"/></w:trPr>", TC("b"),
                                        "<w:tc>", P("c"), NESTED, "</w:tc></w:tr></w:tbl>", NULL);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(GBytes) bytes = make_docx(body, NULL, 0);
    g_autoptr(Document) document = docx_read(bytes, "a.docx", problems);
    const Grid *grid = ((Block *)g_ptr_array_index(document->blocks, 0))->grid;
    g_assert_cmpuint(grid->rows, ==, 3);
    g_assert_cmpuint(grid->columns, ==, 3);
    g_assert_cmpuint(grid->cells->len, ==, 5);
    g_assert_cmpuint(grid_cell_at(grid, 0, 0)->row_span, ==, 2);
    g_assert_cmpuint(grid_cell_at(grid, 0, 1)->column_span, ==, 2);
    g_assert_true(grid_cell_at(grid, 1, 1) == grid_cell_at(grid, 1, 2));
    g_assert_null(grid_cell_at(grid, 2, 0));
    const Block *nested = g_ptr_array_index(grid_cell_at(grid, 2, 2)->nested, 0);
    g_assert_cmpuint(nested->grid->number, ==, 2);
    g_assert_cmpstr(grid_cell_at(nested->grid, 0, 0)->text, ==, "n");
    g_assert_cmpuint(problems->len, ==, 0);
}

static void test_parts(void) {
    static const char RELATIONS[] =
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
        "<Relationship Id=\"h\" Type=\"" REL
        "header\" Target=\"header1.xml\"/><Relationship Id=\"f\" Type=\"" REL
        "footnotes\" Target=\"/word/footnotes.xml\"/><Relationship Id=\"c\" Type=\"" REL
        "comments\" Target=\"comments.xml\"/><Relationship Id=\"d\" Type=\"" REL
        "diagramData\" Target=\"data1.xml\"/><Relationship Id=\"x\" Type=\"" REL
        "chart\" Target=\"chart1.xml\"/><Relationship Id=\"s\" Type=\"" REL "styles\" Target=\"styles.xml\"/>"
        "<Relationship Id=\"n\" Type=\"" REL "numbering\" Target=\"../word/numbering.xml\"/></Relationships>";
    static const char HEADER[] = "<w:hdr " W ">" P("head") "</w:hdr>";
    static const char NOTES[] = "<w:footnotes " W "><w:footnote w:type=\"separator\">" P(
        "---") "</w:footnote><w:footnote><w:p><w:r><w:footnoteRef/><w:t> "
               "note</w:t></w:r></w:p></w:footnote></w:footnotes>";
    static const char COMMENTS[] = "<w:comments " W "><w:comment>" P("remark") "</w:comment></w:comments>";
    static const char DIAGRAM[] =
        "<d:pt xmlns:d=\"d\" " A "><d:t><a:p><a:r><a:t>step</a:t></a:r></a:p></d:t></d:pt>";
    static const char CHART[] =
        "<c:chart " C " " A "><c:title><a:p><a:r><a:t>sales</a:t></a:r></a:p></c:title><c:cat>"
        "<c:pt><c:v>May</c:v></c:pt></c:cat></c:chart>";
    static const char STYLES[] =
        "<w:styles " W "><w:style w:styleId=\"1\"><w:name w:val=\"heading 1\"/></w:style><w:style "
        "w:styleId=\"2\"><w:basedOn w:val=\"3\"/></w:style>"
        "<w:style w:styleId=\"3\"><w:basedOn w:val=\"2\"/><w:rPr><w:vanish/></w:rPr></w:style>"
        "<w:style w:styleId=\"4\"><w:rPr><w:strike/></w:rPr></w:style></w:styles>";
    static const char NUMBERING[] =
        "<w:numbering " W "><w:abstractNum w:abstractNumId=\"4\"><w:lvl w:ilvl=\"0\"><w:start "
        "w:val=\"1\"/><w:numFmt w:val=\"chineseCounting\"/>"
        "<w:lvlText w:val=\"%1、\"/></w:lvl></w:abstractNum><w:num w:numId=\"7\"><w:abstractNumId "
        "w:val=\"4\"/></w:num></w:numbering>";
#define PART(name, text)                                                                                     \
    { "word/" name, text, sizeof text - 1, 0, true, 0, 0 }
    const ZipWriterEntry parts[] = {PART("_rels/document.xml.rels", RELATIONS),
                                    PART("header1.xml", HEADER),
                                    PART("footnotes.xml", NOTES),
                                    PART("styles.xml", STYLES),
                                    PART("numbering.xml", NUMBERING),
                                    PART("comments.xml", COMMENTS),
                                    PART("data1.xml", DIAGRAM),
                                    PART("chart1.xml", CHART)};
    static const char BODY[] =
        "<w:p><w:pPr><w:pStyle w:val=\"1\"/></w:pPr><w:r><w:t>T</w:t><w:footnoteReference/></w:r></w:p>"
        "<w:p><w:r><w:rPr><w:rStyle w:val=\"2\"/></w:rPr><w:t>hidden</w:t></w:r></w:p>"
        "<w:p><w:pPr><w:pStyle w:val=\"4\"/></w:pPr><w:r><w:t>struck</w:t></w:r><w:r><w:rPr><w:strike "
        "w:val=\"0\"/>"
        "</w:rPr><w:t>kept</w:t></w:r></w:p>"
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId "
        "w:val=\"7\"/></w:numPr></w:pPr><w:r><w:t>a</w:t></w:r></w:p>"
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"7\"/></w:numPr></w:pPr></w:p>"
        "<w:sectPr><w:headerReference r:id=\"h\"/></w:sectPr>";
    g_autoptr(GBytes) bytes = make_docx(BODY, parts, G_N_ELEMENTS(parts));
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = docx_read(bytes, "a.docx", problems);
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==,
                    "head\nT\nkept\n一、 a\n二、\nhidden\nstruck\n1 note\nremark\nstep\nsales\nMay\n");
    const BlockOrigin ORIGINS[] = {ORIGIN_HEADER,   ORIGIN_BODY,   ORIGIN_BODY,  ORIGIN_BODY,
                                   ORIGIN_BODY,     ORIGIN_HIDDEN, ORIGIN_NOTE,  ORIGIN_NOTE,
                                   ORIGIN_TEXT_BOX, ORIGIN_HIDDEN, ORIGIN_HIDDEN};
    g_assert_cmpuint(document->blocks->len, ==, G_N_ELEMENTS(ORIGINS));
    for (guint i = 0; i < document->blocks->len; i++) {
        const Block *block = g_ptr_array_index(document->blocks, i);
        g_assert_cmpint(block->origin, ==, ORIGINS[i]);
        g_assert_cmpuint(block->number, ==, i + 1);
        g_assert_cmpint(block->is_heading, ==, i == 1);
    }
    g_assert_cmpuint(problems->len, ==, 0);
}

typedef struct {
    const char *body;
    ProblemCode code;
    const char *text; /* what is read all the same */
} BadCase;

static void test_bad(void) {
    static const BadCase BAD[] = {
        {P("kept") "<w:p><w:r><w:t>cut", PROBLEM_DAMAGED, "kept\ncut\n"},
        {"<w:r><w:t>outside of any paragraph</w:t></w:r>" P("a"), PROBLEM_LOSS, "a\n"},
        {"<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r></w:p>" P("swallowed"), PROBLEM_LOSS, ""},
        {"<w:altChunk/>" P("a"), PROBLEM_LOSS, "a\n"},
        {P("a\xff") P("b"), PROBLEM_DAMAGED, "a\xEF\xBF\xBD\nb\n"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(BAD); i++) {
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autofree char *text = read_text(BAD[i].body, problems);
        g_test_message("case %u", i);
        g_assert_true(problem_list_has(problems, BAD[i].code));
        g_assert_cmpstr(text, ==, BAD[i].text);
    }
}

static void test_bombs(void) {
    static const char ENTITIES[] = "<!DOCTYPE w [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><w>&b;</w>";
    static const char EXTERNAL[] = "<!DOCTYPE w SYSTEM \"file:///etc/hostname\"><w>x</w>";
    const struct {
        const char *xml;
        ProblemCode code;
    } BOMBS[] = {{ENTITIES, PROBLEM_BOMB}, {EXTERNAL, PROBLEM_DAMAGED}};
    for (guint i = 0; i < G_N_ELEMENTS(BOMBS); i++) {
        const ZipWriterEntry entry = {"word/document.xml", BOMBS[i].xml, strlen(BOMBS[i].xml), 0, true, 0, 0};
        g_autoptr(GBytes) bytes = zip_writer_write(&entry, 1);
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autoptr(Document) document = docx_read(bytes, "a.docx", problems);
        g_assert_true(problem_list_has(problems, BOMBS[i].code));
    }
    GString *deep = g_string_new(NULL);
    for (guint i = 0; i < 5000; i++)
        g_string_append(deep, "<w:tbl><w:tr><w:tc>");
    g_autofree char *body = g_string_free(deep, FALSE);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autofree char *text = read_text(body, problems);
    g_assert_true(problem_list_has(problems, PROBLEM_LIMIT));
    g_assert_cmpuint(problems->len, ==, 1);
}

static void test_numerals(void) {
    const struct {
        gint64 value;
        const char *format, *text;
    } NUMERALS[] = {{10, "chineseCounting", "十"},
                    {105, "chineseCountingThousand", "一百零五"},
                    {21, "japaneseCounting", "二十一"},
                    {27, "lowerLetter", "aa"},
                    {4, "upperRoman", "IV"},
                    {3, "decimalEnclosedCircle", "③"},
                    {2, "ideographTraditional", "乙"},
                    {12, "chineseLegalSimplified", "壹拾贰"},
                    {5, "unknown", "5"},
                    {7, NULL, "7"},
                    {0, "lowerLetter", "0"},
                    {12, "ordinal", "12th"},
                    {22, "ordinal", "22nd"}};
    for (guint i = 0; i < G_N_ELEMENTS(NUMERALS); i++) {
        g_autofree char *text = numerals_format(NUMERALS[i].value, NUMERALS[i].format);
        g_assert_cmpstr(text, ==, NUMERALS[i].text);
    }
}

/* A chunk is text like any other, at the end; an embedded document is kept, but hidden. */
static void test_inside(void) {
    static const char RELATIONS[] =
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
        "<Relationship Id=\"a\" Type=\"" REL
        "aFChunk\" Target=\"chunk.htm\"/><Relationship Id=\"b\" Type=\"" REL
        "package\" Target=\"embeddings/one.docx\"/></Relationships>";
    static const char CHUNK[] = "<html><body><p>chunk</p><table><tr><td>a<td>b</table></body></html>";
    g_autoptr(GBytes) one =
        make_docx("<w:tbl><w:tr><w:tc>" P("o") NESTED "</w:tc></w:tr></w:tbl>" P("inside"), NULL, 0);
    gsize length;
    const void *bytes = g_bytes_get_data(one, &length);
    const ZipWriterEntry parts[] = {PART("_rels/document.xml.rels", RELATIONS),
                                    PART("chunk.htm", CHUNK),
                                    {"word/embeddings/one.docx", bytes, length, 0, true, 0, 0}};
    static const char BODY[] = "<w:tbl><w:tr>" TC("x") "</w:tr></w:tbl><w:altChunk r:id=\"a\"/>";
    g_autoptr(GBytes) outer = make_docx(BODY, parts, G_N_ELEMENTS(parts));
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = docx_read(outer, "a.docx", problems);
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==, "x\t\nchunk\na\tb\t\no\t\nn\t\ninside\n");
    g_assert_cmpuint(problems->len, ==, 0);
    const Block *chunk = g_ptr_array_index(document->blocks, 2),
                *embedded = g_ptr_array_index(document->blocks, 3),
                *nested = g_ptr_array_index(grid_cell_at(embedded->grid, 0, 0)->nested, 0);
    g_assert_cmpint(chunk->origin, ==, ORIGIN_BODY);
    g_assert_cmpuint(chunk->number, ==, 2);
    g_assert_cmpint(embedded->origin, ==, ORIGIN_HIDDEN);
    g_assert_cmpint(nested->origin, ==, ORIGIN_HIDDEN);
    g_assert_cmpuint(nested->grid->number, ==, 4);
    /* one inside one inside one that holds another: said, not read */
    g_autoptr(GBytes) packed = g_bytes_ref(outer);
    for (guint i = 0; i < 2; i++) {
        const void *inner = g_bytes_get_data(packed, &length);
        const ZipWriterEntry more[] = {PART("_rels/document.xml.rels", RELATIONS),
                                       PART("chunk.htm", CHUNK),
                                       {"word/embeddings/one.docx", inner, length, 0, true, 0, 0}};
        GBytes *next = make_docx(P("level"), more, G_N_ELEMENTS(more));
        g_bytes_unref(packed);
        packed = next;
    }
    g_autoptr(Document) deep = docx_read(packed, "a.docx", problems);
    g_autofree char *deep_text = document_to_text(deep);
    g_assert_cmpstr(deep_text, ==, "level\nchunk\na\tb\t\nlevel\nchunk\na\tb\t\nx\t\n");
    g_assert_true(problem_list_has(problems, PROBLEM_LOSS));
}

/* Objects of the old kind: a document in one is kept, an equation holds no more than it shows, what is not
 * read of others is told, but not as something of this document. */
static void test_objects(void) {
    static const char RELATIONS_4[] = "<Relationships><Relationship Id=\"o\" Type=\"" REL
                                      "oleObject\" Target=\"embeddings/oleObject1.bin\"/></Relationships>";
    g_autoptr(GBytes) one = make_docx(P("inside"), NULL, 0);
    gsize length;
    const void *bytes = g_bytes_get_data(one, &length);
    const struct {
        const char *stream;
        guint32 class_id;
        const void *bytes;
        gsize length;
        const char *text;
        bool is_told;
    } OBJECTS[] = {{"Package", 0, bytes, length, "a\ninside\n", false},
                   {"Equation Native", 0x0002CE02, "x", 1, "a\n", false},
                   {"Workbook", 0, "x", 1, "a\n", true},
                   {"CONTENTS", 0, "%PDF-1.4\n", 9, "a\n", true}};
    for (guint i = 0; i < G_N_ELEMENTS(OBJECTS); i++) {
        g_autoptr(GBytes) object =
            ole_writer_write(OBJECTS[i].stream, OBJECTS[i].class_id, OBJECTS[i].bytes, OBJECTS[i].length);
        gsize object_length;
        const void *object_bytes = g_bytes_get_data(object, &object_length);
        const ZipWriterEntry parts[] = {
            {"word/_rels/document.xml.rels", RELATIONS_4, sizeof RELATIONS_4 - 1, 0, true, 0, 0},
            {"word/embeddings/oleObject1.bin", object_bytes, object_length, 0, true, 0, 0}};
        g_autoptr(GBytes) outer = make_docx(P("a"), parts, G_N_ELEMENTS(parts));
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autoptr(Document) document = docx_read(outer, "a.docx", problems);
        g_autofree char *text = document_to_text(document);
        g_test_message("%s", OBJECTS[i].stream);
        g_assert_cmpstr(text, ==, OBJECTS[i].text);
        g_assert_cmpint(problem_list_has(problems, PROBLEM_EMBEDDED), ==, OBJECTS[i].is_told);
        g_assert_cmpuint(problems->len, ==, OBJECTS[i].is_told);
    }
    g_assert_cmpstr(problem_class_name(PROBLEM_EMBEDDED), ==, "check");
}

/* Many documents inside cost no more than a few. */
static void test_many_inside(void) {
    g_autoptr(GString) relations = g_string_new(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">");
    for (guint i = 0; i < 20; i++)
        g_string_append(relations, "<Relationship Id=\"b\" Type=\"" REL "package\" Target=\"one.docx\"/>");
    g_string_append(relations, "</Relationships>");
    g_autoptr(GBytes) one = make_docx(P("inside"), NULL, 0);
    gsize length;
    const void *bytes = g_bytes_get_data(one, &length);
    const ZipWriterEntry parts[] = {
        {"word/_rels/document.xml.rels", relations->str, relations->len, 0, true, 0, 0},
        {"word/one.docx", bytes, length, 0, true, 0, 0}};
    g_autoptr(GBytes) outer = make_docx(P("a"), parts, G_N_ELEMENTS(parts));
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = docx_read(outer, "a.docx", problems);
    g_assert_cmpuint(document->blocks->len, ==, 1 + 8);
    g_assert_true(problem_list_has(problems, PROBLEM_LOSS));
}

#define FIELD(code, result)                                                                                  \
    "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>" code                                                   \
    "<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>" result                                    \
    "</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
#define CODE(text)          "<w:r><w:instrText>" text "</w:instrText></w:r>"
#define SIMPLE(code, text)  "<w:fldSimple w:instr=\"" code "\"><w:r><w:t>" text "</w:t></w:r></w:fldSimple>"
#define FLD(type)           "<w:r><w:fldChar w:fldCharType=\"" type "\"/></w:r>"
#define HAN_17              "一二三四五六七八九十百千万元年月日"
#define HAN_85              HAN_17 HAN_17 HAN_17 HAN_17 HAN_17
#define PARAGRAPH(contents) "<w:p><w:r><w:t>a</w:t></w:r>" contents "</w:p>"

/* What a field shows that changes when the document is opened is named where it is a part that counts. */
static void test_volatile(void) {
    static const struct {
        const char *name, *body, *text, *changes; /* NULL: nothing does */
    } CASES_2[] = {
        {"a.docx", PARAGRAPH(FIELD(CODE(" DA") CODE("TE ") CODE("TE"), "6/13")), "a6/13\n", "6/13"},
        {"a.docx", PARAGRAPH(SIMPLE(" FILENAME \\p", "old.docx")), "aold.docx\n", "old.docx"},
        {"a.docx", PARAGRAPH(FIELD(CODE(" PAGE "), "6") SIMPLE("TITLE", "t")), "a6t\n", NULL},
        {"a.docx", PARAGRAPH(FIELD(CODE("IF ") FIELD(CODE("DATE"), "1"), "x")), "ax\n", NULL},
        {"a.docx", PARAGRAPH(FIELD(CODE("TIME"), "")), "a\n", NULL},
        /* cut where a character ends: after 255 bytes */
        {"a.docx", PARAGRAPH(FIELD(CODE("DATE"), HAN_85 "末")), "a" HAN_85 "末\n", HAN_85},
        /* it shows text of two paragraphs, that of one would be another's */
        {"a.docx",
         "<w:p>" FLD("begin") CODE("DATE") FLD("separate") "<w:r><w:t>x</w:t></w:r></w:p>" P(
             "yz") "<w:p><w:r><w:t>12</w:t></w:r>" FLD("end") "</w:p>",
         "x\nyz\n12\n", NULL},
        /* read by a converter, whose copy is called otherwise */
        {"b.doc", PARAGRAPH(FIELD(CODE("FILENAME"), "0.doc")) P("c"), "ab.doc\nc\n", "b.doc"},
        {"b.doc", PARAGRAPH(FIELD(CODE("SAVEDATE"), "now")) P("c"), "anow\nc\n", "now"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(CASES_2); i++) {
        g_autoptr(GBytes) bytes = make_docx(CASES_2[i].body, NULL, 0);
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autoptr(Document) document = formats_read(bytes, FILE_DOCX, CASES_2[i].name, problems);
        g_autofree char *text = document_to_text(document);
        g_test_message("case %u", i);
        g_assert_cmpstr(text, ==, CASES_2[i].text);
        g_assert_cmpint(problem_list_has(problems, PROBLEM_VOLATILE), ==, CASES_2[i].changes != NULL);
        g_assert_cmpuint(problems->len, ==, CASES_2[i].changes != NULL);
        if (CASES_2[i].changes)
            g_assert_cmpstr(g_ptr_array_index(document->volatile_texts, 0), ==, CASES_2[i].changes);
    }
}

/* A date that is printed at the bottom of each page is nobody's entry. */
static void test_volatile_footer(void) {
    static const char RELATIONS_3[] = "<Relationships><Relationship Id=\"f\" Type=\"" REL
                                      "footer\" Target=\"footer1.xml\"/></Relationships>";
    static const char FOOTER[] = "<w:ftr " W ">" PARAGRAPH(FIELD(CODE("DATE"), "6/13")) "</w:ftr>";
    const ZipWriterEntry parts[] = {
        {"word/_rels/document.xml.rels", RELATIONS_3, sizeof RELATIONS_3 - 1, 0, true, 0, 0},
        {"word/footer1.xml", FOOTER, sizeof FOOTER - 1, 0, true, 0, 0}};
    g_autoptr(GBytes) bytes =
        make_docx(P("a") "<w:sectPr><w:footerReference r:id=\"f\"/></w:sectPr>", parts, G_N_ELEMENTS(parts));
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = formats_read(bytes, FILE_DOCX, "a.docx", problems);
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==, "a\na6/13\n");
    g_assert_cmpuint(problems->len, ==, 0);
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/docx/cases", test_cases);
    g_test_add_func("/docx/merges", test_merges);
    g_test_add_func("/docx/parts", test_parts);
    g_test_add_func("/docx/inside", test_inside);
    g_test_add_func("/docx/objects", test_objects);
    g_test_add_func("/docx/many_inside", test_many_inside);
    g_test_add_func("/docx/bad", test_bad);
    g_test_add_func("/docx/bombs", test_bombs);
    g_test_add_func("/docx/volatile", test_volatile);
    g_test_add_func("/docx/volatile_footer", test_volatile_footer);
    g_test_add_func("/docx/numerals", test_numerals);
    return g_test_run();
}
