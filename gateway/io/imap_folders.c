#include <string.h>

#include "gateway/io/imap_session.h"
#include "gateway/io/utf7.h"
#include "parsers/charset.h"

/* Where providers put what they take for junk, advertising and subscriptions: mail of students lands there
 * (facts). */
static const struct {
    const char *name;
    bool is_junk;
} WATCHED[] = {
    {"垃圾邮件", true}, {"垃圾箱", true},    {"Junk", true},      {"Junk E-mail", true}, {"Junk Email", true},
    {"Spam", true},     {"Bulk Mail", true}, {"广告邮件", false}, {"订阅邮件", false},
};

enum { FOLDERS_MOST = 64 }; /* of an attacker's listing, not of a mailbox */

/* The row of WATCHED for a folder, by the last part of its name; -1: none. */
static int find_watched(const char *name, char delimiter) {
    const char *last = delimiter != '\0' ? strrchr(name, delimiter) : NULL;
    last = last != NULL ? last + 1 : name;
    for (gsize i = 0; i < G_N_ELEMENTS(WATCHED); i++)
        if (g_ascii_strcasecmp(last, WATCHED[i].name) == 0)
            return (int)i;
    return -1;
}

static bool has_attribute(const struct mailimap_mbx_list_flags *flags, const char *name) {
    for (clistiter *i = flags != NULL ? clist_begin(flags->mbf_oflags) : NULL; i != NULL; i = clist_next(i)) {
        const struct mailimap_mbx_list_oflag *flag = clist_content(i);
        const char *text = flag->of_type == MAILIMAP_MBX_LIST_OFLAG_FLAG_EXT ? flag->of_flag_ext : NULL;
        if (text != NULL && g_ascii_strcasecmp(text[0] == '\\' ? text + 1 : text, name) == 0)
            return true;
    }
    return false;
}

static bool can_be_opened(const struct mailimap_mbx_list_flags *flags) {
    bool is_container = flags != NULL && flags->mbf_type == MAILIMAP_MBX_LIST_FLAGS_SFLAG &&
                        flags->mbf_sflag == MAILIMAP_MBX_LIST_SFLAG_NOSELECT;
    return !is_container && !has_attribute(flags, "NonExistent");
}

/* The folder's name in UTF-8; one that we would write otherwise is remembered as it stands on the wire. */
static char *decode_name(Imap *self, const char *wire) {
    char *name = utf7_decode(wire);
    if (name == NULL)
        name = charset_to_utf8(wire, strlen(wire), NULL, true, NULL);
    g_autofree char *ours = utf7_encode(name);
    if (g_strcmp0(ours, wire) != 0)
        g_hash_table_replace(self->wire_names, g_strdup(name), g_strdup(wire));
    return name;
}

/* Lists all folders: those in which mail for us may land are added to names, those of junk to self->junk. */
static bool list_folders(Imap *self, GPtrArray *names, GError **error) {
    clist *found = NULL;
    imap_begin(self);
    int result = mailimap_list(self->session, "", "*", &found);
    if (result != MAILIMAP_NO_ERROR)
        return imap_fail(self, result, "LIST", error);
    g_clear_pointer(&self->junk, g_hash_table_unref);
    self->junk = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    clistiter *i = found != NULL ? clist_begin(found) : NULL;
    for (; i != NULL && names->len < FOLDERS_MOST; i = clist_next(i)) {
        const struct mailimap_mailbox_list *entry = clist_content(i);
        g_autofree char *name = decode_name(self, entry->mb_name);
        int row = find_watched(name, entry->mb_delimiter);
        bool is_junk = has_attribute(entry->mb_flag, "Junk") || (row >= 0 && WATCHED[row].is_junk);
        if (is_junk)
            g_hash_table_add(self->junk, g_strdup(name));
        if ((is_junk || row >= 0) && can_be_opened(entry->mb_flag))
            g_ptr_array_add(names, g_steal_pointer(&name));
    }
    if (found != NULL)
        mailimap_list_result_free(found);
    return true;
}

bool imap_is_junk(Imap *self, const char *folder, bool *ret_is_junk, GError **error) {
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    bool is_inbox = g_ascii_strcasecmp(folder, "INBOX") == 0;
    if (!is_inbox && self->junk == NULL && !list_folders(self, names, error))
        return false;
    *ret_is_junk = !is_inbox && g_hash_table_contains(self->junk, folder);
    return true;
}

char **imap_folders(Mailbox *mailbox, GError **error) {
    Imap *self = (Imap *)mailbox;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(names, g_strdup("INBOX"));
    if (!imap_open(self, NULL, error) || !list_folders(self, names, error))
        return NULL;
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}
