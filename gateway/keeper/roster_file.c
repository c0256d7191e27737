#include "gateway/keeper/roster_file.h"

#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/roster.h"
#include "gateway/store/roster.h"
#include "parsers/charset.h"
#include "parsers/formats.h"
#include "parsers/message.h"

#define ROSTER_BYTES_MAX (8u << 20) /* 10,000 organizations with contacts are 2 MB */
#define META_DIGEST      "roster_digest"

/* ---- csv (RFC 4180, also ; and tab as separators)
 * ----------------------------------------------------------------- */

typedef struct {
    const char *at;
    char separator;
    guint line;
} Csv;

static char separator_of(const char *text) {
    static const char CANDIDATES[] = {',', ';', '\t'};
    gsize best_count = 0, length = strcspn(text, "\n");
    char best = ',';
    for (gsize i = 0; i < sizeof CANDIDATES; i++) {
        gsize count = 0;
        for (gsize j = 0; j < length; j++)
            count += text[j] == CANDIDATES[i];
        if (count > best_count) {
            best = CANDIDATES[i];
            best_count = count;
        }
    }
    return best;
}

/* One cell; ret_ends_row tells whether it was the row's last. */
static char *next_cell(Csv *csv, bool *ret_ends_row) {
    GString *cell = g_string_new(NULL);
    bool is_quoted = *csv->at == '"';
    if (is_quoted) {
        for (csv->at++; *csv->at; csv->at++) {
            if (*csv->at == '"' && *++csv->at != '"')
                break;
            csv->line += *csv->at == '\n';
            g_string_append_c(cell, *csv->at);
        }
    }
    while (*csv->at && *csv->at != csv->separator && *csv->at != '\n')
        g_string_append_c(cell, *csv->at++);
    *ret_ends_row = *csv->at != csv->separator;
    csv->line += *csv->at == '\n';
    if (*csv->at)
        csv->at++;
    g_strstrip(cell->str);
    return g_string_free(cell, FALSE);
}

static GPtrArray *next_row(Csv *csv) {
    if (!*csv->at)
        return NULL;
    GPtrArray *row = g_ptr_array_new_with_free_func(g_free);
    for (bool ends = false; !ends;)
        g_ptr_array_add(row, next_cell(csv, &ends));
    return row;
}

/* ---- rows → store
 * ------------------------------------------------------------------------------------------------ */

typedef struct {
    Store *store;
    const GPtrArray *header;
    gint64 now_s;
} Import;

/* A cell by column name; NULL where it is empty or absent. */
static const char *cell_of(const Import *import, const GPtrArray *row, const char *column) {
    for (guint i = 0; i < import->header->len && i < row->len; i++)
        if (g_ascii_strcasecmp(import->header->pdata[i], column) == 0)
            return *(char *)row->pdata[i] ? row->pdata[i] : NULL;
    return NULL;
}

static bool import_aliases(const Import *import, const char *aliases, gint64 org_id, GError **error) {
    g_autoptr(GString) text = g_string_new(aliases);
    g_string_replace(text, "；", ";", 0);
    g_auto(GStrv) names = g_strsplit(text->str, ";", -1);
    for (guint i = 0; names[i]; i++) {
        g_autofree char *normal = roster_normal_name(g_strstrip(names[i]));
        if (*normal && !store_org_add_alias(import->store, org_id, names[i], normal, error))
            return false;
    }
    return true;
}

static bool import_contact(const Import *import, const GPtrArray *row, const char *role, gint64 org_id,
                           GError **error) {
    g_autofree char *name_column = g_strconcat(role, "_name", NULL),
                    *phone_column = g_strconcat(role, "_phone", NULL),
                    *address_column = g_strconcat(role, "_address", NULL);
    const char *address = cell_of(import, row, address_column);
    g_autofree char *normal = address ? message_normalize_address(address) : NULL;
    if (address && !normal) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "%s: \"%s\" is not an e-mail address", address_column, address);
        return false;
    }
    Contact contact = {.role = (char *)role,
                       .name = (char *)cell_of(import, row, name_column),
                       .address = normal,
                       .phone = (char *)cell_of(import, row, phone_column)};
    if (!contact.name && !contact.address && !contact.phone)
        return true;
    return store_contact_set(import->store, org_id, &contact, import->now_s, 0, NULL, error);
}

/* The role that a column is about, of ROLE_name, ROLE_address, ROLE_phone; NULL: of none. */
static char *role_of(const char *column) {
    static const char *const ENDINGS[] = {"_name", "_address", "_phone"};
    for (gsize e = 0; e < G_N_ELEMENTS(ENDINGS); e++)
        if (g_str_has_suffix(column, ENDINGS[e]) && strlen(column) > strlen(ENDINGS[e]))
            return g_strndup(column, strlen(column) - strlen(ENDINGS[e]));
    return NULL;
}

/* Roles are what the header's ROLE_… columns say. A column that nobody reads is refused: what was written
 * into it would be lost without a word. NULL and error. */
static GPtrArray *roles_of(const GPtrArray *header, const char *path, GError **error) {
    static const char *const KNOWN[] = {"name", "section", "team", "aliases", NULL};
    g_autoptr(GPtrArray) roles = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < header->len; i++) {
        const char *column = header->pdata[i];
        g_autofree char *role = role_of(column);
        bool is_remark = *column == 0 || *column == '#';
        if (!role && !is_remark && !g_strv_contains(KNOWN, column)) {
            g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                        "%s:1: column \"%s\" is not known; known: name, section, team, aliases, ROLE_name, "
                        "ROLE_address, ROLE_phone (such as liaison_address); put # before it to leave it out",
                        path, column);
            return NULL;
        }
        if (role && !g_ptr_array_find_with_equal_func(roles, role, g_str_equal, NULL))
            g_ptr_array_add(roles, g_steal_pointer(&role));
    }
    return g_steal_pointer(&roles);
}

static bool import_row(const Import *import, const GPtrArray *row, const GPtrArray *roles, GError **error) {
    const char *name = cell_of(import, row, "name");
    if (!name) {
        g_set_error_literal(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "name: is empty");
        return false;
    }
    g_autofree char *normal = roster_normal_name(name);
    StoreOrganization organization = {.name = name,
                                      .normal = normal,
                                      .section = cell_of(import, row, "section"),
                                      .team = cell_of(import, row, "team")};
    gint64 org_id;
    if (!store_org_upsert(import->store, &organization, import->now_s, &org_id, NULL, error))
        return false;
    const char *aliases = cell_of(import, row, "aliases");
    if (aliases && !import_aliases(import, aliases, org_id, error))
        return false;
    for (guint i = 0; i < roles->len; i++)
        if (!import_contact(import, row, roles->pdata[i], org_id, error))
            return false;
    return true;
}

static bool is_blank(const GPtrArray *row) {
    for (guint i = 0; i < row->len; i++)
        if (*(char *)row->pdata[i])
            return false;
    return true;
}

static bool import_text(Store *store, const char *path, const char *text, gint64 now_s, guint *ret_imported,
                        GError **error) {
    Csv csv = {.at = text, .separator = separator_of(text), .line = 1};
    g_autoptr(GPtrArray) header = next_row(&csv);
    Import import = {.store = store, .header = header, .now_s = now_s};
    if (!header || !g_ptr_array_find_with_equal_func(header, "name", (GEqualFunc)g_str_equal, NULL)) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "%s:1: the first row must name the columns; needed: name; known: section, team, aliases, "
                    "ROLE_name, ROLE_address, ROLE_phone",
                    path);
        return false;
    }
    g_autoptr(GPtrArray) roles = roles_of(header, path, error);
    if (!roles)
        return false;
    guint imported = 0;
    for (guint line = csv.line;; line = csv.line) {
        g_autoptr(GPtrArray) row = next_row(&csv);
        if (!row)
            break;
        if (is_blank(row) || *(char *)row->pdata[0] == '#')
            continue;
        if (!import_row(&import, row, roles, error)) {
            g_prefix_error(error, "%s:%u: ", path, line);
            return false;
        }
        imported++;
    }
    *ret_imported = imported;
    return true;
}

/* ---- files
 * ------------------------------------------------------------------------------------------------------ */

/* RFC 4180: a cell in quotes, quotes doubled. */
static void append_cell(GString *out, const char *text, bool is_last) {
    g_autoptr(GString) quoted = g_string_new(text);
    g_string_replace(quoted, "\"", "\"\"", 0);
    g_string_append_printf(out, "\"%s\"%c", quoted->str, is_last ? '\n' : ',');
}

/* The first sheet of a workbook as csv. */
static char *text_of_workbook(GBytes *bytes, const char *path, GError **error) {
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = xlsx_read(bytes, path, problems);
    if (problem_list_has(problems, PROBLEM_LIMIT) || problem_list_has(problems, PROBLEM_DAMAGED)) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "%s: the workbook cannot be read in full; save the sheet as csv", path);
        return NULL;
    }
    for (guint b = 0; document && b < document->blocks->len; b++) {
        const Block *block = document->blocks->pdata[b];
        const Cell **cells = block->kind == BLOCK_GRID ? grid_index(block->grid) : NULL;
        if (!cells)
            continue;
        g_autoptr(GString) out = g_string_new(NULL);
        for (guint r = 0; r < block->grid->rows; r++)
            for (guint c = 0; c < block->grid->columns; c++) {
                const Cell *cell = cells[(gsize)r * block->grid->columns + c];
                append_cell(out, cell ? cell->text : "", c + 1 == block->grid->columns);
            }
        g_free(cells);
        return g_string_free(g_steal_pointer(&out), FALSE);
    }
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                "%s: no sheet can be read in this workbook", path);
    return NULL;
}

/* The file as csv text, its digest with it. */
static char *load_text(const char *path, char **ret_digest, GError **error) {
    g_autofree char *bytes = NULL;
    gsize length;
    g_autoptr(GError) failure = NULL;
    if (!g_file_get_contents(path, &bytes, &length, &failure)) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "roster: %s", failure->message);
        return NULL;
    }
    if (length > ROSTER_BYTES_MAX) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "%s: larger than 8 MiB", path);
        return NULL;
    }
    *ret_digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (guchar *)bytes, length);
    if (sniff_type((const guint8 *)bytes, length, path) == FILE_XLSX) {
        g_autoptr(GBytes) workbook = g_bytes_new(bytes, length);
        return text_of_workbook(workbook, path, error);
    }
    g_autofree char *utf8 = charset_to_utf8(bytes, length, NULL, false, NULL);
    return charset_clean(utf8, -1);
}

bool roster_file_take(Store *store, const char *path, gint64 now_s, guint *ret_imported, GError **error) {
    g_autofree char *digest = NULL;
    g_autofree char *text = load_text(path, &digest, error);
    return text && import_text(store, path, text, now_s, ret_imported, error);
}

bool roster_file_import(Store *store, const char *path, gint64 now_s, guint *ret_imported, GError **error) {
    g_autofree char *digest = NULL;
    g_autofree char *text = load_text(path, &digest, error);
    g_autofree char *known = text ? store_meta_get(store, META_DIGEST, NULL) : NULL;
    guint imported = 0;
    if (!text ||
        (g_strcmp0(digest, known) != 0 && (!import_text(store, path, text, now_s, &imported, error) ||
                                           !store_meta_set(store, META_DIGEST, digest, error))))
        return false;
    *ret_imported = imported;
    return true;
}
