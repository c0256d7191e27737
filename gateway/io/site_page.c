#include "gateway/io/site_page.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/error.h"

#define PHONE_DIGITS 11

/* ---- personal data
 * ------------------------------------------------------------------------------------------------ */

static bool is_address_char(char c) {
    return g_ascii_isalnum(c) || strchr("._%+-", c);
}

/* A run of digits that is a mobile number, alone or behind 86. */
static void append_digits(GString *out, const char *digits, gsize n) {
    gsize skip = n == PHONE_DIGITS + 2 && g_str_has_prefix(digits, "86") ? 2 : 0;
    if (n - skip != PHONE_DIGITS || digits[skip] != '1')
        g_string_append_len(out, digits, (gssize)n);
    else
        g_string_append_printf(out, "%.*s****%.4s", (int)(skip + 3), digits, digits + skip + 7);
}

char *site_mask(const char *text) {
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *p = text; *p;) {
        gsize digits = strspn(p, "0123456789"), word = 0;
        while (p[word] && is_address_char(p[word]))
            word++;
        if (word && p[word] == '@') {
            g_string_append_printf(out, "%c***", *p);
            p += word;
        } else if (digits) {
            append_digits(out, p, digits);
            p += digits;
        } else if (word) { /* as far as the next digit: it may begin a phone */
            gsize plain = strcspn(p, "0123456789");
            g_string_append_len(out, p, (gssize)MIN(word, plain));
            p += MIN(word, plain);
        } else {
            g_string_append_c(out, *p++);
        }
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

json_t *site_masked(const Site *site, const char *text) {
    g_autofree char *mask = site->source->with_personal_data ? NULL : site_mask(text);
    return json_string(mask ? mask : text);
}

/* ---- pages
 * ---- */

bool site_write_page(Site *site, const char *name, const char *template, const json_t *facts,
                     GError **error) {
    g_autofree char *html = NULL;
    g_autofree char *path = g_build_filename(site->directory, name, NULL);
    g_autoptr(GError) cause = NULL;
    if (!mustache_render(site->templates, template, facts, MUSTACHE_HTML, true, &html, error))
        return false;
    site->pages++;
    progress_step(site->source->progress);
    if (g_file_set_contents(path, html, -1, &cause))
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT, "%s", cause->message);
    return false;
}

json_t *site_page_facts(const Site *site) {
    const Programme *programme = site->programme;
    bool en = g_strcmp0(site->source->language, "en") == 0;
    const char *own = en ? programme->title_en : programme->title_zh;
    const char *title = own ? own : programme->title_zh ? programme->title_zh : programme->id;
    const char *named = en ? site->obligation->title_en : site->obligation->title_zh;
    g_autofree char *at = calendar_instant_text(programme->zone, site->source->now_s, site->source->language);
    return json_pack("{s:s, s:s, s:O, s:s, s:s}", "language", site->source->language, "programme", title, "t",
                     site->words, "at_text", at, "obligation", named ? named : site->obligation->id);
}
