/* Objects embedded in a document as compound files (OLE): the file inside. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The file that an object holds: an Office package, what Acrobat keeps, or what was dragged into the document
 * ([MS-OLEDS] 2.3.6). NULL where it is of another kind, such as an old sheet that is the object itself, or
 * larger than most_bytes. ret_name: its file name, or NULL. The caller owns both. */
GBytes *ole_object_file(GBytes *object, gsize most_bytes, char **ret_name);

/* True for equations and charts: what they show is all that they hold. */
bool ole_object_is_drawing(GBytes *object);
