/* Limits of reading hostile input, each with its reason (facts/email.md 5.2 and 7). */
#pragma once

#define LIMIT_MESSAGE_BYTES   (72u << 20)  /* 163.com advertises APPENDLIMIT=71680000 */
#define LIMIT_HEADER_BYTES    (256u << 10) /* one header block */
#define LIMIT_MIME_DEPTH      20           /* real forwards nest 5 deep at the most */
#define LIMIT_PARTS           500          /* 500,000 empty parts cost GMime 691 MB */
#define LIMIT_DECODED_BYTES   (150u << 20) /* all parts of one message together */
#define LIMIT_PART_BYTES      (40u << 20)  /* one attachment */
#define LIMIT_ARCHIVE_ENTRIES 2000
#define LIMIT_ARCHIVE_TOTAL   (200u << 20) /* inflated, all entries */
#define LIMIT_ARCHIVE_ENTRY   (60u << 20)
#define LIMIT_ARCHIVE_RATIO   200 /* inflated : deflated, checked while inflating from 1 MiB on */
#define LIMIT_ARCHIVE_NESTING 2
#define LIMIT_XML_DEPTH       256
#define LIMIT_CELLS           20000   /* one document */
#define LIMIT_PARAGRAPHS      100000  /* one document; a block costs about 120 bytes */
#define LIMIT_GRID_PLACES     2000000 /* rows * columns of one grid */
#define LIMIT_FIELD_BYTES     (16u << 10)
#define LIMIT_TABLE_ROWS      2000
#define LIMIT_TEXT_BYTES      (4u << 20) /* text of one document */
