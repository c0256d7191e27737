#include "gateway/core/summary_parts.h"

#include <string.h>

const char *summary_org_name(const SummaryContext *context, gint64 org_id) {
    const Organization *organization = view_organization(context->view, org_id);
    return organization != NULL ? organization->name : "";
}

bool summary_concerns(const SummaryContext *context, gint64 org_id, const char *section) {
    if (context->section == NULL)
        return true;
    const Organization *organization = view_organization(context->view, org_id);
    return (section != NULL && strcmp(section, context->section) == 0) ||
           (organization != NULL && g_strcmp0(organization->section, context->section) == 0);
}
