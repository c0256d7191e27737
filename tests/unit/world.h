/* A small programme with organizations, for tests of the core: reports due on the 13th and 27th at 23:59:59
 * in Shanghai. */
#pragma once

#include "gateway/core/calendar.h"
#include "gateway/core/view.h"

typedef struct {
    Programme *programme;
    Snapshot *snapshot;
} World;

/* Released at the beginning of 2016; no organizations, no submissions. */
World *world_new(void);
void world_free(World *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

/* The instant of a local minute: "2016-06-27T21:14". */
gint64 at(const char *local_minute);

/* Adds an organization; address NULL: nobody is known. Belongs to the world. */
Organization *world_organization(World *world, gint64 id, const char *name, const char *address);
void world_contact(Organization *organization, const char *role, const char *name, const char *address,
                   const char *phone);

/* Adds a submission of form "report"; fields and tables are JSON texts or NULL. Belongs to the world. */
Submission *world_submission(World *world, gint64 org_id, const char *period, const char *received,
                             const char *fields, const char *tables);

const Obligation *world_obligation(const World *world, const char *id);

/* A JSON value of a text in which ' stands for ". Fails the test if it is not JSON. */
json_t *json_of(const char *text);
