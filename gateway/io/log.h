/* One line an event on standard error: ids first, a fixed event name, then key=value.
 *     2016-06-27T10:00:00Z notice m=4f1c9a02 intake.accepted form=biweekly org=12 period=2016-06-13
 * Under systemd the line goes to the journal with its priority instead of time and level. Never a name, an
 * address or text of a letter: ids and codes only (STYLE, SPEC 8.9). Only gateway/io and gateway/commands
 * log. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum { LOG_DEBUG, LOG_INFO, LOG_NOTICE, LOG_WARNING, LOG_ERROR } LogLevel;

typedef struct {
    const char *key;  /* [a-z_]+ */
    const char *text; /* or NULL: the number */
    gint64 number;
    bool is_id; /* stands before the event */
} LogField;

/* Fields of an event. A text is written as it is where it is one plain word, else in quotes with escapes: it
 * can neither break the line nor pretend to be another field. */
#define LOG_ID(key_, text_)       ((LogField){.key = (key_), .text = (text_) != NULL ? (text_) : "", .is_id = true})
#define LOG_ID_NUMBER(key_, n_)   ((LogField){.key = (key_), .number = (n_), .is_id = true})
#define LOG_TEXT(key_, text_)     ((LogField){.key = (key_), .text = (text_) != NULL ? (text_) : ""})
#define LOG_NUMBER(key_, number_) ((LogField){.key = (key_), .number = (number_)})

/* Logs one event, e.g. log_event(LOG_NOTICE, "sandbox.applied", LOG_TEXT("role", "fetcher"),
 * LOG_NUMBER("abi", 7)). The event name is a literal such as "intake.accepted". */
#define log_event(level, event, ...)                                                                         \
    log_fields(level, event, (const LogField[]){__VA_ARGS__},                                                \
               sizeof((const LogField[]){__VA_ARGS__}) / sizeof(LogField))
void log_fields(LogLevel level, const char *event, const LogField *fields, gsize n_fields);

/* An event that tells of an error: adds domain, code and message. */
void log_error(LogLevel level, const char *event, const GError *error);

/* Prepares logging: events below `lowest` are dropped, lines carry `role` ("keeper", …; NULL: none), warnings
 * of libraries (g_log) come out as event "library.message" at debug level, since their text may quote mail.
 */
void log_init(const char *role, LogLevel lowest);

/* "debug" … "error"; false if the name is none of them. */
bool log_level_parse(const char *name, LogLevel *ret_level);
const char *log_level_name(LogLevel level);

/* The level of log_init(), to hand it on to other roles. */
LogLevel log_lowest(void);

/* The line of an event without time and level, as log_fields() writes it; the caller frees it. */
char *log_render(const char *role, const char *event, const LogField *fields, gsize n_fields);
