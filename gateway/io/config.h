/* fortnight.conf → programme and settings. The schema in config.c is the reference of every key;
 * etc/youth-voice/fortnight.conf explains them. Relative paths are relative to the configuration file.
 * Secrets are never in it: only where they are. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "gateway/core/model.h"

typedef struct {
    char *path;      /* absolute, of the configuration file */
    char *directory; /* that it stands in */
    Programme *programme;
    char *state_dir; /* database, archive, logs */
    char *templates_dir;
    char *forms_dir;
    char *roster_path;      /* csv of the expected organizations, or NULL */
    HolidayTable *holidays; /* that programme->holidays points to, or NULL */
    ScoreFormula *scores;   /* that programme->scores points to, or NULL */
    json_t *forms;          /* as form_set_new_from_json() takes it */
    json_t *mailbox;        /* {"kind","host","port","tls","user",…}, where the credential is included, the
                               credential not */
    json_t *transport;      /* likewise */
    GPtrArray *folders;     /* char*, UTF-8 */
    char **alert_command;   /* run with code, cause and remedy where the operator is alerted; NULL: none */
    gint64 poll_interval_s;
    gint64 max_message_bytes;
    bool site_personal_data; /* `site` shows phones, addresses and lists of people in full */
    guint drift_percent; /* points by which the share of fields found may fall from one period to the next */
    guint readers;       /* reader processes; 0: one more than cores */
    guint pace_interval_s;  /* between two letters */
    guint pace_quarter;     /* letters in 15 minutes, 0: no limit */
    guint pace_day;         /* letters a calendar day of the zone, 0: no limit */
    bool sandbox_required;  /* refuse to run where the kernel offers no Landlock or seccomp */
    gint64 low_water_bytes; /* intake stops below this much free disk */
} Config;

/* Loads and checks everything, forms included. FORTNIGHT_ERROR_CONFIGURATION with file:line: key: … (SPEC 9).
 */
Config *config_load(const char *path, GError **error);
void config_free(Config *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)

/* The file to use: the given one, else ./fortnight.conf, else /etc/fortnight/fortnight.conf; NULL and error
 * if there is none. */
char *config_find(const char *given, GError **error);

/* True where a server group (mailbox, transport) logs in with a secret. */
bool config_needs_secret(const json_t *server);

/* Below state_dir; the caller frees. */
char *config_database_path(const Config *config);
char *config_archive_path(const Config *config);
