#include "parsers/ticks.h"

#include <string.h>

/* Word stores the codes of symbol fonts in the private area from here. */
#define PRIVATE_BASE 0xF000u
#define PRIVATE_LAST 0xF0FFu

typedef struct {
    guint8 code;
    gunichar character;
} Glyph;

static const Glyph WINGDINGS[] = {
    {0xFE, TICK_CHECKED},   {0xFD, TICK_CHECKED},   {0xFC, TICK_CHECKED},   {0xFB, TICK_CHECKED},
    {0xA8, TICK_UNCHECKED}, {0x6F, TICK_UNCHECKED}, {0x70, TICK_UNCHECKED}, {0x71, TICK_UNCHECKED},
    {0x72, TICK_UNCHECKED}, {0xA1, 0x25CB},         {0x6C, 0x25CF},         {0x6E, 0x25A0},
    {0xA4, 0x25C9},         {0xD8, 0x27A2},         {0x76, 0x2756},         {0xE0, 0x2192},
    {0xB2, 0x2727},
};

static const Glyph WINGDINGS2[] = {
    {0x52, TICK_CHECKED}, {0x54, TICK_CHECKED},   {0x50, TICK_CHECKED},   {0x51, TICK_CHECKED},
    {0x53, TICK_CHECKED}, {0xA3, TICK_UNCHECKED}, {0x2A, TICK_UNCHECKED}, {0x30, TICK_UNCHECKED},
    {0x99, 0x25CB},       {0x98, 0x25CF},
};

static const Glyph WEBDINGS[] = {
    {0x61, TICK_CHECKED}, {0x72, TICK_CHECKED}, {0x63, TICK_UNCHECKED}, {0x3D, 0x25CF}};

static const Glyph SYMBOL[] = {
    {0xB7, 0x2022}, {0xD6, 0x221A}, {0xB3, 0x2265}, {0xA3, 0x2264},
    {0xB1, 0x00B1}, {0xB4, 0x00D7}, {0xA5, 0x221E}, {0xAE, 0x2192},
};

typedef struct {
    const char *name;
    const Glyph *glyphs;
    guint n;
} Font;

static const Font FONTS[] = {
    {"Wingdings", WINGDINGS, G_N_ELEMENTS(WINGDINGS)},
    {"Wingdings 2", WINGDINGS2, G_N_ELEMENTS(WINGDINGS2)},
    {"Webdings", WEBDINGS, G_N_ELEMENTS(WEBDINGS)},
    {"Symbol", SYMBOL, G_N_ELEMENTS(SYMBOL)},
};

static const Font *find_font(const char *name) {
    for (guint i = 0; name && i < G_N_ELEMENTS(FONTS); i++)
        if (g_ascii_strcasecmp(FONTS[i].name, name) == 0)
            return &FONTS[i];
    return NULL;
}

bool ticks_is_symbol_font(const char *font) {
    return find_font(font) != NULL;
}

gunichar ticks_from_symbol(const char *font, gunichar code) {
    const Font *known = find_font(font);
    gunichar low = code >= PRIVATE_BASE && code <= PRIVATE_LAST ? code - PRIVATE_BASE : code;
    for (guint i = 0; known && low <= 0xFF && i < known->n; i++)
        if (known->glyphs[i].code == low)
            return known->glyphs[i].character;
    return code;
}

char *ticks_convert(const char *font, const char *text, gsize length) {
    GString *converted = g_string_sized_new(length);
    for (const char *at = text; at < text + length; at = g_utf8_next_char(at))
        g_string_append_unichar(converted, ticks_from_symbol(font, g_utf8_get_char(at)));
    return g_string_free(converted, FALSE);
}
