/* Orders by mail (SPEC 4): who may give which, what they mean, and what the answers say. Words are read by
 * parsers/command.h; orders are carried out by gateway/keeper/ordering.h. Pure. */
#pragma once

#include "gateway/core/view.h"

typedef enum {
    COMMAND_HELP, /* for everybody on the roster */
    COMMAND_FORM,
    COMMAND_STATUS,
    COMMAND_SUMMARY, /* from here on for managers, and only with a code or as an answer to our letter */
    COMMAND_REMIND,
    COMMAND_EXPORT,
    COMMAND_EXTEND,
    COMMAND_EXEMPT,
    COMMAND_ASSIGN,
    COMMAND_SETTLED,
    COMMAND_MERGE,
    COMMAND_SPLIT,
    COMMANDS
} Command;

/* "help", "form" … ; the word that people are told, in a language ("汇总"). Static. */
bool command_from_name(const char *name, Command *ret_command);
const char *command_name(Command command);
const char *command_word(Command command, const char *language);

/* Managers: leader, supervisor, coordinator, liaison. */
bool command_needs_role(Command command);
bool command_is_allowed(const Programme *programme, const char *address, Command command);

/* A person on the roster: with a role in the programme, or a contact of an organization. */
bool command_is_known(const View *view, const char *address);

/* The organizations that an address speaks for: GPtrArray of Organization*, owned by the caller; they belong
 * to the snapshot. */
GPtrArray *command_organizations(const View *view, const char *address);

/* The lines of an answer, [{"text"}]; new references: which orders an address may give; who may give an
 * order; what we have of an address's organizations and what is owed, for managers the whole. */
json_t *command_help_lines(const Programme *programme, const char *address, const char *language);
json_t *command_who_lines(const Programme *programme, Command command, const char *language);
json_t *command_status_lines(const View *view, const char *address, const char *language, gint64 now_s);

/* What an order is about. */
typedef struct {
    const Obligation *obligation; /* or NULL */
    Period *period;               /* or NULL */
    GPtrArray *organizations;     /* Organization*, those concerned; they belong to the snapshot */
    gint64 until_s;               /* COMMAND_EXTEND */
    char *text;                   /* what is left: "3 护理学院学生会", "3 5" */
} CommandTarget;
void command_target_clear(CommandTarget *target);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CommandTarget, command_target_clear)

/* Reads an argument. remind: those who owe the period and can be written to now; extend: those named, or all
 * who owe the period that was due last before that day; exempt: the one named. False: *ret_why is a sentence
 * in that language, with an example. */
bool command_resolve(const View *view, Command command, const char *argument, const char *language,
                     gint64 now_s, CommandTarget *ret_target, char **ret_why);
