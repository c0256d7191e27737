/* The converter: LibreOffice, where it is installed, turns legacy documents (doc, xls, rtf) into docx and
 * xlsx, which a reader then reads in their place (reader_host.h). The role is one process that is asked for a
 * batch at a time; LibreOffice runs below it (converter_run.h). Without LibreOffice there is no such role,
 * and such parts are `unsupported`. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* What one batch may hold: LibreOffice starts once for all. */
enum { CONVERTER_FILES_MAX = 64, CONVERTER_BYTES_MAX = 64 << 20 };

/* The path of LibreOffice's program, or NULL where there is none: `soffice` or `libreoffice` in PATH. */
char *converter_program(void);

/* "LibreOffice 7.4.7.2" as the program says, or NULL where it does not run. Starts it: a quarter of a second.
 */
char *converter_version(const char *program);

/* Where the private folder of a converter belongs that is no gateway's (converter_folder.h). */
const char *converter_default_base(void);

/* The settings of the role; folder: absolute, exists, and is its own. New reference. */
json_t *converter_settings(const char *program, const char *folder);

/* The role: serves IPC_CONVERT frames until the peer leaves or sends IPC_STOP. settings: "program"; "folder",
 * absolute, which exists and is its own. Returns an exit status. */
int converter_main(int socket_fd, json_t *settings);
