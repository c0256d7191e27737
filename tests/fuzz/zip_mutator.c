/* How libFuzzer changes an office file: one member at a time, packed again with its true check sum, which no
 * chance would hit. Linked to the targets that read office files. */
#include <string.h>

#include "parsers/zip.h"
#include "tests/fuzz/support.h"
#include "tests/unit/zip_writer.h"

/* The zip's own headers are changed now and then, a member is left out now and then: files get smaller so. */
#define PLAIN_ONE_IN    8u
#define LEFT_OUT_ONE_IN 16u
/* Office files have some twenty members; what is beyond these numbers is left out. */
#define MEMBERS_MAX      64u
#define MEMBER_BYTES_MAX (256u << 10)
/* How much a member may grow at a time. */
#define GROWTH_BYTES 1024u

/* Both of libFuzzer: the changes that it knows, and the name of what it calls instead of them. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t max_length);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t max_length, unsigned seed);

typedef struct {
    GPtrArray *contents; /* GBytes; an entry each */
    GArray *entries;     /* ZipWriterEntry; names belong to the zip that was read */
    gsize total_bytes;
} Members;

static void add_member(Members *members, const char *name, GBytes *content) {
    gsize length;
    const void *bytes = g_bytes_get_data(content, &length);
    ZipWriterEntry entry = {.name = name, .content = length > 0 ? bytes : "", .length = length};
    g_ptr_array_add(members->contents, content);
    g_array_append_val(members->entries, entry);
    members->total_bytes += length;
}

static GBytes *changed(GBytes *content) {
    gsize length;
    const void *bytes = g_bytes_get_data(content, &length);
    uint8_t *copy = g_malloc(length + GROWTH_BYTES);
    if (length > 0)
        memcpy(copy, bytes, length);
    return g_bytes_new_take(copy, LLVMFuzzerMutate(copy, length, length + GROWTH_BYTES));
}

/* The zip with one member changed or left out; deflated only if that is needed, for it costs time. */
static GBytes *with_change(ZipFile *zip, guint seed, gsize max_bytes) {
    guint n = MIN(zip_count(zip), MEMBERS_MAX), chosen = seed / LEFT_OUT_ONE_IN % n;
    Members members = {g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref),
                       g_array_new(FALSE, FALSE, sizeof(ZipWriterEntry)), 0};
    for (guint i = 0; i < n; i++) {
        const ZipEntry *entry = zip_entry(zip, i);
        g_autoptr(GBytes) content = zip_read(zip, entry, MEMBER_BYTES_MAX, NULL);
        if (content == NULL || (i == chosen && seed % LEFT_OUT_ONE_IN == 0))
            continue;
        add_member(&members, entry->name, i == chosen ? changed(content) : g_bytes_ref(content));
    }
    for (guint i = 0; i < members.entries->len; i++)
        g_array_index(members.entries, ZipWriterEntry, i).is_deflated = members.total_bytes > max_bytes / 2;
    GBytes *packed =
        zip_writer_write((const ZipWriterEntry *)(gpointer)members.entries->data, members.entries->len);
    g_ptr_array_unref(members.contents);
    g_array_unref(members.entries);
    return packed;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t max_length, unsigned seed) {
    g_autoptr(GBytes) data = g_bytes_new(bytes, length);
    g_autoptr(ZipFile) zip = seed % PLAIN_ONE_IN != 0 ? zip_open(data, NULL) : NULL;
    g_autoptr(GBytes) packed =
        zip != NULL && zip_count(zip) > 0 ? with_change(zip, seed / PLAIN_ONE_IN, max_length) : NULL;
    if (packed == NULL || g_bytes_get_size(packed) > max_length)
        return LLVMFuzzerMutate(bytes, length, max_length);
    length = g_bytes_get_size(packed);
    memcpy(bytes, g_bytes_get_data(packed, NULL), length);
    return length;
}
