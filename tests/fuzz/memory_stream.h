/* gateway/io/tls_stream.h for tests: a server that says what it was told to, and then nothing more. Linked in
 * its place. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What the next connection reads; a further one finds nothing. The bytes stay the caller's. */
void memory_stream_set(const uint8_t *bytes, size_t length);
