/* Sections and persons that the configuration makes owe something, brought into the store at the start. */
#pragma once

#include "gateway/keeper/keeper.h"

/* In a transaction of its own. */
bool parties_import(Keeper *keeper, GError **error);
