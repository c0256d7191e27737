/* The program of the reader role, small and inside this one: no code for network, database, PDF or archives,
 * its libraries linked in, so that it forks in a third of the time (DESIGN 1, 5; README.md). */
#pragma once

/* A new descriptor of it, to be executed with fexecve(3); -1 where there is none (sanitizer builds, a system
 * that refuses executable memory): then the role runs in this program itself. The caller closes it. */
int reader_image_open(void);
