#include "gateway/io/reader_warm.h"

#include <iconv.h>
#include <link.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>

#include "parsers/formats.h"
#include "parsers/period_words.h"
#include "parsers/reading.h"

/* iconv loads a module for each when it is first asked for; loaded here, all children have them. */
static const char *const charsets[] = {
    "GB18030",      "GBK",          "BIG5-HKSCS",      "BIG5",
    "EUC-TW",       "ISO-2022-CN",  "ISO-2022-CN-EXT", "EUC-JP",
    "SHIFT_JIS",    "CP932",        "ISO-2022-JP",     "EUC-KR",
    "UHC",          "ISO-2022-KR",  "UTF-16",          "UTF-16LE",
    "UTF-16BE",     "UTF-32",       "UTF-7",           "KOI8-R",
    "KOI8-U",       "ISO-8859-1",   "ISO-8859-2",      "ISO-8859-5",
    "ISO-8859-7",   "ISO-8859-9",   "ISO-8859-15",     "CP437",
    "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252",    "WINDOWS-1253",
    "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256",    "WINDOWS-1257",
    "WINDOWS-1258", "TIS-620",      "MACINTOSH",
};

/* One mail with encoded words, GB18030 and HTML with a table, and one bare text that has to be guessed. */
static const char *const samples[] = {
    "From: =?gbk?B?uem1wA==?= <a@example.edu.cn>\r\n"
    "To: b@example.edu.cn\r\n"
    "Subject: =?utf-8?B?5Y+M5ZGo5oql?=\r\n"
    "Date: Mon, 27 Jun 2016 10:00:00 +0800\r\n"
    "Message-ID: <warm@example.edu.cn>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/alternative; boundary=\"=_a\"\r\n"
    "\r\n"
    "--=_a\r\n"
    "Content-Type: text/plain; charset=gb2312\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "1rWjujEyDQo=\r\n"
    "--=_a\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "<html><body><p>=E5=80=BC</p><table "
    "border=3D1><tr><td>=E5=80=BC</td><td>12</td></tr></table></body></html>\r\n"
    "--=_a--\r\n",
    "\xd6\xb5\xa3\xba 12\r\n\xc8\xd5\xc6\xda\xa3\xba 2016-06-27\r\n",
};

static void warm_charsets(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++) {
        iconv_t converter = iconv_open("UTF-8", charsets[i]);
        if (converter == (iconv_t)-1)
            continue; /* not on this system: mail in it will say so itself */
        char in[] = "a", out[16];
        char *from = in, *to = out;
        size_t in_left = 1, out_left = sizeof out;
        iconv(converter, &from, &in_left, &to, &out_left);
        iconv_close(converter);
    }
}

/* x86-64 and arm64 with pages of 4 KiB */
enum { LARGE_PAGE_BYTES = 2 << 20 };

#ifndef MADV_COLLAPSE /* Linux 6.1 */
#define MADV_COLLAPSE 25
#endif

/* For the first object, the program itself: whole large pages of what is not written to. */
static int collapse_program(struct dl_phdr_info *program, size_t size, void *data) {
    for (int i = 0; i < program->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &program->dlpi_phdr[i];
        guintptr from = program->dlpi_addr + segment->p_vaddr, to = from + segment->p_memsz;
        from = (from + LARGE_PAGE_BYTES - 1) & ~(guintptr)(LARGE_PAGE_BYTES - 1);
        to &= ~(guintptr)(LARGE_PAGE_BYTES - 1);
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_W) == 0 && from < to)
            madvise((void *)from, to - from, MADV_COLLAPSE); /* refused: then small pages do */
    }
    return 1;
}

void reader_warm(const FormSet *forms) {
    warm_charsets();
    period_words_warm();
    const ReadingOptions options = {.forms = forms, .received_s = 0};
    for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autoptr(GBytes) data = g_bytes_new_static(samples[i], strlen(samples[i]));
        g_ptr_array_unref(reading_parse(data, "sample", &options));
    }
    pdf_warm();
    /* what was freed goes back: a child that uses it anew then gets empty pages, which cost less than copies
     */
    malloc_trim(0);
    /* the program's code in large pages, as far as they fit: one fault of a child instead of many */
    dl_iterate_phdr(collapse_program, NULL);
}
