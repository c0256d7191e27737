#include "gateway/io/config_scores.h"

static const char *const TERM_SCORES[] = {"mean", "sum", NULL};

static const ConfKey WHERE_KEYS[] = {
    {"column", CONF_STRING, .required = true},
    {"has", CONF_STRINGS, .required = true},
    {NULL, CONF_ANY},
};

static const ConfKey RULE_KEYS[] = {
    {"title", CONF_TITLE},
    {"fact", CONF_STRING, .required = true},
    {"where", CONF_GROUP, .keys = WHERE_KEYS},
    {"of", CONF_STRING},
    {"per", CONF_ANY}, /* "day", "person" or a number */
    {"points", CONF_NUMBER, .required = true},
    {"cap", CONF_NUMBER},
    {"if_missing", CONF_NUMBER},
    {"if_none", CONF_NUMBER},
    {NULL, CONF_ANY},
};

static const ConfKey PEOPLE_KEYS[] = {
    {"form", CONF_STRING, .required = true},
    {"table", CONF_STRING, .required = true},
    {"account", CONF_STRING, .required = true},
    {"name", CONF_STRING, .required = true},
    {"group", CONF_STRING},
    {NULL, CONF_ANY},
};

static const ConfKey ACTIVITY_KEYS[] = {
    {"form", CONF_STRING, .required = true},
    {"table", CONF_STRING, .required = true},
    {"account", CONF_STRING, .required = true},
    {NULL, CONF_ANY},
};

static const ConfKey TERM_KEYS[] = {
    {"id", CONF_STRING, .required = true}, {"title", CONF_TITLE}, {"first", CONF_DATE, .required = true},
    {"last", CONF_DATE, .required = true}, {NULL, CONF_ANY},
};

static const ConfKey REDUCTION_KEYS[] = {
    {"fact", CONF_STRING, .required = true},
    {"where", CONF_GROUP, .keys = WHERE_KEYS},
    {"percent_each", CONF_NUMBER, .required = true, .min = 0.01, .max = 100},
    {NULL, CONF_ANY},
};

static const ConfKey PREFERENCE_KEYS[] = {
    {"organizations", CONF_INTEGER, .min = 0, .max = 1000},
    {"persons", CONF_INTEGER, .min = 0, .max = 1000},
    {"score_from", CONF_NUMBER},
    {"late_at_most", CONF_INTEGER, .min = 0, .max = 1000},
    {NULL, CONF_ANY},
};

static const ConfKey AWARDS_KEYS[] = {
    {"places", CONF_INTEGER, .min = 0, .max = 100000},
    {"preference", CONF_GROUP, .keys = PREFERENCE_KEYS},
    {"reduction", CONF_LIST, .keys = REDUCTION_KEYS},
    {"reduction_at_most", CONF_NUMBER, .min = 0.01, .max = 100},
    {NULL, CONF_ANY},
};

const ConfKey CONFIG_SCORES_KEYS[] = {
    {"title", CONF_TITLE},
    {"obligation", CONF_STRING, .required = true},
    {"decimals", CONF_INTEGER, .min = 0, .max = 2},
    {"minimum", CONF_NUMBER},
    {"maximum", CONF_NUMBER},
    {"term_score", CONF_CHOICE, .choices = TERM_SCORES},
    {"shown", CONF_INTEGER, .min = 0, .max = 1000},
    {"people", CONF_GROUP, .keys = PEOPLE_KEYS},
    {"activity", CONF_GROUP, .keys = ACTIVITY_KEYS},
    {"organizations", CONF_LIST, .required = true, .keys = RULE_KEYS},
    {"persons", CONF_LIST, .keys = RULE_KEYS},
    {"terms", CONF_LIST, .keys = TERM_KEYS},
    {"awards", CONF_GROUP, .keys = AWARDS_KEYS},
    {NULL, CONF_ANY},
};
