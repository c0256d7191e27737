/* General words of forms, Chinese and English, that no programme needs to list: what means "nothing filled
 * in", what marks a sample row or a total row, what is instruction and never a label. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* True where text (as written) is empty or only a fill-in line, a dash, a slash, or a placeholder such as
 * 请填写, （必填）, "例：…", "单击此处输入文字". */
bool form_words_is_absent(const char *text);

/* True where text says that the value is the one of the row before: 同上, 〃, "ditto". */
bool form_words_is_same(const char *text);

/* "（如：XX学院）\n护理学院": text without the sample in brackets that stands beside the value, new; NULL
 * where there is none, or nothing else. */
char *form_words_without_sample(const char *text);

/* True for "例", "示例：…", "样例", "e.g. …": a row of the template that shows how to fill in. */
bool form_words_is_sample(const char *text);

/* True for 合计, 总计, 小计, total …: a row that sums others. */
bool form_words_is_total(const char *text);

/* True where a paragraph begins the template's own instructions: 填表说明, 注：, 说明：, "Notes:". */
bool form_words_is_instruction(const char *text);

/* True where a line ends a letter: 此致, 敬礼, 祝好, Best regards. */
bool form_words_is_closing(const char *line);

/* True for a label that is never a field's, whatever it resembles: 咨询电话, 监督电话, 附件, 截止时间 … */
bool form_words_is_foreign_label(const char *normal);

/* True for a bare unit of measurement: "条", "（人次）". */
bool form_words_is_unit(const char *text);

/* True for the head of a column that holds figures of another period or none at all: "上期", "累计", "增减".
 */
bool form_words_is_other_period(const char *text);

/* True for a heading, or the name of a sheet, that says that what follows is another period's: 附：上期数据.
 */
bool form_words_names_other_period(const char *text);

/* The index-th word in a label's normal form that makes it another thing than the label without it ("上期",
 * "率", "未"), or NULL. */
const char *form_words_qualifier(const char *normal, guint index);
