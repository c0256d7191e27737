/* Forms as data (SPEC 3): id, title, how to recognise it, fields, tables, rules.
 * The shape of the data is documented in parsers/README.md. Nothing here knows a field key of a programme. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "parsers/label_letters.h"

#define FORM_ERROR form_error_quark()
/* The domain of errors in form definitions. */
GQuark form_error_quark(void);
enum { FORM_ERROR_INVALID }; /* the definition is wrong: the message says where and what is allowed */

typedef enum {
    TYPE_TEXT,
    TYPE_COUNT,
    TYPE_NUMBER,
    TYPE_DATE,
    TYPE_DATETIME,
    TYPE_DATERANGE,
    TYPE_PHONE,
    TYPE_EMAIL,
    TYPE_CHOICE,
    TYPE_BOOL,
    TYPE_PERSON,
    TYPE_ORG,
    TYPE_URL,
    FIELD_TYPES /* their number */
} FieldType;

typedef struct {
    char *value;       /* what is recorded */
    char *maps_to;     /* "answered", "open", …; or NULL */
    GPtrArray *labels; /* char*: normal forms that mean this choice, the value's own among them */
} Choice;

/* A field of a form, or a column of one of its tables. */
typedef struct {
    char *key;
    char *title_zh, *title_en; /* what letters call it */
    FieldType type;
    bool required;
    int group;             /* index in Form.groups, or -1 */
    bool is_group_default; /* the group's own label, followed by a value, means this field */
    bool is_serial;        /* a column that only numbers the rows: it fills no row */
    bool is_key;           /* a column without which a header row is not one of this table */
    bool has_min, has_max;
    double min, max;
    GPtrArray
        *labels; /* char*: as written, the first is the usual one; relative to the group where there is one */
    GPtrArray *full_labels; /* char*: further labels that need no group; or NULL */
    GPtrArray *choices;     /* Choice*, or NULL */
    GPtrArray *absent; /* char*: normal forms that mean "nothing" here, besides the general ones; or NULL */
    GPtrArray *start_labels, *end_labels; /* char*: of the two dates that may stand for a range */
    int part_of; /* index of the range whose first or last day it is, or -1. Made at loading: such a field is
                    looked for, but never an entry of its own */
    bool is_end;
} Field;

typedef struct {
    char *key;
    GPtrArray *labels; /* char*: as written */
    bool is_optional;  /* its fields' labels also count where no group is named */
    bool is_near;      /* counts only right beside or above a label: never for what follows it */
} FormGroup;

typedef struct {
    char *key;
    char *title_zh, *title_en;
    GPtrArray *labels;      /* char*: headings that stand above it */
    GPtrArray *columns;     /* Field* */
    int min_rows, max_rows; /* -1: no limit */
    bool required;
} FormTable;

typedef struct {
    char *check;             /* the expression, as written */
    struct RuleNode *parsed; /* never NULL */
    bool is_sum;             /* a failure is a problem `sum`, else `contradiction` */
    char *field;             /* key that the problem names */
    char *text_zh, *text_en; /* with {key} where values go */
} FormRule;

typedef struct {
    char *id;
    char *title_zh, *title_en;
    GPtrArray *titles;             /* char*: normal forms of titles by which it is known */
    GPtrArray *not_titles;         /* char*: normal forms of titles that rule it out */
    GPtrArray *groups;             /* FormGroup* */
    GPtrArray *fields;             /* Field* */
    GPtrArray *tables;             /* FormTable* */
    GPtrArray *rules;              /* FormRule* */
    int org_field;                 /* index of the field that names the organization, or -1 */
    int period_field;              /* index of the field that states the period, or -1 */
    struct FormLikeness *likeness; /* of other labels to those of the fields; made at loading */
} Form;

typedef enum { LABEL_FIELD, LABEL_GROUP, LABEL_TABLE, LABEL_COLUMN, LABEL_IGNORE } LabelKind;

/* What a label's normal form can mean in one form. */
typedef struct {
    guint16 form;     /* index in FormSet.forms; unused for LABEL_IGNORE */
    guint16 kind;     /* LabelKind */
    guint16 index;    /* of the field, group or table */
    guint16 column;   /* LABEL_COLUMN: index of the column */
    bool needs_group; /* LABEL_FIELD: counts only where its group is named */
} LabelMeaning;

typedef struct FormSet FormSet; /* immutable after loading; the forms of a programme */

/* Builds the forms of a programme from JSON: {"language":"zh","zone":"Asia/Shanghai","forms":[{…},…]}; the
 * shape of a form is documented in parsers/README.md. NULL and error (with a path such as
 * forms[1].fields[3].type) where it is wrong. */
FormSet *form_set_new_from_json(const json_t *json, GError **error);
FormSet *form_set_ref(FormSet *set);
void form_set_unref(FormSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FormSet, form_set_unref)

/* Number of forms, and each of them; owned by the set. */
guint form_set_size(const FormSet *set);
const Form *form_set_nth(const FormSet *set, guint index);

/* The form of that id, or NULL; owned by the set. */
const Form *form_set_find(const FormSet *set, const char *id);

/* True where problems and sources are to be worded in Chinese. */
bool form_set_is_chinese(const FormSet *set);

/* Zone of the programme, for dates that a message states without one; owned by the set. */
GTimeZone *form_set_zone(const FormSet *set);

/* LabelMeaning entries of a label's normal form over all forms, or NULL; owned by the set. O(1). */
const GArray *form_set_meanings(const FormSet *set, const char *normal);

/* The letters of all labels, for label_each_likely_reading(); borrowed. */
const LabelLetters *form_set_letters(const FormSet *set);

/* Length in bytes of the longest label's normal form: longer texts need no look-up. */
gsize form_set_longest_label(const FormSet *set);

/* Looks up by key; index in Form.fields or Form.tables, -1 if there is none. */
int form_field_index(const Form *form, const char *key);
int form_table_index(const Form *form, const char *key);

/* Title in the language asked for, falling back to the other, then to the key; owned by its argument. */
const char *field_title(const Field *field, bool chinese);
const char *form_title(const Form *form, bool chinese);
const char *form_table_title(const FormTable *table, bool chinese);

/* "text", "count", …; -1 from form_type_from_name() for an unknown name. */
const char *form_type_name(FieldType type);
int form_type_from_name(const char *name);
