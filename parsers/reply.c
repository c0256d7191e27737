#include "parsers/reply.h"

#include <string.h>

#include "parsers/reply_lines.h"

/* A signature block is short: lines, and bytes of one line (40 hanzi). */
#define SIGNATURE_LINES_MAX    10
#define SIGNATURE_LINE_BYTES   120
#define STANDARD_SIGNATURE_MAX 30 /* lines below "-- ", which nothing but a signature follows */
#define DISCLAIMER_LINES_MAX   40
#define ATTRIBUTIONS_MAX       100 /* looked at in one text; keeps the search for answers below them linear */

typedef enum { FATE_REPLY, FATE_QUOTED, FATE_SIGNATURE } Fate;

typedef struct {
    GArray *lines; /* ReplyLine */
    guint8 *fates; /* Fate of each line */
} Split;

static LineKind kind_at(const Split *split, guint i) {
    return g_array_index(split->lines, ReplyLine, i).kind;
}

static void set_fate(Split *split, guint from, guint to, Fate fate) {
    for (guint i = from; i < to; i++)
        split->fates[i] = (guint8)fate;
}

/* True if lines [from, to) hold a line of new text. */
static bool has_text(const Split *split, guint from, guint to) {
    for (guint i = from; i < to; i++)
        if (kind_at(split, i) == LINE_TEXT || kind_at(split, i) == LINE_DISCLAIMER)
            return true;
    return false;
}

static bool is_mark(LineKind kind) {
    return kind == LINE_ATTRIBUTION || kind == LINE_ORIGINAL || kind == LINE_FORWARD || kind == LINE_HEADER;
}

/* A line marked with ">" (older programs put the author's name before it; nobody answers between those). */
static bool is_marked_quote(const Split *split, guint i) {
    const ReplyLine *line = &g_array_index(split->lines, ReplyLine, i);
    return line->kind == LINE_QUOTE && !g_ascii_isalpha(*line->start);
}

static guint skip_kind(const Split *split, guint i, LineKind kind) {
    while (i < split->lines->len && kind_at(split, i) == kind)
        i++;
    return i;
}

static bool is_signature_block(const Split *split, guint from, guint to, guint max_lines);

/* What stands below an attribution at `mark`, when text is quoted with ">": true if a person wrote between or
 * below the quoted lines (then they stay: without them the answers make no sense). `end`: where older history
 * begins. */
static bool is_interleaved(const Split *split, guint quote, guint end) {
    guint last_quote = quote;
    for (guint i = quote; i < end; i++)
        if (kind_at(split, i) == LINE_QUOTE)
            last_quote = i;
    if (has_text(split, quote, last_quote))
        return true;
    guint after = last_quote + 1;
    while (after < end && (kind_at(split, after) == LINE_EMPTY || kind_at(split, after) == LINE_SIGNATURE))
        after++;
    if (after < end && (kind_at(split, after) == LINE_DASHES || kind_at(split, after) == LINE_RULE) &&
        is_signature_block(split, after + 1, end, STANDARD_SIGNATURE_MAX))
        return false;
    return has_text(split, after, end);
}

/* The first mark of older history from line i on that no person answers below. */
static guint end_of_exchange(const Split *split, guint i) {
    while (i < split->lines->len && (!is_mark(kind_at(split, i)) || kind_at(split, i) == LINE_ATTRIBUTION))
        i++;
    return i;
}

/* Decides about the lines from the attribution at `mark` on. Returns where to go on looking, or the number of
 * lines when the rest is history. */
static guint cut_attribution(Split *split, guint mark, bool has_text_above) {
    guint total = split->lines->len;
    guint below = skip_kind(split, mark, LINE_ATTRIBUTION);
    guint next = skip_kind(split, below, LINE_EMPTY);
    bool is_chinese = g_array_index(split->lines, ReplyLine, mark).is_chinese;
    if (next < total && is_marked_quote(split, next)) {
        guint end = end_of_exchange(split, next);
        if (is_interleaved(split, next, end)) {
            set_fate(split, mark, below, FATE_QUOTED);
            return below;
        }
    } else if (!has_text_above && !is_chinese) {
        set_fate(split, mark, below, FATE_QUOTED); /* an answer below an attribution without its quotation */
        return below;
    }
    set_fate(split, mark, total, FATE_QUOTED);
    return total;
}

static void cut_history(Split *split) {
    guint total = split->lines->len;
    bool has_text_above = false;
    guint attributions = 0;
    for (guint i = 0; i < total;) {
        LineKind kind = kind_at(split, i);
        has_text_above |= kind == LINE_TEXT || kind == LINE_DISCLAIMER;
        if (!is_mark(kind)) {
            i++;
        } else if (kind == LINE_ATTRIBUTION && ++attributions <= ATTRIBUTIONS_MAX) {
            i = cut_attribution(split, i, has_text_above);
        } else if (kind == LINE_FORWARD && !has_text_above) {
            /* forwarded as it is: the content is what the sender wants to say */
            guint content = skip_kind(split, skip_kind(split, i + 1, LINE_EMPTY), LINE_HEADER);
            set_fate(split, i, content, FATE_QUOTED);
            i = content;
        } else {
            set_fate(split, i, total, FATE_QUOTED);
            i = total;
        }
    }
}

/* True if lines [from, to) look like the end of a letter: few, short, and no "label: value" but phone,
 * mailbox, address. */
static bool is_signature_block(const Split *split, guint from, guint to, guint max_lines) {
    guint count = 0;
    for (guint i = from; i < to; i++) {
        const ReplyLine *line = &g_array_index(split->lines, ReplyLine, i);
        if (line->kind == LINE_EMPTY || split->fates[i] != FATE_REPLY)
            continue;
        if (++count > max_lines || line->length > SIGNATURE_LINE_BYTES || line->is_form_like ||
            line->kind == LINE_QUOTE)
            return false;
    }
    return true;
}

/* True if lines [from, to) are a visiting card: a name, then at least one phone, mailbox or address. */
static bool is_card(const Split *split, guint from, guint to) {
    guint count = 0, contacts = 0;
    for (guint i = from; i < to; i++) {
        const ReplyLine *line = &g_array_index(split->lines, ReplyLine, i);
        if (line->kind == LINE_EMPTY)
            continue;
        bool is_row = memchr(line->start, '\t', line->length) != NULL; /* of a table */
        if ((count++ == 0 && !line->is_name) || is_row)
            return false;
        contacts += line->is_contact;
    }
    return count >= 2 && contacts >= 1 && is_signature_block(split, from, to, SIGNATURE_LINES_MAX);
}

/* First line of the last paragraph of the kept lines, if it is a visiting card below other text; else end. */
static guint card_start(const Split *split, guint end) {
    guint start = end;
    while (start > 0 && end - start <= SIGNATURE_LINES_MAX && split->fates[start - 1] == FATE_REPLY &&
           kind_at(split, start - 1) == LINE_TEXT)
        start--;
    if (start == end || start == 0 || kind_at(split, start - 1) != LINE_EMPTY)
        return end;
    return is_card(split, start, end) ? start : end;
}

/* The end of the kept lines without blanks, rules, device signatures and quotations that trail. */
static guint trim_end(Split *split, guint end) {
    bool is_text_kept = has_text(split, 0, end);
    while (end > 0) {
        LineKind kind = kind_at(split, end - 1);
        bool is_cut = split->fates[end - 1] != FATE_REPLY;
        if (is_cut || kind == LINE_EMPTY || kind == LINE_RULE || kind == LINE_DASHES) {
            end--;
        } else if (kind == LINE_SIGNATURE) {
            split->fates[--end] = FATE_SIGNATURE;
        } else if (kind == LINE_QUOTE && is_text_kept) {
            split->fates[--end] = FATE_QUOTED;
        } else {
            break;
        }
    }
    return end;
}

/* Where a signature or disclaimer begins within the kept lines [0, end), or end. */
static guint signature_start(const Split *split, guint end) {
    bool has_more_above = false;
    for (guint i = 0; i < end; i++) {
        if (split->fates[i] != FATE_REPLY)
            continue;
        const ReplyLine *line = &g_array_index(split->lines, ReplyLine, i);
        switch (line->kind) {
        case LINE_DASHES:
            if (end - i <= STANDARD_SIGNATURE_MAX && (has_more_above || is_card(split, i + 1, end)) &&
                (line->length == 3 || is_signature_block(split, i + 1, end, SIGNATURE_LINES_MAX)))
                return i;
            break;
        case LINE_RULE:
            if (end - i <= 2 * SIGNATURE_LINES_MAX && (has_more_above || is_card(split, i + 1, end)) &&
                is_signature_block(split, i + 1, end, SIGNATURE_LINES_MAX))
                return i;
            break;
        case LINE_SIGNATURE:
            if (end - i <= SIGNATURE_LINES_MAX && is_signature_block(split, i + 1, end, 3))
                return i;
            break;
        case LINE_DISCLAIMER:
            if (end - i <= DISCLAIMER_LINES_MAX && has_more_above)
                return i;
            break;
        default:
            break;
        }
        has_more_above |= line->kind == LINE_TEXT || line->kind == LINE_DISCLAIMER;
    }
    return card_start(split, end);
}

static void cut_signature(Split *split) {
    const guint ROUNDS_MAX = 8; /* signature, disclaimer and device line may follow each other */
    guint end = trim_end(split, split->lines->len);
    for (guint round = 0; round < ROUNDS_MAX; round++) {
        guint start = signature_start(split, end);
        if (start == end)
            return;
        for (guint i = start; i < end; i++)
            if (split->fates[i] == FATE_REPLY)
                split->fates[i] = FATE_SIGNATURE;
        end = trim_end(split, start);
    }
}

/* The lines of one fate, outer blank lines and trailing rules removed. */
static char *gather(const Split *split, Fate fate) {
    g_autoptr(GString) out = g_string_new(NULL);
    gsize solid = 0;
    for (guint i = 0; i < split->lines->len; i++) {
        if (split->fates[i] != fate)
            continue;
        const ReplyLine *line = &g_array_index(split->lines, ReplyLine, i);
        if (out->len == 0 && line->kind == LINE_EMPTY)
            continue;
        g_string_append_len(out, line->start, (gssize)line->length);
        bool is_blank = line->kind == LINE_EMPTY ||
                        (fate == FATE_REPLY && (line->kind == LINE_RULE || line->kind == LINE_DASHES));
        if (!is_blank)
            solid = out->len;
        g_string_append_c(out, '\n');
    }
    g_string_truncate(out, solid);
    return g_strdup(out->str);
}

void reply_split(const char *text, ReplyParts *ret_parts) {
    Split split = {.lines = reply_lines_read(text)};
    split.fates = g_malloc0(split.lines->len + 1);
    cut_history(&split);
    cut_signature(&split);
    ret_parts->reply = gather(&split, FATE_REPLY);
    ret_parts->quoted = gather(&split, FATE_QUOTED);
    ret_parts->signature = gather(&split, FATE_SIGNATURE);
    g_free(split.fates);
    g_array_unref(split.lines);
}

void reply_parts_clear(ReplyParts *parts) {
    g_clear_pointer(&parts->reply, g_free);
    g_clear_pointer(&parts->quoted, g_free);
    g_clear_pointer(&parts->signature, g_free);
}
