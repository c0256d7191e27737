#include "gateway/core/approval.h"

#include <string.h>

/* A reason is a sentence or two; a whole mail pasted behind the word is cut. */
#define REASON_BYTES_MAX 2000
#define WORDS_MAX        200 /* lines of an answer that are looked at */

static const struct {
    const char *name, *zh, *en;
} states[] = {
    [APPROVAL_NOT_ASKED] = {"not_asked", "", ""},
    [APPROVAL_PENDING] = {"pending", "未审核", "not reviewed"},
    [APPROVAL_APPROVED] = {"approved", "已审核", "approved"},
    [APPROVAL_RETURNED] = {"returned", "已退回", "returned"},
};

const char *approval_text(ApprovalState state, const char *language) {
    g_return_val_if_fail((gsize)state < G_N_ELEMENTS(states), "");
    return g_strcmp0(language, "en") == 0 ? states[state].en : states[state].zh;
}

const char *approval_name(ApprovalState state) {
    g_return_val_if_fail((gsize)state < G_N_ELEMENTS(states), "");
    return states[state].name;
}

const RolePerson *approval_head(const Programme *programme, const char *section) {
    for (guint i = 0; section != NULL && i < programme->roles->len; i++) {
        const RolePerson *person = g_ptr_array_index(programme->roles, i);
        if (strcmp(person->role, "section_head") == 0 && g_strcmp0(person->section, section) == 0 &&
            person->address != NULL && *person->address != '\0')
            return person;
    }
    return NULL;
}

bool approval_is_asked(const Obligation *obligation) {
    if (!obligation->has_digest)
        return false;
    g_auto(GStrv) to = g_strsplit(obligation->digest.to != NULL ? obligation->digest.to : "", "+", -1);
    return g_strv_contains((const char *const *)to, "section_head");
}

ApprovalState approval_state(const View *view, const Obligation *obligation, const Submission *submission) {
    if (submission->verdict == VERDICT_APPROVED)
        return APPROVAL_APPROVED;
    if (submission->verdict == VERDICT_RETURNED)
        return APPROVAL_RETURNED;
    const Organization *organization = view_organization(view, submission->org_id);
    bool has_head = organization != NULL && obligation->has_digest &&
                    approval_head(view_programme(view), organization->section) != NULL;
    return has_head && approval_is_asked(obligation) ? APPROVAL_PENDING : APPROVAL_NOT_ASKED;
}

/* --- an answer
 * ------------------------------------------------------------------------------------------------ */

static void word_free(gpointer data) {
    ApprovalWord *word = data;
    g_array_unref(word->numbers);
    g_free(word->rest);
    g_free(word);
}

static const struct {
    const char *text;
    Verdict verdict;
} words[] = {
    /* longer ones first: what is denied is no approval */
    {"审核不通过", VERDICT_RETURNED}, {"不通过", VERDICT_RETURNED},   {"不予通过", VERDICT_RETURNED},
    {"不同意", VERDICT_RETURNED},     {"退回", VERDICT_RETURNED},     {"全部通过", VERDICT_APPROVED},
    {"审核通过", VERDICT_APPROVED},   {"同意通过", VERDICT_APPROVED}, {"通过", VERDICT_APPROVED},
    {"同意", VERDICT_APPROVED},       {"approved", VERDICT_APPROVED}, {"approve", VERDICT_APPROVED},
    {"returned", VERDICT_RETURNED},   {"return", VERDICT_RETURNED},
};

/* White space and punctuation, of both widths. */
static const char *skip_marks(const char *text) {
    while (*text != '\0' && !g_unichar_isalnum(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    return text;
}

/* A number that stands alone: in "2份材料" or "24小时" it belongs to what follows. */
static bool read_number(const char **at, guint *ret_number) {
    char *end;
    if (!g_ascii_isdigit(**at))
        return false;
    guint64 number = g_ascii_strtoull(*at, &end, 10);
    if (*end != '\0' && g_unichar_isalnum(g_utf8_get_char(end)) && !g_str_has_prefix(end, "号"))
        return false;
    *ret_number = (guint)MIN(number, G_MAXUINT);
    *at = skip_marks(g_str_has_prefix(end, "号") ? end + strlen("号") : end);
    return true;
}

static ApprovalWord *read_word(const char *line) {
    const char *after = NULL;
    Verdict verdict = VERDICT_NONE;
    line = skip_marks(line);
    for (gsize i = 0; i < G_N_ELEMENTS(words) && after == NULL; i++)
        if (g_ascii_strncasecmp(line, words[i].text, strlen(words[i].text)) == 0) {
            after = line + strlen(words[i].text);
            verdict = words[i].verdict;
        }
    /* "approvement", "returns" are other words */
    if (after == NULL || (g_ascii_isalpha(line[0]) && g_ascii_isalpha(*after)))
        return NULL;
    ApprovalWord *word = g_new0(ApprovalWord, 1);
    guint number;
    word->verdict = verdict;
    word->numbers = g_array_new(FALSE, FALSE, sizeof(guint));
    after = skip_marks(after);
    while (read_number(&after, &number))
        g_array_append_val(word->numbers, number);
    word->rest = g_strdup(after);
    g_strchomp(word->rest);
    return word;
}

static void continue_reason(ApprovalWord *word, const char *line) {
    if (word->verdict != VERDICT_RETURNED || *line == '\0' || strlen(word->rest) > REASON_BYTES_MAX)
        return;
    char *longer = g_strdup_printf("%s%s%s", word->rest, *word->rest != '\0' ? "\n" : "", line);
    g_free(word->rest);
    word->rest = longer;
}

/* Full-width digits and letters in their usual width; punctuation of a reason stays as it was written. */
static char *narrow(const char *text) {
    GString *out = g_string_new(NULL);
    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        bool is_wide = c >= 0xFF01 && c <= 0xFF5E;
        g_string_append_unichar(out, is_wide && g_unichar_isalnum(c) ? c - 0xFF01 + '!' : c);
    }
    return g_string_free(out, FALSE);
}

GPtrArray *approval_read(const char *reply) {
    GPtrArray *list = g_ptr_array_new_with_free_func(word_free);
    g_autofree char *valid = g_utf8_make_valid(reply != NULL ? reply : "", -1);
    g_autofree char *normal = narrow(valid);
    g_auto(GStrv) lines = g_strsplit(normal, "\n", WORDS_MAX);
    for (char **line = lines; *line != NULL; line++) {
        ApprovalWord *word = read_word(*line);
        if (word != NULL)
            g_ptr_array_add(list, word);
        else if (list->len > 0)
            continue_reason(g_ptr_array_index(list, list->len - 1), g_strstrip(*line));
    }
    for (guint i = 0; i < list->len; i++) {
        ApprovalWord *word = g_ptr_array_index(list, i);
        if (strlen(word->rest) > REASON_BYTES_MAX) {
            g_autofree char *cut = g_strndup(word->rest, REASON_BYTES_MAX);
            g_free(word->rest);
            word->rest = g_utf8_make_valid(cut, -1);
        }
    }
    return list;
}
