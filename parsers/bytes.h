/* Little-endian numbers at any address, as file formats store them. */
#pragma once

#include <glib.h>

static inline guint16 bytes_get16(const guint8 *at) {
    return (guint16)(at[0] | at[1] << 8);
}

static inline guint32 bytes_get32(const guint8 *at) {
    return (guint32)at[0] | (guint32)at[1] << 8 | (guint32)at[2] << 16 | (guint32)at[3] << 24;
}

static inline guint64 bytes_get64(const guint8 *at) {
    return bytes_get32(at) | (guint64)bytes_get32(at + 4) << 32;
}
