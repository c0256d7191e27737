/* The case dossier (案例汇编): the cases that organizations reported over a span of days, by organization, as
 * the facts of a Word template and of a folder. Pure. */
#pragma once

#include "gateway/core/view.h"

#define DOSSIER_TABLE "cases" /* the product's word for the table of a form that holds them */

typedef struct {
    const View *view; /* with contents of all submissions */
    GDate first,
        last; /* periods whose configured due day lies in it, both included; invalid: without limit */
    const char *table; /* key of the table */
    const char *language;
    gint64 now_s;
} DossierSource;

/* {programme {id, title}, title_text, span_text, at_text, count, organization_count, language, has_cases,
 * organizations [{number, name, section, folder, count, reports [{period, span_text, message_id,
 * has_attachments, attachments [], cases [{number, title, detail_text, body [{label, text}], file}]}]}]}. In
 * the roster's order; those without a case are left out. folder and file are safe names (file_name.h).
 * detail_text: the short values beside the title; body: the long ones. attachments: empty, for who finds
 * them. New reference. */
json_t *dossier_facts(const DossierSource *source);
