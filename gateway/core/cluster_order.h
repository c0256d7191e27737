/* How much of what two texts share stands in the same order (private to cluster*.c): "甲转乙" and "乙转甲"
 * share all characters, but only two of three in order. By the longest common subsequence, a machine word of
 * it at a time. */
#pragma once

#include <glib.h>

typedef struct ClusterOrder ClusterOrder;

/* Prepares one text, at most CLUSTER_TEXT_MAX characters of it. Free with cluster_order_free(). */
ClusterOrder *cluster_order_new(const gunichar *text, guint length);
void cluster_order_free(ClusterOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ClusterOrder, cluster_order_free)

/* 0..1: of the characters that both have (as often as both have them), the share in the same order; 1 where
 * they have none. */
double cluster_order_share(ClusterOrder *order, const gunichar *text, guint length);
