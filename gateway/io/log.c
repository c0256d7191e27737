#include "gateway/io/log.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/io/clock.h"

/* A value longer than this says no more to a reader of logs. */
enum { VALUE_BYTES_MAX = 400 };

static const struct {
    const char *name;
    int priority; /* of syslog(3), as sd-daemon(3) wants it */
} levels[] = {
    [LOG_DEBUG] = {"debug", 7},     [LOG_INFO] = {"info", 6},   [LOG_NOTICE] = {"notice", 5},
    [LOG_WARNING] = {"warning", 4}, [LOG_ERROR] = {"error", 3},
};

/* set once at the start of a process, before there is a second thread */
static struct {
    const char *role;
    LogLevel lowest;
    bool is_journal;
} setup = {.lowest = LOG_NOTICE};

static bool is_plain_word(const char *text) {
    if (*text == '\0')
        return false;
    for (const char *at = text; *at != '\0'; at++)
        if (!g_ascii_isalnum(*at) && strchr("._:/@+,-", *at) == NULL)
            return false;
    return true;
}

static void append_quoted(GString *line, const char *text) {
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)strnlen(text, VALUE_BYTES_MAX));
    g_string_append_c(line, '"');
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        /* printing alone is asked for: line breaks, terminal codes and bidi marks are not */
        if (c == '"' || c == '\\')
            g_string_append_printf(line, "\\%c", (char)c);
        else if (g_unichar_isprint(c))
            g_string_append_unichar(line, c);
        else
            g_string_append_printf(line, "\\u%04x", c);
    }
    g_string_append_c(line, '"');
}

static void append_field(GString *line, const LogField *field) {
    if (line->len > 0)
        g_string_append_c(line, ' ');
    g_string_append_printf(line, "%s=", field->key);
    if (field->text == NULL)
        g_string_append_printf(line, "%" G_GINT64_FORMAT, field->number);
    else if (strlen(field->text) <= VALUE_BYTES_MAX && is_plain_word(field->text))
        g_string_append(line, field->text);
    else
        append_quoted(line, field->text);
}

char *log_render(const char *role, const char *event, const LogField *fields, gsize n_fields) {
    GString *line = g_string_new(NULL);
    for (gsize i = 0; i < n_fields; i++)
        if (fields[i].is_id)
            append_field(line, &fields[i]);
    if (line->len > 0)
        g_string_append_c(line, ' ');
    g_string_append(line, event);
    if (role != NULL)
        append_field(line, &LOG_TEXT("role", role));
    for (gsize i = 0; i < n_fields; i++)
        if (!fields[i].is_id)
            append_field(line, &fields[i]);
    return g_string_free(line, FALSE);
}

static char *time_prefix(LogLevel level) {
    if (setup.is_journal)
        return g_strdup_printf("<%d>", levels[level].priority);
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(clock_now_s());
    g_autofree char *time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
    return g_strdup_printf("%s %s ", time, levels[level].name);
}

void log_fields(LogLevel level, const char *event, const LogField *fields, gsize n_fields) {
    if (level < setup.lowest)
        return;
    g_autofree char *prefix = time_prefix(level);
    g_autofree char *text = log_render(setup.role, event, fields, n_fields);
    g_autofree char *line = g_strconcat(prefix, text, "\n", NULL);
    /* one write a line, so that lines of several processes do not mix; a log that cannot be written is no
     * reason to stop */
    ssize_t written;
    do
        written = write(STDERR_FILENO, line, strlen(line));
    while (written < 0 && errno == EINTR);
}

void log_error(LogLevel level, const char *event, const GError *error) {
    log_event(level, event, LOG_TEXT("domain", g_quark_to_string(error->domain)),
              LOG_NUMBER("code", error->code), LOG_TEXT("message", error->message));
}

/* GLib's own and its libraries' messages; fatal ones still end the process, in g_log itself. */
static GLogWriterOutput write_foreign(GLogLevelFlags level, const GLogField *fields, gsize n_fields,
                                      gpointer data) {
    const char *domain = "", *message = "";
    for (gsize i = 0; i < n_fields; i++) {
        if (strcmp(fields[i].key, "GLIB_DOMAIN") == 0 && fields[i].length < 0)
            domain = fields[i].value;
        else if (strcmp(fields[i].key, "MESSAGE") == 0 && fields[i].length < 0)
            message = fields[i].value;
    }
    bool is_fatal = (level & (G_LOG_FLAG_FATAL | G_LOG_LEVEL_ERROR)) != 0;
    log_event(is_fatal ? LOG_ERROR : LOG_DEBUG, "library.message", LOG_TEXT("domain", domain),
              LOG_TEXT("message", message));
    return G_LOG_WRITER_HANDLED;
}

/* systemd names device and inode of the stream that goes to the journal; standard error may have been
 * redirected since. */
static bool stderr_is_journal(void) {
    const char *stream = g_getenv("JOURNAL_STREAM");
    struct stat status;
    if (stream == NULL || fstat(STDERR_FILENO, &status) != 0)
        return false;
    g_autofree char *own = g_strdup_printf("%lu:%lu", (gulong)status.st_dev, (gulong)status.st_ino);
    return strcmp(stream, own) == 0;
}

void log_init(const char *role, LogLevel lowest) {
    setup.role = role;
    setup.lowest = lowest;
    setup.is_journal = stderr_is_journal();
    g_log_set_writer_func(write_foreign, NULL, NULL);
}

bool log_level_parse(const char *name, LogLevel *ret_level) {
    for (guint i = 0; i < G_N_ELEMENTS(levels); i++)
        if (strcmp(levels[i].name, name) == 0) {
            *ret_level = (LogLevel)i;
            return true;
        }
    return false;
}

const char *log_level_name(LogLevel level) {
    return levels[level].name;
}

LogLevel log_lowest(void) {
    return setup.lowest;
}
