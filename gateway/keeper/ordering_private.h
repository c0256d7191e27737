/* An order by mail on its way to its answer. Private to ordering*.c. */
#pragma once

#include "gateway/core/command.h"
#include "gateway/keeper/settle.h"

typedef struct {
    Keeper *keeper;
    const ReadJob *job;
    MessageFacts facts;
    const char *language;
    bool is_english;
    gint64 now_s;
    Command command;
    const char *reply; /* the whole text: 合并 may stand in several lines */
    char *argument;    /* of the order that is carried out */
    /* the answer */
    char *title, *how;
    json_t *lines;      /* [{"text"}] */
    json_t *extra;      /* further facts of the letter */
    LetterKind kind;    /* of the answer: LETTER_COMMAND_ANSWER, or the summary itself */
    const char *event;  /* for the journal */
    bool is_understood; /* else a person looks at it */
} Order;

/* Sets the title; takes it over. */
void ordering_title(Order *order, char *title);
/* Adds a line; takes it over. */
void ordering_line(Order *order, char *text);

/* What would be done, as title and lines. */
void ordering_describe(Order *order, const CommandTarget *target);
/* Does it, and says so. False where the store failed. */
bool ordering_carry_out(Order *order, const CommandTarget *target, GError **error);
