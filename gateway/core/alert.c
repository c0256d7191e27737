#include "gateway/core/alert.h"

#include "gateway/core/calendar.h"
#include "gateway/core/reason.h"
#include "gateway/core/roster.h"

#define ALERT_LIFE_S  (7 * CALENDAR_DAY_S)
#define LONG_S        (2 * 3600) /* a server may be restarted, a line be cut, for less */
#define STALL_S       3600       /* the slowest message takes minutes */
#define REFUSED_TIMES 3          /* facts/email.md 1.1: after three failures somebody is told */

static const struct {
    const char *name;
    gint64 after_s; /* it must have held so long */
    guint times;    /* and been found so often */
    bool is_daily;  /* told again each day; else once */
    const char *cause_zh, *cause_en, *remedy_zh, *remedy_en;
} rows[ALERT_CODES] = {
    [ALERT_MAILBOX_LOGIN] =
        {"mailbox.login", 0, REFUSED_TIMES, true, "收件箱登录被拒绝，收不到新邮件",
         "the mailbox refuses us: no new mail is read",
         "请在邮箱网页设置中确认 IMAP 服务已开启，重新生成授权码并写入 password_file，再执行 "
         "fortnight check。",
         "Check in the mailbox's web settings that IMAP is on, make a new authorization "
         "code, write it into password_file, then run fortnight check."},
    [ALERT_MAILBOX_UNREACHABLE] =
        {"mailbox.unreachable", LONG_S, 1, false, "收件箱长时间连不上，收不到新邮件",
         "the mailbox has not been reached for long: no new mail is read",
         "请检查网络和 mailbox 的 host、port，再执行 fortnight check；恢复后自动继续，期间不催报。",
         "Check the network and host and port of mailbox, then run fortnight check. It goes on by itself; "
         "nobody is reminded meanwhile."},
    [ALERT_MAILBOX_QUOTA] =
        {"mailbox.quota", 0, 1, false, "收件箱快满了，满后将退回来信",
         "the mailbox is nearly full: soon it will turn mail away",
         "请在邮箱网页中删除或另存旧邮件（已存档的可以删除，可先执行 fortnight verify），或扩大"
         "容量。",
         "Delete or move old mail in the mailbox (what is archived may go; fortnight "
         "verify tells), or get more room."},
    [ALERT_TRANSPORT_LOGIN] = {"smtp.account", 0, REFUSED_TIMES, true,
                               "发信服务器拒绝登录或发信，信件发不出去",
                               "the mail server refuses our account: letters cannot leave",
                               "请在邮箱网页设置中确认 SMTP 服务已开启，重新生成授权码并写入 "
                               "password_file，再执行 fortnight check。",
                               "Check in the web settings that SMTP is on, make a new authorization code, "
                               "write it into password_file, then run fortnight check."},
    [ALERT_TRANSPORT_UNREACHABLE] =
        {"smtp.unreachable", LONG_S, 1, false, "发信服务器长时间连不上，信件发不出去",
         "the mail server has not been reached for long: letters cannot leave",
         "请检查网络和 transport 的 host、port，再执行 fortnight check；信件会在恢复后"
         "发出，过期的不再发。",
         "Check the network and host and port of transport, then run fortnight "
         "check. Letters leave by themselves, but for those that are too late."},
    [ALERT_DISK] = {"disk.low", 0, 1, false, "存档所在的磁盘快满了，再少就停止收信",
                    "the disk of the archive is nearly full: soon intake stops",
                    "请腾出空间，或把 state_dir 移到更大的磁盘；已收到的不会丢失。",
                    "Make room, or move state_dir to a larger disk. What arrived is safe."},
    [ALERT_STALLED] =
        {"intake.stalled", STALL_S, 1, false, "有邮件已存档但迟迟没有读取",
         "mail lies archived and has not been read for long",
         "请查看日志中的 reader.failed 和 role.ended，重新启动 fortnight run；仍不行时执行 fortnight "
         "check。",
         "Look for reader.failed and role.ended in the log and start fortnight run again; if "
         "that does not help, run fortnight check."},
};

const char *alert_code_name(AlertCode code) {
    return rows[code].name;
}

static const RolePerson *person_to_tell(const Programme *programme) {
    const RolePerson *person = roster_role(programme, "operator", NULL);
    if (person == NULL || person->address == NULL)
        person = roster_role(programme, "liaison", NULL);
    return person != NULL && person->address != NULL ? person : NULL;
}

const char *alert_language(const Programme *programme) {
    const RolePerson *person = person_to_tell(programme);
    return person != NULL && person->language != NULL ? person->language : programme->language;
}

Letter *alert_letter_new(const View *view, char *key, const char *code, const char *cause, const char *detail,
                         const char *remedy, gint64 since_s, gint64 now_s) {
    const Programme *programme = view_programme(view);
    const RolePerson *person = person_to_tell(programme);
    if (person == NULL || view_letter_decided(view, key)) {
        g_free(key);
        return NULL;
    }
    const char *language = alert_language(programme);
    g_autofree char *since = calendar_instant_text(programme->zone, since_s, language);
    Letter *letter = g_new0(Letter, 1);
    letter->key = key;
    letter->kind = LETTER_OPERATOR_ALERT;
    letter->to_address = g_strdup(person->address);
    letter->to_name = g_strdup(person->name);
    letter->language = g_strdup(language);
    letter->not_before_s = now_s;
    letter->expires_s = now_s + ALERT_LIFE_S;
    letter->priority = PRIORITY_ACK;
    letter->facts = json_pack("{s:s, s:s, s:s, s:s}", "code", code, "cause_text", cause, "remedy_text",
                              remedy, "since_text", since);
    bool has_detail = detail != NULL && *detail != '\0';
    json_object_set_new(letter->facts, "detail_text", has_detail ? json_string(detail) : json_false());
    return letter;
}

/* "alert/disk.low/1466730000", or by the day: "alert/smtp.account/2016-06-24". */
static char *key_of(const Programme *programme, const AlertCondition *condition, gint64 now_s) {
    const char *name = rows[condition->code].name;
    GDate day;
    char text[CALENDAR_DAY_BYTES];
    if (!rows[condition->code].is_daily)
        return g_strdup_printf("alert/%s/%" G_GINT64_FORMAT, name, condition->since_s);
    calendar_local(programme->zone, now_s, &day, NULL);
    calendar_day_format(&day, text);
    return g_strdup_printf("alert/%s/%s", name, text);
}

Letter *alert_decide(const View *view, const AlertCondition *condition, gint64 now_s) {
    const Programme *programme = view_programme(view);
    AlertCode code = condition->code;
    if (condition->times < rows[code].times || now_s - condition->since_s < rows[code].after_s)
        return NULL;
    bool is_english = g_strcmp0(alert_language(programme), "en") == 0;
    Letter *letter =
        alert_letter_new(view, key_of(programme, condition, now_s), rows[code].name,
                         is_english ? rows[code].cause_en : rows[code].cause_zh, condition->detail,
                         is_english ? rows[code].remedy_en : rows[code].remedy_zh, condition->since_s, now_s);
    if (letter != NULL)
        letter->reason = reason_text(REASON_ALERT, programme->language, NULL);
    return letter;
}
