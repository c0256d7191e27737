#include "parsers/reading.h"

#include <math.h>
#include <string.h>

#include "parsers/classify.h"
#include "parsers/container.h"
#include "parsers/document.h"
#include "parsers/formats.h"
#include "parsers/limits.h"
#include "parsers/reading_others.h"
#include "parsers/reading_period.h"
#include "parsers/reading_sources.h"
#include "parsers/reference.h"
#include "parsers/submission.h"
#include "parsers/value_date.h"

#define CONVERTED_TRUST    0.97 /* of the confidence that the document itself would have */
#define EMPTY_BODY_LETTERS 12   /* a mail with less text says "see attachment" or nothing */

/* ---- small pieces
 * -------------------------------------------------------------------------------------------------------- */

static json_t *part_to_json(const MessagePart *part) {
    json_t *out = json_pack("{s:s, s:s, s:I, s:s}", "name", part->name, "type", sniff_type_name(part->type),
                            "bytes", (json_int_t)g_bytes_get_size(part->data), "verdict",
                            part->verdict ? part->verdict : "ignored");
    if (part->container)
        json_object_set_new(out, "container", json_string(part->container));
    return out;
}

static json_t *date_to_json(const Message *message) {
    if (message->date_s < 0)
        return json_null();
    g_autoptr(GTimeZone) zone = g_time_zone_new_offset(message->date_offset_s);
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(message->date_s);
    g_autoptr(GDateTime) local = utc ? g_date_time_to_timezone(utc, zone) : NULL;
    g_autofree char *text = local ? g_date_time_format(local, "%Y-%m-%dT%H:%M:%S%:z") : NULL;
    return text ? json_string(text) : json_null();
}

static json_t *bounce_to_json(const BounceInfo *bounce) {
    return json_pack("{s:s*, s:s*, s:s*, s:s*}", "recipient", bounce->recipient, "status", bounce->status,
                     "class", bounce->class_name, "reason", bounce->reason);
}

static void add_text(json_t *out, const GPtrArray *sources) {
    g_autoptr(GString) text = g_string_new(NULL);
    json_t *grids = json_array();
    for (guint i = 0; i < sources->len; i++) {
        const Source *source = g_ptr_array_index(sources, i);
        if (source->is_forward) /* the body holds it already */
            continue;
        g_autofree char *part = document_to_text(source->document);
        g_string_append(text, part);
        json_t *more = document_grids_to_json(source->document);
        json_array_extend(grids, more);
        json_decref(more);
    }
    json_object_set_new(out, "text", json_string(text->str));
    json_object_set_new(out, "grids", grids);
}

/* ---- submissions
 * ---------------------------------------------------------------------------------------------------------
 */

static const char *source_name(const Source *source) {
    return *source->document->name ? source->document->name : NULL;
}

static void use_best(json_t *out, const FormSet *set, const GPtrArray *sources, const Source *best,
                     const char *subject, const ValueContext *context, GPtrArray *problems) {
    json_t *submission = submission_build(set, best->match, source_name(best), problems);
    json_object_update(out, submission);
    json_decref(submission);
    submission_doubts(set, best->match, best->document, problems);
    reading_period_add(out, best, subject, context);
    reading_others_add(out, set, sources, best, context, problems);
    for (guint i = 0; i < sources->len && best->part; i++) {
        const Source *source = g_ptr_array_index(sources, i);
        if (!source->part && source->match)
            submission_contradictions(set, best->match, source->match, problems);
    }
}

/* What a converter made of a document is a little less sure than the document. */
static void mark_converted(json_t *out, const GPtrArray *sources, const Source *best,
                           const ReadingOptions *options) {
    bool any = false;
    for (guint i = 0; i < sources->len; i++)
        any |= ((const Source *)g_ptr_array_index(sources, i))->is_converted;
    if (any)
        json_object_set_new(out, "converter", json_string(conversions_converter(options->conversions)));
    if (!best || !best->is_converted)
        return;
    const char *key;
    json_t *field;
    json_object_foreach(json_object_get(out, "fields"), key, field) {
        json_t *confidence = json_object_get(field, "confidence");
        json_real_set(confidence, round(json_real_value(confidence) * CONVERTED_TRUST * 100) / 100);
    }
}

/* No form was found: says what came instead, so that the sender can be told what to do. */
static void explain_absence(const FormSet *set, const Message *message, const GPtrArray *sources,
                            GPtrArray *problems) {
    bool zh = form_set_is_chinese(set), any_document = false, any_image = false, has_grid = false;
    const char *name = NULL;
    for (guint i = 0; i < sources->len; i++) {
        const Source *source = g_ptr_array_index(sources, i);
        if (!source->part || source->part->is_body)
            continue;
        any_document = true;
        name = source->part->name;
        for (guint b = 0; b < source->document->blocks->len; b++)
            has_grid |= ((const Block *)g_ptr_array_index(source->document->blocks, b))->kind == BLOCK_GRID;
    }
    const char *image = NULL;
    for (guint i = 0; i < message->parts->len; i++) {
        const MessagePart *part = g_ptr_array_index(message->parts, i);
        if (part->type == FILE_IMAGE && !part->is_inline_image) {
            any_image = true;
            image = part->name;
        }
    }
    bool unread = problems->len > 0;
    if (any_document && !unread)
        problem_add(problems, has_grid ? PROBLEM_WRONG_FORM : PROBLEM_NO_FORM, NULL, name,
                    zh ? "“%s”不是本项目的表格" : "\"%s\" is not one of this programme's forms", name);
    else if (any_image && !unread)
        problem_add_reading(problems, PROBLEM_SCAN, image);
    else if (!unread && match_titles(set, message->subject, NULL) &&
             document_visible_length(message->reply) < EMPTY_BODY_LETTERS && !*message->in_reply_to)
        problem_add(problems, PROBLEM_EMPTY_FORM, NULL, NULL,
                    zh ? "主题提到了表格，但邮件里没有附件，也没有正文"
                       : "the subject names a form, but nothing is attached or written");
}

/* ---- a message
 * -----------------------------------------------------------------------------------------------------------
 */

static bool has_attachment(const Message *message) {
    for (guint i = 0; i < message->parts->len; i++) {
        const MessagePart *part = g_ptr_array_index(message->parts, i);
        if (!part->is_body && !part->is_inline_image)
            return true;
    }
    return false;
}

static void copy_problem(GPtrArray *to, const Problem *problem) {
    problem_add(to, problem->code, problem->field, problem->where, "%s", problem->text);
}

static void add_envelope(json_t *out, const Message *message) {
    static const char *const automatic[] = {"no", "bounce", "reply", "list", "own"};
    json_t *parts = json_array();
    for (guint i = 0; i < message->parts->len; i++)
        json_array_append_new(parts, part_to_json(g_ptr_array_index(message->parts, i)));
    json_object_set_new(out, "parts", parts);
    json_object_set_new(out, "from", json_string(message->from));
    json_object_set_new(out, "from_name", json_string(message->from_name));
    json_object_set_new(out, "from_count", json_integer(message->from_count));
    json_object_set_new(out, "subject", json_string(message->subject));
    json_object_set_new(out, "message_id", json_string(message->message_id));
    json_object_set_new(out, "in_reply_to", json_string(message->in_reply_to));
    json_t *refers = reference_read(message);
    if (refers)
        json_object_set_new(out, "refers", refers);
    json_object_set_new(out, "date", date_to_json(message));
    json_object_set_new(out, "automatic", json_string(automatic[message->automatic]));
    json_object_set_new(out, "reply", json_string(message->reply));
    json_object_set_new(out, "signature", json_string(message->signature));
    if (message->bounce)
        json_object_set_new(out, "bounce", bounce_to_json(message->bounce));
}

static gint64 reference_instant(const Message *message, const ReadingOptions *options) {
    if (options->received_s >= 0)
        return options->received_s;
    return message->date_s >= 0 ? message->date_s : message->received_s;
}

/* A few labelled lines in a reply are corrections of what was sent before, not a form of their own: they name
 * no organization and bear no title. */
static bool is_partial(const Message *message, const Source *best) {
    const Match *match = best->match;
    int org = match->form->org_field;
    return reference_is_answer(message) && (!best->part || best->part->is_body) && !match->has_title &&
           org >= 0 && !match->chosen[org];
}

/* Anything that the form requires, beside the organization, is missing. */
static bool is_incomplete(const Match *match) {
    for (guint f = 0; f < match->form->fields->len; f++)
        if (((const Field *)g_ptr_array_index(match->form->fields, f))->required && !match->chosen[f] &&
            (int)f != match->form->org_field)
            return true;
    return false;
}

/* Documents and pictures: what a person can look at. */
static bool is_shareable(FileType type) {
    return formats_is_readable(type) || formats_needs_converter(type) || type == FILE_PDF ||
           type == FILE_PPTX || type == FILE_IMAGE;
}

static json_t *attachment_of(const MessagePart *part, gsize *left_bytes) {
    gsize length;
    const guchar *bytes = g_bytes_get_data(part->data, &length);
    json_t *attachment = json_pack("{s:s, s:s, s:I}", "name", part->name, "type", sniff_type_name(part->type),
                                   "bytes", (json_int_t)length);
    if (is_shareable(part->type) && length <= *left_bytes) {
        g_autofree char *base64 = g_base64_encode(bytes, length);
        json_object_set_new(attachment, "data", json_string(base64));
        *left_bytes -= length;
    }
    return attachment;
}

/* An archive whose files stand among the parts. */
static bool is_unpacked(const Message *message, const MessagePart *archive) {
    for (guint i = 0; i < message->parts->len; i++) {
        const MessagePart *part = g_ptr_array_index(message->parts, i);
        if (part->container != NULL && strcmp(part->container, archive->name) == 0)
            return true;
    }
    return false;
}

static json_t *attachments_of(const Message *message) {
    json_t *attachments = json_array();
    gsize left_bytes = READING_ATTACHMENTS_BYTES;
    for (guint i = 0; i < message->parts->len; i++) {
        const MessagePart *part = g_ptr_array_index(message->parts, i);
        bool is_form = g_strcmp0(part->verdict, "used") == 0;
        if (*part->name != '\0' && !part->is_body && !part->is_inline_image && !is_form &&
            !is_unpacked(message, part))
            json_array_append_new(attachments, attachment_of(part, &left_bytes));
    }
    return attachments;
}

static json_t *read_message(GBytes *data, const char *file, const ReadingOptions *options) {
    g_autoptr(Message) message = message_parse(data, &options->message);
    g_autoptr(GPtrArray) problems = problem_list_new();
    ValueContext context =
        value_context_at(reference_instant(message, options), form_set_zone(options->forms));
    for (guint i = 0; i < message->problems->len; i++)
        copy_problem(problems, g_ptr_array_index(message->problems, i));
    g_autoptr(GPtrArray) sources =
        reading_sources(options->forms, message, &context, options->conversions, problems);
    const Source *best = reading_newest(sources, reading_best(sources), &context);
    bool is_automatic = message->automatic == AUTOMATIC_BOUNCE || message->automatic == AUTOMATIC_OWN;
    json_t *details = NULL, *out = json_pack("{s:s}", "file", file);
    MessageKind kind =
        classify_message(options->forms, message, best != NULL, has_attachment(message), &details);
    if (kind == KIND_SUBMISSION && is_partial(message, best) &&
        (details = classify_corrections(options->forms, message->reply)) != NULL &&
        is_incomplete(best->match))
        kind = KIND_CORRECTION;
    json_object_set_new(out, "kind", json_string(classify_kind_name(kind)));
    if (best && !is_automatic)
        use_best(out, options->forms, sources, best, message->subject, &context, problems);
    else if (kind == KIND_UNKNOWN || kind == KIND_QUESTION)
        explain_absence(options->forms, message, sources, problems);
    mark_converted(out, sources, best, options);
    if (kind == KIND_SUBMISSION && classify_is_urgent(message->subject))
        json_object_set_new(out, "urgent", json_true());
    if (details)
        json_object_update(out, details);
    json_decref(details);
    json_object_set_new(out, "problems", problem_list_to_json(problems, form_set_is_chinese(options->forms)));
    add_envelope(out, message);
    if (options->with_text)
        add_text(out, sources);
    if (options->with_attachments)
        json_object_set_new(out, "attachments", attachments_of(message));
    if (options->with_explanation && best)
        json_object_set_new(out, "explain", submission_explain(best->match));
    if (options->message.leaves_memory) {
        g_steal_pointer(&message);
        g_steal_pointer(&sources);
        g_steal_pointer(&problems);
    }
    return out;
}

/* ---- a document without a message
 * ---------------------------------------------------------------------------------------- */

static json_t *read_document(GBytes *data, FileType type, const char *file, const ReadingOptions *options) {
    g_autofree char *name = g_path_get_basename(file);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func((GDestroyNotify)source_free);
    ValueContext context = value_context_at(options->received_s, form_set_zone(options->forms));
    const char *verdict = "ignored";
    Source *source = reading_source_of(options->forms, data, type, name, &context, options->conversions,
                                       problems, &verdict);
    if (source)
        g_ptr_array_add(sources, source);
    json_t *out =
        json_pack("{s:s, s:s}", "file", file, "kind", source && source->match ? "submission" : "unknown");
    if (source && source->match)
        use_best(out, options->forms, sources, source, NULL, &context, problems);
    mark_converted(out, sources, source && source->match ? source : NULL, options);
    json_object_set_new(out, "problems", problem_list_to_json(problems, form_set_is_chinese(options->forms)));
    json_object_set_new(out, "parts",
                        json_pack("[{s:s, s:s, s:I, s:s}]", "name", name, "type", sniff_type_name(type),
                                  "bytes", (json_int_t)g_bytes_get_size(data), "verdict", verdict));
    if (options->with_text)
        add_text(out, sources);
    if (options->with_explanation && source && source->match)
        json_object_set_new(out, "explain", submission_explain(source->match));
    return out;
}

typedef struct {
    const ReadingOptions *options;
    ValueContext context;
    GPtrArray *problems, *sources;
    json_t *parts;
    gsize left_bytes; /* that may still be unpacked */
} ArchiveReading;

/* Depth is that of the archive: 1 for the file itself. */
static void read_entries(ArchiveReading *reading, GBytes *data, FileType type, const char *name,
                         guint depth) {
    g_autoptr(GPtrArray) entries = container_read(data, type, name, reading->left_bytes, reading->problems);
    for (guint i = 0; i < entries->len; i++) {
        const ContainerEntry *entry = g_ptr_array_index(entries, i);
        gsize length;
        const guint8 *bytes = g_bytes_get_data(entry->data, &length);
        FileType inner = sniff_type(bytes, length, entry->name);
        bool is_nested = !entry->verdict && sniff_is_archive(inner);
        bool is_too_deep = is_nested && (depth >= LIMIT_ARCHIVE_NESTING || length >= reading->left_bytes);
        const char *verdict = is_too_deep ? "limit" : is_nested ? "ignored" : entry->verdict;
        Source *source = verdict ? NULL
                                 : reading_source_of(reading->options->forms, entry->data, inner, entry->name,
                                                     &reading->context, reading->options->conversions,
                                                     reading->problems, &verdict);
        if (source)
            g_ptr_array_add(reading->sources, source);
        if (is_too_deep)
            problem_add_reading(reading->problems, PROBLEM_LIMIT, entry->name);
        json_array_append_new(reading->parts,
                              json_pack("{s:s, s:s, s:I, s:s, s:s}", "name", entry->name, "type",
                                        sniff_type_name(inner), "bytes", (json_int_t)length, "verdict",
                                        verdict, "container", name));
        reading->left_bytes -= MIN(length, reading->left_bytes - 1); /* 0 would mean: no budget of its own */
        if (is_nested && !is_too_deep)
            read_entries(reading, entry->data, inner, entry->name, depth + 1);
    }
}

/* A bare archive: as a message without text that it is attached to. */
static json_t *read_archive(GBytes *data, FileType type, const char *file, const ReadingOptions *options) {
    g_autofree char *name = g_path_get_basename(file);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func((GDestroyNotify)source_free);
    ArchiveReading reading = {
        .options = options,
        .context = value_context_at(options->received_s, form_set_zone(options->forms)),
        .problems = problems,
        .sources = sources,
        .parts = json_array(),
        .left_bytes = LIMIT_ARCHIVE_TOTAL,
    };
    read_entries(&reading, data, type, name, 1);
    const Source *best = reading_newest(sources, reading_best(sources), &reading.context);
    json_t *out = json_pack("{s:s, s:s}", "file", file, "kind", best ? "submission" : "unknown");
    if (best)
        use_best(out, options->forms, sources, best, NULL, &reading.context, problems);
    mark_converted(out, sources, best, options);
    json_object_set_new(out, "problems", problem_list_to_json(problems, form_set_is_chinese(options->forms)));
    json_object_set_new(out, "parts", reading.parts);
    if (options->with_text)
        add_text(out, sources);
    return out;
}

/* Whether a file that stands alone is to be read as a document: it is one, or is none that its name promises.
 */
static bool is_document(FileType type, const char *file) {
    if (g_str_has_suffix(file, ".eml"))
        return false;
    return formats_is_readable(type) || formats_needs_converter(type) ||
           (type == FILE_BINARY && formats_is_document_name(file));
}

GPtrArray *reading_parse(GBytes *data, const char *file, const ReadingOptions *options) {
    GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    gsize length;
    const guint8 *bytes = g_bytes_get_data(data, &length);
    FileType type = sniff_type(bytes, length, file);
    if (type == FILE_MBOX) {
        g_autoptr(GPtrArray) messages = message_split_mbox(data);
        ReadingOptions each = *options;
        each.message.leaves_memory = false; /* there may be thousands */
        for (guint i = 0; i < messages->len; i++)
            g_ptr_array_add(lines, read_message(g_ptr_array_index(messages, i), file, &each));
    } else if (sniff_is_archive(type))
        g_ptr_array_add(lines, read_archive(data, type, file, options));
    else if (is_document(type, file))
        g_ptr_array_add(lines, read_document(data, type, file, options));
    if (lines->len == 0)
        g_ptr_array_add(lines, read_message(data, file, options));
    return lines;
}
