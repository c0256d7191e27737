/* Tables as an Excel workbook (ECMA-376) by libxlsxwriter: frozen headers, filters, widths, number formats, a
 * chart where figures run over time. What others wrote is always a string cell, never a formula or a link. */
#pragma once

#include <glib.h>
#include <jansson.h>

#define XLSX_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

/* sheets: as summary_sheets() makes them. title: document property and heading of the first sheet. created_s:
 * property of the document, so that the same input gives the same bytes. scratch_dir: a folder for the
 * library's passing files. The caller owns the bytes. FORTNIGHT_ERROR_TEMPORARY where it cannot be written.
 */
GBytes *workbook_render(const json_t *sheets, const char *title, gint64 created_s, const char *scratch_dir,
                        GError **error);

/* One of the tables as CSV (RFC 4180) with a byte order mark, as Excel wants it; a text that a spreadsheet
 * would take for a formula gets an apostrophe before it (facts/email.md 5.4). The caller frees it. */
char *workbook_csv(const json_t *sheet);
