#include "parsers/form_rule.h"

#include <math.h>
#include <string.h>

#define RULE_MAX_DEPTH 16 /* parentheses; real rules nest two deep */
#define EQUAL_WITHIN   1e-9

typedef enum { NODE_NUMBER, NODE_FIELD, NODE_SUM, NODE_COUNT, NODE_BINARY, NODE_COMPARE } NodeKind;
typedef enum { OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_LE, OP_GE, OP_EQ, OP_NE, OP_LT, OP_GT } Operator;

struct RuleNode {
    NodeKind kind;
    Operator op;
    double number;
    char *name, *column;
    RuleNode *left, *right;
};

typedef struct {
    const char *at;
    const Form *form;
    guint depth;
    GError **error;
} Parser;

void form_rule_free(RuleNode *node) {
    if (!node)
        return;
    form_rule_free(node->left);
    form_rule_free(node->right);
    g_free(node->name);
    g_free(node->column);
    g_free(node);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RuleNode, form_rule_free)

static RuleNode *fail(Parser *parser, const char *what) {
    if (parser->error && !*parser->error)
        g_set_error(parser->error, FORM_ERROR, FORM_ERROR_INVALID, "%s at \"%.20s\"", what, parser->at);
    return NULL;
}

static void skip_space(Parser *parser) {
    while (g_ascii_isspace(*parser->at))
        parser->at++;
}

static char *take_name(Parser *parser) {
    skip_space(parser);
    const char *start = parser->at;
    while (g_ascii_isalnum(*parser->at) || *parser->at == '_')
        parser->at++;
    return g_strndup(start, (gsize)(parser->at - start));
}

static bool take(Parser *parser, const char *token) {
    skip_space(parser);
    if (!g_str_has_prefix(parser->at, token))
        return false;
    parser->at += strlen(token);
    return true;
}

static RuleNode *parse_sum(Parser *parser);

/* sum(table.column) or count(table); the name has been read */
static RuleNode *parse_call(Parser *parser, const char *function) {
    g_autoptr(RuleNode) node = g_new0(RuleNode, 1);
    bool is_count = strcmp(function, "count") == 0;
    if (!is_count && strcmp(function, "sum") != 0)
        return fail(parser, "unknown function");
    node->kind = is_count ? NODE_COUNT : NODE_SUM;
    node->name = take_name(parser);
    int index = form_table_index(parser->form, node->name);
    if (index < 0)
        return fail(parser, "unknown table");
    if (!is_count) {
        if (!take(parser, "."))
            return fail(parser, "sum needs table.column");
        node->column = take_name(parser);
        const FormTable *table = g_ptr_array_index(parser->form->tables, (guint)index);
        bool found = false;
        for (guint i = 0; i < table->columns->len; i++)
            found |= strcmp(((Field *)g_ptr_array_index(table->columns, i))->key, node->column) == 0;
        if (!found)
            return fail(parser, "unknown column");
    }
    return take(parser, ")") ? g_steal_pointer(&node) : fail(parser, "missing )");
}

static RuleNode *parse_operand(Parser *parser) {
    if (take(parser, "(")) {
        if (++parser->depth > RULE_MAX_DEPTH)
            return fail(parser, "nested too deep");
        g_autoptr(RuleNode) inner = parse_sum(parser);
        parser->depth--;
        if (inner && !take(parser, ")"))
            return fail(parser, "missing )");
        return g_steal_pointer(&inner);
    }
    skip_space(parser);
    g_autoptr(RuleNode) node = g_new0(RuleNode, 1);
    if (g_ascii_isdigit(*parser->at)) {
        char *end = NULL;
        node->number = g_ascii_strtod(parser->at, &end);
        parser->at = end;
        return g_steal_pointer(&node);
    }
    g_autofree char *name = take_name(parser);
    if (!*name)
        return fail(parser, "expected a field or a number");
    if (take(parser, "("))
        return parse_call(parser, name);
    if (form_field_index(parser->form, name) < 0)
        return fail(parser, "unknown field");
    node->kind = NODE_FIELD;
    node->name = g_steal_pointer(&name);
    return g_steal_pointer(&node);
}

static RuleNode *binary(NodeKind kind, Operator op, RuleNode *left, RuleNode *right) {
    RuleNode *node = g_new0(RuleNode, 1);
    node->kind = kind;
    node->op = op;
    node->left = left;
    node->right = right;
    return node;
}

static RuleNode *parse_product(Parser *parser) {
    g_autoptr(RuleNode) left = parse_operand(parser);
    while (left) {
        bool multiply = take(parser, "*");
        if (!multiply && !take(parser, "/"))
            break;
        RuleNode *right = parse_operand(parser);
        if (!right)
            return NULL;
        left = binary(NODE_BINARY, multiply ? OP_MUL : OP_DIV, g_steal_pointer(&left), right);
    }
    return g_steal_pointer(&left);
}

static RuleNode *parse_sum(Parser *parser) {
    g_autoptr(RuleNode) left = parse_product(parser);
    while (left) {
        bool plus = take(parser, "+");
        if (!plus && !take(parser, "-"))
            break;
        RuleNode *right = parse_product(parser);
        if (!right)
            return NULL;
        left = binary(NODE_BINARY, plus ? OP_ADD : OP_SUB, g_steal_pointer(&left), right);
    }
    return g_steal_pointer(&left);
}

RuleNode *form_rule_parse(const char *text, const Form *form, GError **error) {
    static const struct {
        const char *token;
        Operator op;
    } comparisons[] = {{"<=", OP_LE}, {">=", OP_GE}, {"==", OP_EQ},
                       {"!=", OP_NE}, {"<", OP_LT},  {">", OP_GT}};
    Parser parser = {.at = text, .form = form, .error = error};
    g_autoptr(RuleNode) left = parse_sum(&parser);
    if (!left)
        return NULL;
    for (guint i = 0; i < G_N_ELEMENTS(comparisons); i++) {
        if (!take(&parser, comparisons[i].token))
            continue;
        g_autoptr(RuleNode) right = parse_sum(&parser);
        if (!right)
            return NULL;
        skip_space(&parser);
        if (*parser.at)
            return fail(&parser, "unexpected text");
        return binary(NODE_COMPARE, comparisons[i].op, g_steal_pointer(&left), g_steal_pointer(&right));
    }
    return fail(&parser, "expected a comparison");
}

/* ---- evaluation
 * --------------------------------------------------------------------------------------------------- */

static bool sum_column(const json_t *rows, const char *column, double *ret_sum) {
    double sum = 0;
    gsize i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        const json_t *value = json_object_get(row, column);
        if (!json_is_number(value)) /* one unknown cell makes the sum unknown */
            return false;
        sum += json_number_value(value);
    }
    *ret_sum = sum;
    return json_array_size(rows) > 0;
}

static bool evaluate(const RuleNode *node, const json_t *values, const json_t *tables, double *ret_value) {
    double left, right;
    switch (node->kind) {
    case NODE_NUMBER:
        *ret_value = node->number;
        return true;
    case NODE_FIELD:
        *ret_value = json_number_value(json_object_get(values, node->name));
        return json_is_number(json_object_get(values, node->name));
    case NODE_COUNT:
        *ret_value = (double)json_array_size(json_object_get(tables, node->name));
        return *ret_value > 0;
    case NODE_SUM:
        return sum_column(json_object_get(tables, node->name), node->column, ret_value);
    case NODE_BINARY:
        break;
    case NODE_COMPARE:
        return false;
    }
    if (!evaluate(node->left, values, tables, &left) || !evaluate(node->right, values, tables, &right))
        return false;
    if (node->op == OP_DIV && fabs(right) < EQUAL_WITHIN)
        return false;
    *ret_value = node->op == OP_ADD   ? left + right
                 : node->op == OP_SUB ? left - right
                 : node->op == OP_MUL ? left * right
                                      : left / right;
    return true;
}

RuleVerdict form_rule_evaluate(const RuleNode *node, const json_t *values, const json_t *tables) {
    double a, b;
    if (!evaluate(node->left, values, tables, &a) || !evaluate(node->right, values, tables, &b))
        return RULE_UNKNOWN;
    bool equal = fabs(a - b) < EQUAL_WITHIN, holds = false;
    switch (node->op) {
    case OP_LE:
        holds = a < b || equal;
        break;
    case OP_GE:
        holds = a > b || equal;
        break;
    case OP_EQ:
        holds = equal;
        break;
    case OP_NE:
        holds = !equal;
        break;
    case OP_LT:
        holds = a < b && !equal;
        break;
    case OP_GT:
        holds = a > b && !equal;
        break;
    default:
        return RULE_UNKNOWN;
    }
    return holds ? RULE_HOLDS : RULE_FAILS;
}

bool form_rule_left_value(const RuleNode *node, const json_t *values, const json_t *tables,
                          double *ret_value) {
    return evaluate(node->left, values, tables, ret_value);
}
